import type { RecordBatch, Schema, Table } from 'apache-arrow';
import { type DecodedMessage, type RowOptions, resolveRowOptions, tableOf } from './arrow/index.js';
import { type FlightInfo, laterFlightInfo } from './flight-info.js';
import type { NativeBinding, OpenedReader } from './native/binding-types.js';
import type { Call } from './native/call.js';
import type { FlightStreamChunk } from './reader.js';
import type { NoRowOptions, RowOf } from './row-of.js';
import { Consumption } from './stream/consumption.js';
import { MessageStream } from './stream/message-stream.js';
import { RowSource } from './stream/row-source.js';
import { StreamIterator } from './stream/stream-iterator.js';

/** The result that a native reader reads, as a FlightInfo message announced it. The call is over when its rows are read. */
export async function openResult(
  addon: Pick<NativeBinding, 'schemaText'>,
  [info, reader, whole]: readonly [info: Uint8Array, ...opened: OpenedReader],
  call: Call,
): Promise<QueryResult> {
  const stream = new MessageStream(reader, call, whole);
  try {
    return new QueryResult(await laterFlightInfo(addon, info), stream);
  } catch (error) {
    stream.cancel();
    throw error;
  }
}

/** A message of a result: rows, application metadata, or both. */
export interface ResultMessage extends FlightStreamChunk {
  /** The endpoint that sent it, by its place in `info.endpoints`. */
  readonly endpoint: number;
}

/**
 * The result of a query: the rows of all its endpoints.
 *
 * It is read once, in one of these ways: a loop over its batches, `messages()`, `table()`, `rows()` or `toIPC()`; another one after that fails with code
 * `RESULT_CONSUMED`. The endpoints are read several at a time; their batches come in the order of
 * the endpoints, unless the query was asked with `ordered: false`. A loop holds one batch at a time and the server waits for it: leaving the loop cancels what
 * is left. A result that is not read to its end should be cancelled, or be made with `await using`.
 *
 * @example
 * ```ts
 * const result = await db.query('SELECT * FROM home')
 * for await (const batch of result) console.log(batch.numRows)
 * ```
 */
export class QueryResult implements AsyncIterable<RecordBatch>, AsyncDisposable {
  readonly #info: () => FlightInfo;
  readonly #stream: MessageStream;
  readonly #consumption = new Consumption('result');

  /** @internal */
  whenOver(over: () => void): void {
    this.#stream.whenOver(over);
  }

  /** @internal */
  constructor(info: () => FlightInfo, stream: MessageStream) {
    this.#info = info;
    this.#stream = stream;
  }

  /** What the server announced: schema, endpoints, totals. Read when it is first asked for: what cannot be told in JavaScript throws `PROTOCOL_ERROR` here. */
  get info(): FlightInfo {
    return this.#info();
  }

  /**
   * The schema of the rows, as soon as the first message is there. May be asked for at any time. That of the first endpoint; where there are
   * several, every field is nullable, as each may say for itself what its rows hold.
   */
  schema(): Promise<Schema> {
    return this.#stream.schema();
  }

  /** Iterates over the record batches. Batches without rows are left out. */
  [Symbol.asyncIterator](): AsyncIterableIterator<RecordBatch, undefined> {
    this.#consumption.start('a loop');
    return new StreamIterator(this.#stream, () => this.#stream.nextBatch());
  }

  /**
   * Iterates over the messages as they come: batches, those without rows too, with the application metadata that the server attached to them, and
   * metadata that came by itself. What came with a schema or a dictionary is a message without a batch.
   *
   * @example
   * ```ts
   * const result = await db.query('SELECT * FROM home')
   * for await (const { batch, appMetadata, endpoint } of result.messages()) console.log(endpoint, batch?.numRows, appMetadata)
   * ```
   */
  messages(): AsyncIterableIterator<ResultMessage, undefined> {
    this.#consumption.start('messages()');
    return new StreamIterator(this.#stream, async () => {
      const message = await this.#stream.next();
      return message === null ? null : messageOf(message);
    });
  }

  /** All rows as a Table, whose columns are views on the memory that was received into. All of it is in memory. */
  async table(): Promise<Table> {
    this.#consumption.start('table()');
    const batches = await this.#stream.restOfBatches();
    return tableOf(await this.#stream.arrow(), await this.#stream.schema(), batches);
  }

  /**
   * Iterates over the rows: by default objects with bigint for 64-bit integers, exact text for decimals, and ISO text with every digit for
   * timestamps. Rows are made as they are asked for.
   *
   * @example
   * ```ts
   * const result = await db.query('SELECT room, temp FROM home')
   * for await (const row of result.rows()) console.log(row.room, row.temp)
   * ```
   */
  rows<const O extends RowOptions = NoRowOptions>(options?: O): AsyncIterableIterator<RowOf<O>, undefined> {
    const resolved = resolveRowOptions(options);
    this.#consumption.start('rows()');
    const source = new RowSource(() => this.#stream.nextBatch(), resolved);
    return new StreamIterator(this.#stream, () => source.next()) as AsyncIterableIterator<RowOf<O>, undefined>;
  }

  /**
   * All rows as the bytes of one Arrow IPC stream, with one schema and one end, for polars, DuckDB and others that read Arrow. All of it is in
   * memory. apache-arrow is not used.
   */
  async toIPC(): Promise<Uint8Array> {
    this.#consumption.start('toIPC()');
    return this.#stream.toIpc();
  }

  /** Ends the query here and on the server. Reads that wait, and later ones, fail with code `CANCELLED`. After the end it does nothing. */
  cancel(): void {
    this.#stream.cancel();
  }

  /** The same as `cancel()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel();
  }
}

function messageOf(message: DecodedMessage): ResultMessage {
  return { batch: message.kind === 'batch' ? message.batch : null, appMetadata: message.appMetadata, endpoint: message.endpoint };
}
