import type { RecordBatch, Schema } from 'apache-arrow';
import { type ArrowModule, type DecodedBatch, type DecodedMessage, loadArrow, StreamDecoder } from '../arrow/index.js';
import { FlightSQLError } from '../errors.js';
import type { Delivery, NativeBinding, NativeCall, NativeOutcome, NativeReader } from '../native/binding-types.js';
import { Call } from '../native/call.js';
import type { ResolvedCallOptions } from '../options/call-options.js';
import { makeWayForFinalizers } from './turns.js';
import { Turnstile } from './turnstile.js';

interface Decoding {
  readonly arrow: ArrowModule;
  readonly decoder: StreamDecoder;
}

/**
 * The messages of one native reader, decoded one delivery at a time.
 *
 * Reads may overlap: they are answered in the order in which they were made. Nothing is fetched ahead of them, so that at most one delivery
 * waits in JavaScript. Once cancelled or failed, every later read throws the same: a result never looks complete when it is not.
 */
export class MessageStream {
  readonly #reader: NativeReader;
  readonly #call: Call;
  readonly #turnstile = new Turnstile();
  #whole: Delivery | null;
  #decoding: Promise<Decoding> | undefined;
  #waiting: readonly DecodedMessage[] = [];
  #position = 0;
  #failure: (() => unknown) | null = null;
  /** Everything has crossed. */
  #complete = false;
  /** Everything was read. */
  #ended = false;
  #collects = false;

  /** `whole` is all of the result, where it has come already. */
  constructor(reader: NativeReader, call: Call, whole: Delivery | null = null) {
    this.#reader = reader;
    this.#call = call;
    this.#whole = whole;
    abandoned.register(this, call);
  }

  /** The stream of a call that begins now. If its signal is aborted nothing is sent, and the first read throws the reason. */
  static start(
    addon: Pick<NativeBinding, 'NativeCancellation'>,
    options: ResolvedCallOptions,
    begin: (call: NativeCall) => NativeReader,
  ): MessageStream {
    const call = new Call(addon, options);
    return new MessageStream(call.aborted ? NEVER_SENT : begin(call.native), call);
  }

  /** Whether the end was reached, or reading failed or was cancelled. */
  get ended(): boolean {
    return this.#ended || this.#failure !== null;
  }

  /** Calls `over` once nothing more is to come, for whatever reason; at once if that is so. */
  whenOver(over: () => void): void {
    if (this.ended || this.#complete) over();
    else this.#call.whenOver(over);
  }

  async schema(): Promise<Schema> {
    const { decoder } = await this.#decoded();
    return decoder.schema;
  }

  async arrow(): Promise<ArrowModule> {
    const { arrow } = await this.#decoded();
    return arrow;
  }

  /** The next message, `null` at the end. */
  next(): Promise<DecodedMessage | null> {
    return this.#next(anything);
  }

  /** The next batch that has rows, `null` at the end; messages without are passed over. */
  async nextBatch(): Promise<RecordBatch | null> {
    const message = await this.#next(hasRows);
    return message === null ? null : message.batch;
  }

  /** The rest of the batches that have rows. They are fetched many at a time, as all are going to be kept. */
  async restOfBatches(): Promise<RecordBatch[]> {
    this.#collects = true;
    const batches: RecordBatch[] = [];
    try {
      for (let batch = await this.nextBatch(); batch !== null; batch = await this.nextBatch()) batches.push(batch);
    } finally {
      this.#reader.collected();
    }
    return batches;
  }

  /** The rest of the stream as one Arrow IPC stream. Only for a stream of which nothing was read. */
  async toIpc(): Promise<Uint8Array> {
    await this.#turnstile.enter();
    try {
      this.#throwFailure();
      this.#whole = null;
      const bytes = this.#call.valueOrThrow(await this.#reader.toIpc());
      this.#complete = this.#ended = true;
      this.#call.end();
      return new Uint8Array(bytes);
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#turnstile.leave();
    }
  }

  /** Ends the stream on both sides, if it has not ended. Returns at once; reads that wait, and later ones, throw code `CANCELLED`. */
  cancel(): void {
    if (this.ended) return;
    this.#failure = cancelled;
    this.#waiting = [];
    this.#whole = null;
    this.#call.cancel(cancelled);
    this.#reader.cancel();
  }

  /** Passing over happens within one turn: a read that waits for its second message must not be overtaken by the one behind it. */
  async #next<T extends DecodedMessage>(wanted: (message: DecodedMessage) => message is T): Promise<T | null> {
    // What is there already needs no turn of its own, if nobody queues for it.
    const ready = this.#turnstile.free && this.#failure === null && !this.#call.aborted ? this.#take(wanted) : undefined;
    if (ready !== undefined) return ready;
    await this.#turnstile.enter();
    try {
      return await this.#fetch(wanted);
    } finally {
      this.#turnstile.leave();
    }
  }

