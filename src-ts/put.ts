import type { RecordBatch, Schema, Table } from 'apache-arrow';
import { BatchEncoder, isRecordBatch, isTable, type OutgoingMessage } from './arrow/index.js';
import { FlightSQLError } from './errors.js';
import type { NativeBinding, NativeClient, NativeOutcome, NativePut } from './native/binding-types.js';
import { Call } from './native/call.js';
import { errorOf } from './native/outcome.js';
import { whileUploading } from './native/upload.js';
import type { ResolvedCallOptions } from './options/call-options.js';
import { expected } from './options/checks.js';
import { MessageStream } from './stream/message-stream.js';

/** One message of an upload: rows, application metadata, or both. */
export interface FlightPutMessage {
  readonly batch?: RecordBatch | null | undefined;
  readonly appMetadata?: Uint8Array | null | undefined;
}

/** What an upload brings: a Table, or messages of one schema. */
export type FlightPutData = Table | Iterable<RecordBatch | FlightPutMessage> | AsyncIterable<RecordBatch | FlightPutMessage>;

const NOTHING = new Float64Array(0);

/** Uploads data, and returns the application metadata of each of the server's answers. */
export async function putData(
  addon: Pick<NativeBinding, 'NativeCancellation'>,
  client: () => Pick<NativeClient, 'doPut'>,
  descriptor: Uint8Array,
  data: FlightPutData | null,
  options: ResolvedCallOptions,
): Promise<readonly Uint8Array[]> {
  const call = Call.begin(addon, options);
  try {
    const upload = await Upload.of(data, call);
    try {
      return await upload.send(client().doPut(descriptor, upload.schemaText, call.native), call);
    } finally {
      await upload.close();
    }
  } finally {
    call.end();
  }
}

/** Begins an exchange: sends data, and returns the stream of what it is answered with. What the source throws, reading throws. */
export async function exchangeData(
  addon: Pick<NativeBinding, 'NativeCancellation'>,
  client: () => Pick<NativeClient, 'doExchange'>,
  descriptor: Uint8Array,
  data: FlightPutData | null,
  options: ResolvedCallOptions,
): Promise<MessageStream> {
  const call = Call.begin(addon, options);
  try {
    const upload = await Upload.of(data, call);
    try {
      const put = client().doExchange(descriptor, upload.schemaText, call.cancellable);
      const reader = put.reader();
      if (reader === null) throw await failureOf(put, call);
      const stream = new MessageStream(reader, call);
      upload
        .exchange(put, call)
        .catch((error: unknown) => call.cancel(() => error))
        .finally(() => upload.close())
        .catch(ignore);
      return stream;
    } catch (error) {
      await upload.close();
      throw error;
    }
  } catch (error) {
    call.end();
    throw error;
  }
}

async function failureOf(put: NativePut, call: Call): Promise<unknown> {
  try {
    call.valueOrThrow(await put.finishPlain());
    return new FlightSQLError('CLOSED', 'the exchange has no answers');
  } catch (error) {
    return error;
  }
}

/** Messages on their way up, whose schema goes first. */
class Upload {
  readonly #ahead: readonly FlightPutMessage[];
  readonly #rest: AsyncGenerator<FlightPutMessage, undefined, undefined>;
  readonly #encoder: BatchEncoder | null;
  readonly #call: Call;

  private constructor(
    ahead: readonly FlightPutMessage[],
    rest: AsyncGenerator<FlightPutMessage, undefined, undefined>,
    schema: Schema | null,
    call: Call,
  ) {
    this.#call = call;
    this.#ahead = ahead;
    this.#rest = rest;
    this.#encoder = schema === null ? null : new BatchEncoder(schema);
  }

  /** The schema comes with the descriptor, so that the first batch is looked for before anything is sent. */
  static async of(data: FlightPutData | null, call: Call): Promise<Upload> {
    const messages = messagesOf(data);
    const ahead: FlightPutMessage[] = [];
    let schema: Schema | null = isTable(data) ? data.schema : null;
    try {
      for (let next = await call.during(messages.next()); next.done !== true; next = await call.during(messages.next())) {
        ahead.push(next.value);
        schema ??= next.value.batch?.schema ?? null;
        if (schema !== null) break;
      }
      return new Upload(ahead, messages, schema, call);
    } catch (error) {
      await closed(messages, call);
      throw error;
    }
  }

