import { checkOptions, oneOf } from '../../options/checks.js';

/** How rows are made from Arrow values. */
export interface RowOptions {
  /**
   * `'object'` (default): an object a row, keyed by column name. Where several columns have one name, the first keeps it and the others get
   * `_1`, `_2`… appended, passing over names that another column has. `'array'`: an array a row, in the order of the columns.
   */
  readonly rowMode?: 'object' | 'array';
  /**
   * What a 64-bit integer becomes: int64, uint64, a duration, the nanoseconds of an interval. `'bigint'` (default), `'string'`, or `'number'`,
   * which throws for a value that a number cannot hold exactly.
   */
  readonly int64?: 'bigint' | 'number' | 'string';
  /** What a decimal becomes: `'string'` (default) is exact, `'number'` the nearest one. */
  readonly decimal?: 'string' | 'number';
  /**
   * What a timestamp becomes: `'iso'` (default), text with all decimals of the column's unit, in UTC with a `Z` where the column has a time
   * zone; `'bigint'`, the count of the column's unit since 1970; `'date'`, a `Date`, which throws for a value finer than a millisecond or out
   * of a `Date`'s range.
   */
  readonly timestamp?: 'iso' | 'bigint' | 'date';
  /** What a time of day becomes: `'iso'` (default), text as in `03:04:05.000006`, or `'bigint'`, the count of the column's unit since midnight. */
  readonly time?: 'iso' | 'bigint';
}

/** Row options with every default filled in. */
export type ResolvedRowOptions = Required<RowOptions>;

const CHECKS = {
  rowMode: oneOf('object', 'array'),
  int64: oneOf('bigint', 'number', 'string'),
  decimal: oneOf('string', 'number'),
  timestamp: oneOf('iso', 'bigint', 'date'),
  time: oneOf('iso', 'bigint'),
};

const DEFAULTS: ResolvedRowOptions = { rowMode: 'object', int64: 'bigint', decimal: 'string', timestamp: 'iso', time: 'iso' };

/**
 * Checks row options and fills in the defaults.
 *
 * @throws FlightSQLError `INVALID_OPTION` for an option or a value that does not exist.
 */
export function resolveRowOptions(options: RowOptions = {}): ResolvedRowOptions {
  return Object.freeze({ ...DEFAULTS, ...checkOptions(options, 'row options', CHECKS) });
}
