import type { DataType, RecordBatch, Table } from 'apache-arrow';

/**
 * A value for a parameter.
 *
 * | Arrow type | takes |
 * |---|---|
 * | bool | `boolean` |
 * | integers | whole `number`, `bigint`, within the type's range |
 * | float16–64 | `number`; a `bigint` that is exactly a number |
 * | decimal | text such as `'-12.50'`, `bigint`, `number`: no digit may be lost |
 * | utf8 of all kinds | `string` |
 * | binary of all kinds | `Uint8Array`, `Buffer`, `ArrayBuffer`, any view |
 * | date | `'YYYY-MM-DD'`, a `Date` at midnight UTC |
 * | time | `'HH:MM:SS.fraction'`, a `bigint` of nanoseconds since midnight |
 * | timestamp | a `Date`, a `bigint` of nanoseconds since 1970, ISO 8601 text, with a zone where the type has one |
 * | duration | whole `number` or `bigint` of the type's unit |
 * | interval | `{ months }`, `{ days, milliseconds }` or `{ months, days, nanoseconds }` |
 * | lists | arrays, typed arrays |
 * | struct | objects |
 * | map | `Map`, array of `[key, value]`, object |
 * | any | `null`, `undefined` |
 */
export type ParameterValue = unknown;

/** Values for one run of a statement: by position, or by name. A name may be given with its sigil (`:`, `@`, `$`) or without. */
export type ParameterRow = readonly ParameterValue[] | Readonly<Record<string, ParameterValue>>;

/**
 * Values for the parameters of a statement:
 *
 * - an array by position, or an object by name;
 * - an array of such arrays or objects, for a run with each of them;
 * - an apache-arrow Table or RecordBatch, or an iterable or async iterable of batches, whose columns are the parameters in order: a run with each
 *   row.
 */
export type QueryParameters =
  | ParameterRow
  | readonly ParameterRow[]
  | Table
  | RecordBatch
  | Iterable<RecordBatch>
  | AsyncIterable<RecordBatch>;

/** Arrow types of parameters, by position or by name, in place of those that the server names or the values suggest; `null` leaves one as it is. */
export type ParameterTypes = readonly (DataType | null)[] | Readonly<Record<string, DataType | null>>;
