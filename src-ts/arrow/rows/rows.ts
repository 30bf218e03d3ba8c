import type { Data, RecordBatch, Schema } from 'apache-arrow';
import { uniqueNames } from './column-names.js';
import { RowObjects, type ValueReader } from './row-objects.js';
import { type ResolvedRowOptions, type RowOptions, resolveRowOptions } from './row-options.js';
import type { Row, RowArray } from './row-types.js';
import { ValueReaders } from './value-readers.js';

/** Rows are made this many at a time: one column after the other, which is faster than row by row, and little enough to be cheap to drop. */
const STRETCH = 256;

/** Makes rows from the batches of one schema. */
export class RowFormatter {
  /** The columns as the rows' keys: unique names in the order of the schema. */
  readonly columns: readonly string[];
  readonly #options: ResolvedRowOptions;
  readonly #readers: ValueReaders;
  readonly #objects: RowObjects;

  /** @throws FlightSQLError `INVALID_OPTION` for an option or a value that does not exist. */
  constructor(schema: Schema, options: RowOptions = {}) {
    this.#options = resolveRowOptions(options);
    this.#readers = new ValueReaders(this.#options);
    this.columns = uniqueNames(schema.fields.map((field) => field.name));
    this.#objects = new RowObjects(this.columns);
  }

  /** All rows of a batch. */
  toArray(batch: RecordBatch): Row[] {
    const rows = new Array<Row>(batch.numRows);
    let at = 0;
    for (const stretch of this.#stretches(batch)) for (const row of stretch) rows[at++] = row;
    return rows;
  }

  /** The rows of a batch, made as they are asked for. */
  *rows(batch: RecordBatch): Generator<Row, void, undefined> {
    for (const stretch of this.#stretches(batch)) yield* stretch;
  }

  *#stretches(batch: RecordBatch): Generator<Row[], void, undefined> {
    const { children, length } = batch.data;
    const readers = this.columns.map((name, column) => this.#readers.of(children[column] as Data, name));
    const objects = this.#options.rowMode === 'object';
    for (let from = 0; from < length; from += STRETCH) {
      const rows = Math.min(STRETCH, length - from);
      yield objects ? this.#objects.read(readers, from, rows) : arrays(readers, from, rows);
    }
  }
}

/**
 * The rows of a batch, made as they are asked for.
 *
 * For several batches of one schema, make a {@link RowFormatter} once.
 */
export function rowsOf(batch: RecordBatch, options?: RowOptions): Generator<Row, void, undefined> {
  return new RowFormatter(batch.schema, options).rows(batch);
}

function arrays(readers: readonly ValueReader[], from: number, rows: number): RowArray[] {
  const made = new Array<RowArray>(rows);
  for (let i = 0; i < rows; i++) {
    const row: RowArray = new Array(readers.length);
    for (let column = 0; column < readers.length; column++) row[column] = (readers[column] as ValueReader)(from + i);
    made[i] = row;
  }
  return made;
}
