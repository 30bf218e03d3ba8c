/**
 * A value of a row.
 *
 * | Arrow type | value |
 * |---|---|
 * | null, any null | `null` |
 * | bool | `boolean` |
 * | int8–32, uint8–32, float16–64 | `number` |
 * | int64, uint64, duration | `bigint`, in the column's unit (see `int64`) |
 * | decimal | exact text (see `decimal`) |
 * | utf8, large utf8, utf8 view | `string` |
 * | binary of all kinds | `Uint8Array`, a copy of its own |
 * | date | `'YYYY-MM-DD'`; a 64-bit date that is not a whole day keeps its time: `'2024-01-02T03:04:05.000'` |
 * | time | text, `'03:04:05.000006'` (see `time`) |
 * | timestamp | ISO 8601 text (see `timestamp`) |
 * | interval | `{ months }`, `{ days, milliseconds }` or `{ months, days, nanoseconds }` |
 * | lists | array |
 * | struct | object |
 * | map | array of `[key, value]` in the order sent: keys need be neither strings nor unique; `new Map(value)` makes a Map of it |
 * | union | the value |
 * | dictionary | the value it stands for |
 * | extension types | the value of the storage type |
 *
 * Durations are numbers to calculate with, so they stay counts; times, like dates and timestamps, are read, and their unit is not in the row,
 * so they are text.
 */
export type RowValue = null | boolean | number | bigint | string | Date | Uint8Array | RowValue[] | { [name: string]: RowValue };

/** A row as an object, keyed by column name. */
export type RowObject = { [name: string]: RowValue };

/** A row as an array, in the order of the columns. */
export type RowArray = RowValue[];

export type Row = RowObject | RowArray;
