import { setImmediate } from 'node:timers/promises';
import * as arrow from 'apache-arrow';
import type { Delivery, NativeBinding, NativeCall, NativeOutcome, NativeReader } from '../../src-ts/native/binding-types.js';
import { Call } from '../../src-ts/native/call.js';
import { type CallOptions, resolveCallOptions } from '../../src-ts/options/call-options.js';
import { MessageStream } from '../../src-ts/stream/message-stream.js';
import { DeliveryWriter, schemaTextOf } from './arrow-delivery.js';

export const SCHEMA = new arrow.Schema([new arrow.Field('id', new arrow.Int64(), false), new arrow.Field('name', new arrow.Utf8(), true)]);

/** A batch of consecutive ids from `first`, with names. */
export function batchOf(first: number, rows: number): arrow.RecordBatch {
  const ids = Array.from({ length: rows }, (_, i) => BigInt(first + i));
  const children = [
    arrow.vectorFromArray(ids, new arrow.Int64()).data[0] ?? arrow.makeData({ type: new arrow.Int64(), length: 0 }),
    arrow.vectorFromArray(
      ids.map((id) => `n${id}`),
      new arrow.Utf8(),
    ).data[0] ?? arrow.makeData({ type: new arrow.Utf8(), length: 0 }),
  ];
  return new arrow.RecordBatch(SCHEMA, arrow.makeData({ type: new arrow.Struct(SCHEMA.fields), length: rows, nullCount: 0, children }));
}

/** A delivery of batches: `[first, rows]` each. */
export function deliveryOf(...batches: (readonly [first: number, rows: number])[]): Delivery {
  const writer = new DeliveryWriter(SCHEMA);
  for (const [first, rows] of batches) writer.batch(batchOf(first, rows));
  return writer.finish();
}

/** The same, after which nothing comes. */
export function lastOf(...batches: (readonly [first: number, rows: number])[]): Delivery {
  const [words, allocations, appMetadata, handedOut, schemaText] = deliveryOf(...batches);
  return [words, allocations, appMetadata, handedOut, schemaText, true];
}

export function errorText(code: string, message = 'it failed'): string {
  const rest = { grpcCode: null, details: null, endpoint: null, progress: null, column: null, retryable: false, hint: null, causes: [] };
  return JSON.stringify({ code, message, ...rest });
}

/**
 * A native reader that answers what it is told: `null` is the end, text an error, and `'wait'` answers only when it is cancelled;
 * `'wait, closed'` as well, but like a reader whose cancellation came first. Like the real one it answers on a later turn of the event loop,
 * and overlapping calls in order.
 */
export class FakeReader implements NativeReader {
  readonly #answers: (Delivery | string | null)[];
  readonly calls = { schema: 0, withSchema: 0, next: 0, collected: 0, taken: 0, toIpc: 0, cancel: 0 };
  readonly #cancelled: Promise<void>;
  #cancel: () => void = () => {};

  constructor(answers: (Delivery | string | null)[]) {
    this.#answers = [...answers];
    this.#cancelled = new Promise((resolve) => {
      this.#cancel = resolve;
    });
  }

  async schema(): Promise<NativeOutcome<string>> {
    this.calls.schema += 1;
    await setImmediate();
    return [null, schemaTextOf(SCHEMA)];
  }

  async next(_collect: boolean, withSchema: boolean): Promise<NativeOutcome<Delivery>> {
    this.calls.next += 1;
    if (withSchema) this.calls.withSchema += 1;
    const answer = this.#answers.length === 0 ? null : this.#answers.shift();
    await setImmediate();
    if (answer === 'wait' || answer === 'wait, closed') {
      await this.#cancelled;
      return [errorText(answer === 'wait' ? 'CANCELLED_BY_CALLER' : 'CLOSED'), undefined];
    }
    if (typeof answer === 'string') return [answer, undefined];
    const [words, allocations, appMetadata, handedOut] = answer ?? [new Float64Array(0), [], [], 0];
    return [null, [words, allocations, appMetadata, handedOut, withSchema ? schemaTextOf(SCHEMA) : null, answer?.[5] ?? true]];
  }

  collected(): void {
    this.calls.collected += 1;
  }

  taken(): void {
    this.calls.taken += 1;
  }

  async toIpc(): Promise<NativeOutcome<ArrayBuffer>> {
    this.calls.toIpc += 1;
    await setImmediate();
    return [null, new ArrayBuffer(3)];
  }

  cancel(): void {
    this.calls.cancel += 1;
    this.#cancel();
  }
}

/** Counts what is asked of the addon. */
export class FakeAddon implements Pick<NativeBinding, 'NativeCancellation'> {
  cancelled = 0;
  readonly NativeCancellation: NativeBinding['NativeCancellation'];
  onCancel: () => void = () => {};

  constructor() {
    const addon = this;
    this.NativeCancellation = class {
      cancel(): void {
        addon.cancelled += 1;
        addon.onCancel();
      }
    };
  }
}

export interface FakeStream {
  readonly addon: FakeAddon;
  readonly reader: FakeReader;
  readonly stream: MessageStream;
  /** What the native call was told; empty if none began. */
  readonly calls: NativeCall[];
}

/** A stream over a fake reader. An aborted signal cancels the reader, as the core does. */
export function streamOf(answers: (Delivery | string | null)[], options?: CallOptions): FakeStream {
  const addon = new FakeAddon();
  const reader = new FakeReader(answers);
  addon.onCancel = () => reader.cancel();
  const calls: NativeCall[] = [];
  const stream = MessageStream.start(addon, resolveCallOptions(options), (call) => {
    calls.push(call);
    return reader;
  });
  return { addon, reader, stream, calls };
}

/** The stream of a result that came whole with its reader. */
export function wholeOf(...batches: (readonly [first: number, rows: number])[]): Pick<FakeStream, 'stream' | 'reader'> {
  const reader = new FakeReader([]);
  const [words, allocations, appMetadata, handedOut] = deliveryOf(...batches);
  const whole: Delivery = [words, allocations, appMetadata, handedOut, schemaTextOf(SCHEMA), true];
  return { reader, stream: new MessageStream(reader, callOf(new FakeAddon()), whole) };
}

export function callOf(addon: FakeAddon, options?: CallOptions): Call {
  return Call.begin(addon, resolveCallOptions(options));
}