  /** `null` where no message has rows. */
  get schemaText(): string | null {
    return this.#encoder?.schemaText ?? null;
  }

  async send(put: NativePut, call: Call): Promise<readonly Uint8Array[]> {
    try {
      for (const message of this.#ahead) {
        for (const sent of writes(put, this.#encoder, message)) if (sent !== null) call.valueOrThrow(await sent);
      }
      for await (const message of whileUploading(this.#rest, put, call)) {
        for (const sent of writes(put, this.#encoder, message)) if (sent !== null) call.valueOrThrow(await sent);
      }
      return call.valueOrThrow(await put.finishPlain());
    } catch (error) {
      put.cancel();
      throw error;
    }
  }

  /** Sends until all is sent, or the call is over: of what, those who read the answers learn. */
  async exchange(put: NativePut, call: Call): Promise<void> {
    for (const message of this.#ahead) if (!(await taken(put, this.#encoder, message))) return;
    for await (const message of during(this.#rest, call)) if (!(await taken(put, this.#encoder, message))) return;
    await put.finishPlain();
  }

  /** Ends the caller's iteration, where not all of it was taken. */
  async close(): Promise<void> {
    await closed(this.#rest, this.#call);
  }
}

async function* during<T>(source: AsyncIterator<T>, call: Call): AsyncGenerator<T, void, undefined> {
  for (let next = await call.during(source.next()); next.done !== true; next = await call.during(source.next())) yield next.value;
}

/** An iterator that was left waiting is closed once it goes on, if it ever does. */
async function closed(messages: AsyncGenerator<FlightPutMessage>, call: Call): Promise<void> {
  const closing = messages.return(undefined);
  if (call.hasLeft) closing.catch(ignore);
  else await closing;
}

/** Writes a message, in the parts that it has: each when the one before it was waited for. */
function* writes(
  put: NativePut,
  encoder: BatchEncoder | null,
  { batch, appMetadata }: FlightPutMessage,
): Generator<Promise<NativeOutcome<null>> | null, void, undefined> {
  if (encoder === null || batch === null || batch === undefined) {
    yield put.write(NOTHING, [], appMetadata ?? new Uint8Array(0));
    return;
  }
  let last: OutgoingMessage | null = null;
  for (const message of encoder.messages(batch)) {
    if (last !== null) yield put.write(last.words, last.buffers, null);
    last = message;
  }
  // What is attached to a batch comes once, with the end of it.
  if (last !== null) yield put.write(last.words, last.buffers, appMetadata ?? null);
}

/** Whether an exchange took a message. One that is over takes none; what is wrong with the message itself is thrown. */
async function taken(put: NativePut, encoder: BatchEncoder | null, message: FlightPutMessage): Promise<boolean> {
  for (const sent of writes(put, encoder, message)) {
    if (sent === null) continue;
    const [text] = await sent;
    if (text === null) continue;
    const error = errorOf(text);
    if (error.code === 'PROTOCOL_ERROR' || error.code === 'CLOSED') return false;
    throw error;
  }
  return true;
}

/** What the caller's iterator has to say after the end of the upload. */
function ignore(): void {}

async function* messagesOf(data: unknown): AsyncGenerator<FlightPutMessage, undefined, undefined> {
  if (data === null || data === undefined) return;
  if (typeof data !== 'object' || !(isTable(data) || Symbol.iterator in data || Symbol.asyncIterator in data)) {
    throw expected('the data', 'a Table, an iterable of record batches or of messages { batch, appMetadata }, or null', data);
  }
  const elements = isTable(data) ? data.batches : (data as Iterable<unknown> | AsyncIterable<unknown>);
  for await (const element of elements) yield messageOf(element);
}

function messageOf(element: unknown): FlightPutMessage {
  if (isRecordBatch(element)) return { batch: element };
  if (typeof element === 'object' && element !== null && ('batch' in element || 'appMetadata' in element)) {
    const { batch, appMetadata } = element as FlightPutMessage;
    const isRight =
      (batch === undefined || batch === null || isRecordBatch(batch)) && (appMetadata ?? new Uint8Array(0)) instanceof Uint8Array;
    if (isRight) return { batch, appMetadata };
  }
  throw expected('an element of the data', 'a RecordBatch, or { batch, appMetadata } with a RecordBatch and a Uint8Array', element);
}
