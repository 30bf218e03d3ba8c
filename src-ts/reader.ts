import type { RecordBatch, Schema, Table } from 'apache-arrow';
import { type DecodedMessage, type ResolvedRowOptions, RowFormatter, type RowOptions, resolveRowOptions, tableOf } from './arrow/index.js';
import type { NoRowOptions, RowOf } from './row-of.js';
import { Consumption } from './stream/consumption.js';
import type { MessageStream } from './stream/message-stream.js';
import { StreamIterator } from './stream/stream-iterator.js';

/** One message of a stream: rows, application metadata, or both. */
export interface FlightStreamChunk {
  /** The rows; `null` for a message that carries application metadata only. May have no rows: servers send such batches to keep a stream alive. */
  readonly batch: RecordBatch | null;
  /** What the server attached to this message. */
  readonly appMetadata: Uint8Array | null;
}

/**
 * Reads the stream of one ticket, message by message or whole.
 *
 * Made by {@link FlightSQLClient.doGet}. Reads go on where the one before ended, and may overlap: they are answered in order. A stream is
 * read once: after `readAll()`, `readRows()` or a loop every further read fails with code `RESULT_CONSUMED`. A reader that is not wanted to
 * its end is cancelled, by leaving its loop, by `cancel()` or by `await using`.
 *
 * @example
 * ```ts
 * const info = await client.execute('SELECT * FROM home')
 * for (const endpoint of info.endpoints) {
 *   for await (const { batch } of client.doGet(endpoint)) console.log(batch?.numRows)
 * }
 * ```
 */
export class FlightStreamReader implements AsyncIterable<FlightStreamChunk>, AsyncDisposable {
  readonly #stream: MessageStream;
  readonly #consumption = new Consumption('stream');

  /** @internal */
  constructor(stream: MessageStream) {
    this.#stream = stream;
  }

  /** The schema of the stream, as soon as its first message is there. May be asked for at any time. */
  schema(): Promise<Schema> {
    return this.#stream.schema();
  }

  /** The next message, or `null` at the end. */
  async readChunk(): Promise<FlightStreamChunk | null> {
    this.#consumption.refuseAfter('readChunk()');
    return this.#chunk();
  }

  /** The rest of the stream as a Table: every batch as it arrived, none copied. All of it is in memory. */
  async readAll(): Promise<Table> {
    this.#consumption.start('readAll()');
    const batches = await this.#stream.restOfBatches();
    return tableOf(await this.#stream.arrow(), await this.#stream.schema(), batches);
  }

  /**
   * The rest of the stream as rows: by default objects with bigint for 64-bit integers, exact text for decimals, and ISO text with every
   * digit for timestamps. All of it is in memory.
   */
  async readRows<const O extends RowOptions = NoRowOptions>(options?: O): Promise<RowOf<O>[]> {
    const resolved: ResolvedRowOptions = resolveRowOptions(options);
    this.#consumption.start('readRows()');
    const batches = await this.#stream.restOfBatches();
    const formatter = new RowFormatter(await this.#stream.schema(), resolved);
    return batches.flatMap((batch) => formatter.toArray(batch)) as RowOf<O>[];
  }

  /** Iterates over the rest of the stream, chunk by chunk. */
  [Symbol.asyncIterator](): AsyncIterableIterator<FlightStreamChunk, undefined> {
    this.#consumption.start('a loop');
    return new StreamIterator(this.#stream, () => this.#chunk());
  }

  /** Ends the stream here and on the server. Reads that wait, and later ones, fail with code `CANCELLED`. After the end it does nothing. */
  cancel(): void {
    this.#stream.cancel();
  }

  /** The same as `cancel()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel();
  }

  async #chunk(): Promise<FlightStreamChunk | null> {
    const message = await this.#stream.next();
    return message === null ? null : chunkOf(message);
  }
}

function chunkOf(message: DecodedMessage): FlightStreamChunk {
  return { batch: message.kind === 'batch' ? message.batch : null, appMetadata: message.appMetadata };
}
