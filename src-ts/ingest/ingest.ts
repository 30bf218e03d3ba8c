import type { RecordBatch } from 'apache-arrow';
import { BatchEncoder, loadArrow, type OutgoingMessage, PIECE_BYTES, schemaTextOf } from '../arrow/index.js';
import { type ErrorProgress, FlightSQLError } from '../errors.js';
import type { NativeBinding, NativeClient, NativeOutcome, NativePut } from '../native/binding-types.js';
import { Call } from '../native/call.js';
import { whileUploading } from '../native/upload.js';
import type { ResolvedIngest } from '../options/ingest-options.js';
import { type Source, sourceOf } from './ingest-data.js';
import { rowBatches } from './row-batches.js';
import { WritesAhead } from './writes-ahead.js';

/** How often progress is told at most, in milliseconds. */
const PROGRESS_MS = 100;

/** Sends data into a table. Returns how many rows the server says that it took, `null` where it does not know. */
export async function ingest(
  addon: Pick<NativeBinding, 'NativeCancellation'>,
  client: () => Pick<NativeClient, 'ingest'>,
  data: unknown,
  options: ResolvedIngest,
  transaction: Uint8Array | null,
): Promise<bigint | null> {
  const call = Call.begin(addon, options.call);
  try {
    const source = await call.during(sourceOf(data), ({ close }) => void close().catch(ignore));
    try {
      const { schemaText, writes } = await call.during(prepared(source, options));
      const put = client().ingest({ ...options.request, transaction }, schemaText, call.native);
      return await new Upload(put, call, options.onProgress).send(writes);
    } finally {
      const closing = source.close();
      // A source that was left waiting is closed once it goes on, if it ever does.
      if (call.hasLeft) closing.catch(ignore);
      else await closing;
    }
  } finally {
    call.end();
  }
}

/** What the caller's source has to say after the end of the ingest. */
function ignore(): void {}

/** A part to be sent. */
interface Write {
  readonly bytes: number;
  /** `null` where there was room at once. */
  readonly to: (put: NativePut) => Promise<NativeOutcome<null>> | null;
}

interface Prepared {
  /** `null` for Arrow IPC, which begins with its own. */
  readonly schemaText: string | null;
  readonly writes: Iterable<Write> | AsyncIterable<Write>;
}

async function prepared(source: Source, options: ResolvedIngest): Promise<Prepared> {
  if (source.kind === 'ipc') return { schemaText: null, writes: ipcWrites(source.parts) };
  const arrow = await loadArrow();
  if (source.kind === 'rows') {
    const { schema, messages } = await rowBatches(arrow, source.rows, options.types, options.batchRows);
    return { schemaText: schemaTextOf(schema), writes: messageWrites(messages) };
  }
  const schemaText = schemaTextOf(source.schema);
  const encoder = new BatchEncoder(source.schema, schemaText);
  const { batches } = source;
  return { schemaText, writes: Symbol.asyncIterator in batches ? batchWrites(encoder, batches) : batchWritesAtOnce(encoder, batches) };
}