  async #fetch<T extends DecodedMessage>(wanted: (message: DecodedMessage) => message is T): Promise<T | null> {
    this.#throwFailure();
    try {
      for (let ready = this.#take(wanted); ; ready = this.#take(wanted)) {
        if (ready !== undefined) return ready;
        if (this.#complete) {
          this.#ended = true;
          return null;
        }
        await this.#fill();
        this.#throwFailure();
      }
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Takes the next delivery, the first with the schema unless that was asked for by itself. */
  async #fill(): Promise<void> {
    const fetched = this.#fetched();
    this.#decoding ??= this.#startDecoding(async () => {
      const [error, delivery] = await fetched;
      return error === null ? [null, schemaTextOf(delivery)] : [error, undefined];
    });
    const [{ decoder }, outcome] = await Promise.all([this.#decoding, fetched]);
    const delivery = this.#call.valueOrThrow(outcome);
    this.#throwFailure();
    const [, , , handedOut, , isLast] = delivery;
    this.#waiting = decoder.decode(delivery);
    this.#position = 0;
    if (isLast) {
      this.#complete = true;
      this.#call.end();
    }
    await makeWayForFinalizers(handedOut);
  }

  #fetched(): Promise<NativeOutcome<Delivery>> {
    if (this.#whole === null) return this.#reader.next(this.#collects, this.#decoding === undefined);
    const whole = this.#whole;
    this.#whole = null;
    this.#reader.taken();
    return Promise.resolve([null, whole]);
  }

  #schemaText(): Promise<NativeOutcome<string>> {
    return this.#whole === null ? this.#reader.schema() : Promise.resolve([null, schemaTextOf(this.#whole)]);
  }

  #take<T extends DecodedMessage>(wanted: (message: DecodedMessage) => message is T): T | undefined {
    while (this.#position < this.#waiting.length) {
      const message = this.#waiting[this.#position] as DecodedMessage;
      this.#position += 1;
      // The last one taken, this object keeps no memory of the delivery alive.
      if (this.#position === this.#waiting.length) this.#waiting = [];
      if (wanted(message)) return message;
    }
    return undefined;
  }

  #decoded(): Promise<Decoding> {
    this.#decoding ??= this.#startDecoding(() => this.#schemaText());
    return this.#decoding;
  }

  async #startDecoding(schemaText: () => Promise<NativeOutcome<string>>): Promise<Decoding> {
    try {
      this.#throwFailure();
      // apache-arrow is read from disk while the schema is on its way.
      const [arrow, outcome] = await Promise.all([loadArrow(), schemaText()]);
      this.#throwFailure();
      return { arrow, decoder: new StreamDecoder(arrow, this.#call.valueOrThrow(outcome)) };
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /**
   * What a read throws. The first error is remembered, and the stream cancelled; a read that fails after that fails with what was remembered:
   * how the addon answers a read that a cancellation overtook depends on which of the two came first.
   */
  #fail(error: unknown): unknown {
    if (this.#failure !== null) return this.#failure();
    if (!this.#ended) {
      this.#failure = () => error;
      this.#waiting = [];
      this.#whole = null;
      this.#reader.cancel();
      this.#call.end();
    }
    return error;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure();
    // What had arrived before is not given out either: an aborted result has no more rows.
    if (this.#call.aborted && !this.#ended) throw this.#call.abortReason;
  }
}

/** The schema text of a delivery that was asked to bring it. */
function schemaTextOf([, , , , schemaText]: Delivery): string {
  if (schemaText === null) throw new FlightSQLError('BOUNDARY_MISMATCH', 'the addon delivered no schema where it was asked to');
  return schemaText;
}

/** Streams that are collected before their end: the reader is collected with them, which ends them on the server, and so their calls are over. */
const abandoned = new FinalizationRegistry<Call>((call) => call.end());

function anything(message: DecodedMessage): message is DecodedMessage {
  return message !== null;
}

function hasRows(message: DecodedMessage): message is DecodedBatch {
  return message.kind === 'batch' && message.batch.numRows > 0;
}

/** Stands for the reader of a call that was aborted before it began: the stream reads nothing from it. */
const NEVER_SENT: NativeReader = {
  schema: () => Promise.reject(cancelled()),
  next: () => Promise.reject(cancelled()),
  toIpc: () => Promise.reject(cancelled()),
  collected: () => {},
  taken: () => {},
  cancel: () => {},
};

/** Made where it is thrown, so that its stack leads to the read that it ended. */
function cancelled(): FlightSQLError {
  return new FlightSQLError('CANCELLED', 'the result was cancelled before it was read to its end');
}
