import type { RecordBatch, Schema, Table } from 'apache-arrow';
import { isRecordBatch, isTable } from '../arrow/index.js';
import { FlightSQLError } from '../errors.js';
import { expected, kindOf } from '../options/checks.js';

/**
 * A row by the names of its columns; what is left out is null. Values are those that parameters take. Rows are gathered into batches: each has to be an
 * object of its own.
 */
export type IngestRow = Readonly<Record<string, unknown>>;

/**
 * What is ingested: a Table, a RecordBatch, or record batches; rows as objects; or Arrow IPC, a stream or a file, as bytes or as parts of them,
 * such as a Node stream reads.
 */
export type IngestData =
  | Table
  | RecordBatch
  | Uint8Array
  | ArrayBuffer
  | Iterable<RecordBatch>
  | AsyncIterable<RecordBatch>
  | Iterable<IngestRow>
  | AsyncIterable<IngestRow>
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>;

type Sequence<T> = Iterable<T> | AsyncIterable<T>;

/** Ingested data, told apart. `close` ends the caller's iteration where not all of it was taken. */
export type Source = { readonly close: () => Promise<void> } & (
  | { readonly kind: 'batches'; readonly schema: Schema; readonly batches: Sequence<RecordBatch> }
  | { readonly kind: 'rows'; readonly rows: AsyncIterable<IngestRow> }
  | { readonly kind: 'ipc'; readonly parts: AsyncIterable<Uint8Array> }
);

/** An iterable is known by its first element, so that it is begun here. */
export async function sourceOf(data: unknown): Promise<Source> {
  if (data instanceof ArrayBuffer) return { kind: 'ipc', parts: each([new Uint8Array(data)]), close: done };
  if (data instanceof Uint8Array) return { kind: 'ipc', parts: each([data]), close: done };
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data)) throw unusable(data);
  if (isTable(data)) return { kind: 'batches', schema: data.schema, batches: data.batches, close: done };
  if (isRecordBatch(data)) return { kind: 'batches', schema: data.schema, batches: [data], close: done };
  if (!(Symbol.iterator in data) && !(Symbol.asyncIterator in data)) throw unusable(data);
  return Symbol.asyncIterator in data ? sourceOfSequence(data as AsyncIterable<unknown>) : sourceOfIterable(data as Iterable<unknown>);
}

/** Batches that are there are taken without waiting for each. */
async function sourceOfIterable(data: Iterable<unknown>): Promise<Source> {
  const elements = data[Symbol.iterator]();
  const first = elements.next();
  const { value } = first;
  // An array may hold promises as well, which are waited for.
  if (first.done === true || !isRecordBatch(value) || (Array.isArray(data) && !data.every(isRecordBatch))) {
    return sourceOfSequence(resumed(first, elements));
  }
  const rest = new Rest(elements);
  return { kind: 'batches', schema: value.schema, batches: batchesFrom(value, rest), close: async () => rest.close() };
}

/** An iteration whose first step was taken. */
function* resumed(first: IteratorResult<unknown>, rest: Iterator<unknown>): Generator<unknown, void, undefined> {
  if (first.done === true) return;
  let isTaken = false;
  try {
    yield first.value;
    isTaken = true;
    yield* iterable(rest);
  } finally {
    if (!isTaken) rest.return?.();
  }
}

/** What is left of an iteration, which is closed once, and not where it has ended. */
class Rest implements Iterable<unknown> {
  readonly #elements: Iterator<unknown>;
  #isTaken = false;

  constructor(elements: Iterator<unknown>) {
    this.#elements = elements;
  }

  /** From here on the loop over it sees to its end. */
  [Symbol.iterator](): Iterator<unknown> {
    this.#isTaken = true;
    return this.#elements;
  }

  close(): void {
    if (!this.#isTaken) this.#elements.return?.();
  }
}

function* batchesFrom(first: RecordBatch, rest: Rest): Generator<RecordBatch, void, undefined> {
  yield first;
  let at = 1;
  for (const value of rest) {
    if (!isRecordBatch(value)) {
      // Whoever made a promise of it hears of this error, and of no other.
      Promise.resolve(value).catch(done);
      throw mixed(at, value, 'a record batch');
    }
    yield value;
    at += 1;
  }
}

function iterable<T>(iterator: Iterator<T>): Iterable<T> {
  return { [Symbol.iterator]: () => iterator };
}

async function sourceOfSequence(data: Sequence<unknown>): Promise<Source> {
  const elements = each(data);
  const close = async () => void (await elements.return(undefined));
  try {
    const first = await elements.next();
    if (first.done === true) {
      throw new FlightSQLError('INVALID_ARGUMENT', 'the data of the ingest is an iterable of nothing, which tells no columns', {
        hint: 'give a Table without rows, whose schema tells them, or leave the ingest out',
      });
    }
    const { value } = first;
    if (isRecordBatch(value)) {
      return { kind: 'batches', schema: value.schema, batches: from(value, elements, isRecordBatch, 'a record batch'), close };
    }
    if (isBytes(value)) return { kind: 'ipc', parts: from(value, elements, isBytes, 'bytes'), close };
    if (isRow(value)) return { kind: 'rows', rows: from(value, elements, isRow, 'a row as an object'), close };
    throw expected('an element of the data of an ingest', 'a row as an object, a RecordBatch, or bytes of Arrow IPC', value);
  } catch (error) {
    await close();
    throw error;
  }
}

async function* each<T>(data: Sequence<T>): AsyncGenerator<T, undefined, undefined> {
  yield* data;
}

/** The elements, the first of which was taken already. All are what the first one is. */
async function* from<T>(
  first: T,
  rest: AsyncIterable<unknown>,
  is: (value: unknown) => value is T,
  what: string,
): AsyncGenerator<T, undefined, undefined> {
  yield first;
  let at = 1;
  for await (const value of rest) {
    if (!is(value)) throw mixed(at, value, what);
    yield value;
    at += 1;
  }
}

function mixed(at: number, value: unknown, what: string): FlightSQLError {
  const message = `element ${at} of the data of the ingest is ${kindOf(value)}, where the first one is ${what}`;
  return new FlightSQLError('INVALID_ARGUMENT', message);
}

async function done(): Promise<void> {}

function unusable(data: unknown): FlightSQLError {
  return expected('the data of an ingest', 'a Table, a RecordBatch, Arrow IPC bytes, or an iterable of batches, rows or bytes', data);
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isRow(value: unknown): value is IngestRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  // What they hold are no properties: they would be rows of nulls.
  return !(value instanceof Date || value instanceof Map || value instanceof Set);
}