async function* ipcWrites(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Write, undefined, undefined> {
  for await (const part of parts) {
    for (let at = 0; at < part.length; at += PIECE_BYTES) {
      const piece = part.subarray(at, at + PIECE_BYTES);
      yield { bytes: piece.length, to: (put) => put.writeIpc(piece) };
    }
  }
}

async function* messageWrites(messages: AsyncIterable<OutgoingMessage>): AsyncGenerator<Write, undefined, undefined> {
  for await (const message of messages) yield writeOf(message);
}

async function* batchWrites(encoder: BatchEncoder, batches: AsyncIterable<RecordBatch>): AsyncGenerator<Write, undefined, undefined> {
  for await (const batch of batches) for (const message of encoder.messages(batch)) yield writeOf(message);
}

function* batchWritesAtOnce(encoder: BatchEncoder, batches: Iterable<RecordBatch>): Generator<Write, undefined, undefined> {
  for (const batch of batches) for (const message of encoder.messages(batch)) yield writeOf(message);
}

function writeOf({ words, buffers }: OutgoingMessage): Write {
  let bytes = 0;
  for (const buffer of buffers) bytes += buffer.length;
  return { bytes, to: (put) => put.write(words, buffers, null) };
}

/** Rows on their way. */
class Upload {
  readonly #put: NativePut;
  readonly #call: Call;
  readonly #onProgress: ResolvedIngest['onProgress'];
  #told = performance.now();
  /** What the call itself failed of. */
  #failure: unknown = null;

  constructor(put: NativePut, call: Call, onProgress: ResolvedIngest['onProgress']) {
    this.#put = put;
    this.#call = call;
    this.#onProgress = onProgress;
  }

  /** Sends all of it. What fails on the way leaves no stream open, and the server a part that it knows to be one. */
  async send(writes: Iterable<Write> | AsyncIterable<Write>): Promise<bigint | null> {
    const ahead = new WritesAhead((sent) => this.#settle(sent));
    try {
      if (Symbol.asyncIterator in writes) {
        for await (const write of whileUploading(writes[Symbol.asyncIterator](), this.#put, this.#call)) await this.#write(write, ahead);
      } else {
        await this.#writeAtOnce(writes, ahead);
      }
      await ahead.settleAll();
      const [, count] = this.#value(await this.#put.finish());
      this.#tell();
      return count;
    } catch (error) {
      this.#put.cancel();
      throw this.#located(error);
    }
  }

  /** Sends what is there already, and waits only where there is no room, or for the event loop's sake. */
  async #writeAtOnce(writes: Iterable<Write>, ahead: WritesAhead): Promise<void> {
    for (const write of writes) {
      const waiting = this.#write(write, ahead);
      if (waiting !== null) await waiting;
    }
  }

  #write({ bytes, to }: Write, ahead: WritesAhead): Promise<void> | null {
    const sent = to(this.#put);
    if (sent !== null) return ahead.add(bytes, sent, this.#put.isDirect());
    this.#tellIfDue();
    return ahead.turn();
  }

  #tellIfDue(): void {
    if (this.#onProgress !== null && performance.now() - this.#told >= PROGRESS_MS) this.#tell();
  }

  async #settle(sent: Promise<NativeOutcome<null>>): Promise<void> {
    this.#value(await sent);
    this.#tellIfDue();
  }

  #value<T>(outcome: NativeOutcome<T>): T {
    try {
      return this.#call.valueOrThrow(outcome);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #tell(): void {
    this.#told = performance.now();
    if (this.#onProgress === null) return;
    const { rows, batches } = this.#put.sent();
    this.#onProgress({ rows, batches });
  }

  /** What was thrown, with how far the upload had come: a failure of the call knows that itself; that of a source may know how far that was read. */
  #located(error: unknown): unknown {
    if (!(error instanceof FlightSQLError) || (this.#call.aborted && error === this.#call.abortReason)) return error;
    const progress = error === this.#failure ? error.progress : null;
    const { rows, batches, acknowledgedRows = null }: ErrorProgress = progress ?? this.#put.sent();
    const { code, message, grpcCode, details, endpoint, column, retryable, hint, cause } = error;
    const fields = { grpcCode, details, endpoint, column, retryable, hint, cause, progress: { batches, rows, acknowledgedRows } };
    // A mistake of the caller's that was found before anything was sent is that alone.
    if (rows === 0 && error !== this.#failure) return new FlightSQLError(code, message, fields);
    const sent = rows === 1 ? '1 row was sent' : `${rows} rows were sent`;
    const taken = acknowledgedRows === null ? 'has not said how many it took' : `has said that it took ${acknowledgedRows}`;
    return new FlightSQLError(code, `${message} (${sent}, and the server ${taken})`, fields);
  }
}
