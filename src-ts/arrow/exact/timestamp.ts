import type { Timestamp, Vector } from 'apache-arrow';
import { TypeId } from '../type-ids.js';
import { readElement, valueTypeOf } from './element.js';
import { TimestampWriter } from './timestamp-text.js';

const NANOS_PER_UNIT: readonly bigint[] = [1_000_000_000n, 1_000_000n, 1_000n, 1n];

/**
 * A timestamp as the column has it: a count of the column's unit since 1970-01-01T00:00:00, exact. `null` for a null.
 *
 * @throws TypeError for a vector of another type, RangeError for an index outside it.
 */
export function timestampBigInt(vector: Vector, index: number): bigint | null {
  timestampType(vector, 'timestampBigInt');
  return readElement(vector, index, (data, at) => (data.values as BigInt64Array)[at] as bigint);
}

/**
 * A timestamp as nanoseconds since 1970-01-01T00:00:00, whatever the column's unit. `null` for a null.
 *
 * @throws TypeError for a vector of another type, RangeError for an index outside it.
 */
export function timestampNanos(vector: Vector, index: number): bigint | null {
  const { unit } = timestampType(vector, 'timestampNanos');
  const count = timestampBigInt(vector, index);
  return count === null ? null : count * (NANOS_PER_UNIT[unit] as bigint);
}

/**
 * A timestamp as ISO 8601 text with all decimals of the column's unit: none for seconds, 3, 6 or 9. `null` for a null.
 *
 * Values of a column with a time zone are instants and are written in UTC, `2024-01-02T03:04:05.123456789Z`; values of a column without one
 * are wall-clock times and have no suffix. Years outside 0–9999 have a sign and at least six digits.
 *
 * @throws TypeError for a vector of another type, RangeError for an index outside it.
 */
export function timestampISO(vector: Vector, index: number): string | null {
  const { unit, timezone } = timestampType(vector, 'timestampISO');
  const count = timestampBigInt(vector, index);
  if (count === null) return null;
  count64[0] = count;
  return writerOf(unit, Boolean(timezone)).text(words[0] as number, words[1] as number);
}

const count64 = new BigInt64Array(1);
const words = new Int32Array(count64.buffer);

const writers = NANOS_PER_UNIT.map((_, unit) => [new TimestampWriter(unit, false), new TimestampWriter(unit, true)] as const);

function writerOf(unit: number, zoned: boolean): TimestampWriter {
  const [local, utc] = writers[unit] as readonly [TimestampWriter, TimestampWriter];
  return zoned ? utc : local;
}

function timestampType(vector: Vector, caller: string): Timestamp {
  const type = valueTypeOf(vector);
  if ((type.typeId as number) === TypeId.Timestamp) return type as Timestamp;
  throw new TypeError(`${caller} takes a vector of timestamps, not of ${type}`);
}
