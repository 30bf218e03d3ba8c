import type { DataType, Field, Schema } from 'apache-arrow';
import { type ArrowModule, arrayOfValues, batchMessage, inferType, type OutgoingMessage, ValuePlace } from '../arrow/index.js';
import { FlightSQLError } from '../errors.js';
import { suggestion } from '../options/nearest.js';
import type { IngestRow } from './ingest-data.js';

type Types = Readonly<Record<string, DataType | null>>;

/** Rows as they are sent: the schema that the first ones tell, and a message for every so many of them. */
export interface RowBatches {
  readonly schema: Schema;
  readonly messages: AsyncIterable<OutgoingMessage>;
}

/** Gathers rows into batches of `size`. The columns are those of the first batch, and of `types`. */
export async function rowBatches(arrow: ArrowModule, rows: AsyncIterable<IngestRow>, types: Types, size: number): Promise<RowBatches> {
  const chunks = chunked(rows, size)[Symbol.asyncIterator]();
  const first = (await chunks.next()).value ?? [];
  const names = [...new Set([...first.flatMap((row) => Object.keys(row)), ...Object.keys(types)])];
  if (names.length === 0) throw new FlightSQLError('INVALID_ARGUMENT', 'the rows of the ingest are objects without any property');
  const field = (name: string): Field => {
    const values = first.map((row) => valueIn(row, name));
    const type = Object.hasOwn(types, name) ? types[name] : null;
    return new arrow.Field(name, type ?? inferType(arrow, values, `column '${name}'`), true);
  };
  const schema = new arrow.Schema(names.map(field));
  return { schema, messages: messagesOf(schema, first, chunks) };
}

async function* messagesOf(
  schema: Schema,
  first: readonly IngestRow[],
  chunks: AsyncIterator<readonly IngestRow[]>,
): AsyncGenerator<OutgoingMessage, undefined, undefined> {
  const names = new Set(schema.fields.map((field: Field) => field.name));
  let before = 0;
  for (let chunk = first; chunk.length > 0; chunk = (await chunks.next()).value ?? []) {
    const rows = chunk;
    for (const [at, row] of rows.entries()) {
      const unknown = Object.keys(row).find((name) => !names.has(name));
      if (unknown === undefined) continue;
      throw new FlightSQLError(
        'INVALID_ARGUMENT',
        `row ${before + at} has a column '${unknown}', which the first rows have not: ${suggestion(unknown, [...names])}`,
        { hint: 'say all columns with the option types, or give the first rows all of them' },
      );
    }
    const start = before;
    const columns = schema.fields.map(({ name, type }: Field) => {
      const values = rows.map((row) => valueIn(row, name));
      return fitted(() => arrayOfValues(type, values, new ValuePlace(`column '${name}'`, null, start)), start);
    });
    yield batchMessage(rows.length, columns);
    before += rows.length;
  }
}

/** What does not fit in later rows may fit a type that the first ones did not suggest. */
function fitted<T>(make: () => T, before: number): T {
  try {
    return make();
  } catch (error) {
    if (before === 0 || !(error instanceof FlightSQLError) || error.hint !== null) throw error;
    const hint = `the types are those that the first ${before} rows suggest: say others with the option types`;
    throw new FlightSQLError(error.code, error.message, { hint });
  }
}

async function* chunked(rows: AsyncIterable<IngestRow>, size: number): AsyncGenerator<IngestRow[], undefined, undefined> {
  let chunk: IngestRow[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** A column may be called like something that every object has, such as `constructor`; rows that leave it out have no value there. */
function valueIn(row: IngestRow, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(row, name) ? undefined : row[name];
}
