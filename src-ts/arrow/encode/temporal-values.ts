import type { DataType, Date_, Duration, Interval, Time, Timestamp } from 'apache-arrow';
import { DateUnitId, IntervalUnitId } from '../type-ids.js';
import { wholeNumber } from './number-values.js';
import { bytesOf } from './outgoing.js';
import { isAbsent } from './validity.js';
import type { ValuePlace } from './value-place.js';

const NANOS_PER_DAY = 86_400_000_000_000n;
const NANOS_PER_MILLISECOND = 1_000_000n;
/** Nanoseconds of each unit. */
const UNIT_NANOS = [1_000_000_000n, 1_000_000n, 1000n, 1n] as const;

const DATE = /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)$/;
const CLOCK = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;
const ZONE = /(Z|[+-]\d\d(?::?\d\d)?)$/i;

type ToNanos = (value: unknown, row: number) => bigint;

/** Dates: `'YYYY-MM-DD'`, or a Date at midnight UTC. */
export function dateBytes(type: Date_, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const nanos: ToNanos = (value, row) => {
    const found = value instanceof Date ? nanosOfDate(value) : typeof value === 'string' ? nanosOfDay(value) : null;
    if (found === null) throw place.misfit(row, type, value, "it takes 'YYYY-MM-DD', or a Date at midnight UTC");
    if (found % NANOS_PER_DAY !== 0n) throw place.misfit(row, type, value, 'it has a time of day, which a date does not keep');
    return found;
  };
  return type.unit === DateUnitId.Day
    ? counts(type, values, place, nanos, NANOS_PER_DAY, new Int32Array(values.length))
    : counts(type, values, place, nanos, NANOS_PER_MILLISECOND, new BigInt64Array(values.length));
}

/** Times of day: `'HH:MM:SS.fraction'`, or a bigint of nanoseconds since midnight. */
export function timeBytes(type: Time, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const nanos: ToNanos = (value, row) => {
    const found = typeof value === 'bigint' ? value : typeof value === 'string' ? nanosOfClock(value) : null;
    if (found === null) throw place.misfit(row, type, value, "it takes 'HH:MM:SS.fraction', or a bigint of nanoseconds since midnight");
    if (found < 0n || found >= NANOS_PER_DAY) throw place.misfit(row, type, value, 'a day has 24 hours');
    return found;
  };
  const out = type.bitWidth === 32 ? new Int32Array(values.length) : new BigInt64Array(values.length);
  return counts(type, values, place, nanos, UNIT_NANOS[type.unit] as bigint, out);
}

/** Timestamps: a Date, a bigint of nanoseconds since 1970 (UTC), or ISO 8601 text, which needs a zone where the column has one. */
export function timestampBytes(type: Timestamp, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const isZoned = Boolean(type.timezone);
  const nanos: ToNanos = (value, row) => {
    if (typeof value === 'bigint') return value;
    const found = value instanceof Date ? nanosOfDate(value) : typeof value === 'string' ? nanosOfTimestamp(value, isZoned) : null;
    if (found !== null) return found;
    const zone = isZoned ? ' with a zone, such as Z,' : ' without a zone,';
    throw place.misfit(
      row,
      type,
      value,
      `it takes a Date, a bigint of nanoseconds since 1970, or ISO 8601 text${zone} such as '2024-01-02T03:04:05'`,
    );
  };
  return counts(type, values, place, nanos, UNIT_NANOS[type.unit] as bigint, new BigInt64Array(values.length));
}

/** Durations: whole numbers of the column's unit. */
export function durationBytes(type: Duration, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const nanos: ToNanos = (value, row) => {
    const found = wholeNumber(value);
    if (found === null) throw place.misfit(row, type, value, "it takes whole numbers of the column's unit, as number or bigint");
    return found;
  };
  return counts(type, values, place, nanos, 1n, new BigInt64Array(values.length));
}

/** Intervals: `{ months }`, `{ days, milliseconds }` or `{ months, days, nanoseconds }`, as rows have them; what is left out is 0. */
export function intervalBytes(type: Interval, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const unit = type.unit as number;
  const names =
    unit === IntervalUnitId.YearMonth ? ['months'] : unit === IntervalUnitId.DayTime ? ['days', 'milliseconds'] : ['months', 'days'];
  const hasNanos = unit === IntervalUnitId.MonthDayNano;
  const width = hasNanos ? 16 : 4 * names.length;
  const out = new DataView(new ArrayBuffer(values.length * width));
  for (const [row, value] of values.entries()) {
    if (isAbsent(value)) continue;
    const all = hasNanos ? [...names, 'nanoseconds'] : names;
    const keys = typeof value === 'object' ? Object.keys(value) : [];
    if (keys.length === 0 || keys.some((key) => !all.includes(key))) {
      throw place.misfit(row, type, value, `it takes an object of ${all.join(', ')}`);
    }
    const part = (name: string, bits: number) => {
      const found = wholeNumber((value as Record<string, unknown>)[name] ?? 0);
      if (found === null || BigInt.asIntN(bits, found) !== found) {
        throw place.misfit(row, type, (value as Record<string, unknown>)[name], `${name} is a whole number of ${bits} bits`);
      }
      return found;
    };
    for (const [at, name] of names.entries()) out.setInt32(row * width + 4 * at, Number(part(name, 32)), true);
    if (hasNanos) out.setBigInt64(row * width + 8, part('nanoseconds', 64), true);
  }
  return bytesOf(out);
}

/** Writes nanoseconds as counts of `nanosPerCount`, of which they have to be whole. */
function counts(
  type: DataType,
  values: readonly unknown[],
  place: ValuePlace,
  toNanos: ToNanos,
  nanosPerCount: bigint,
  out: Int32Array | BigInt64Array,
): Uint8Array {
  const bits = out instanceof Int32Array ? 32 : 64;
  for (const [row, value] of values.entries()) {
    if (isAbsent(value)) continue;
    const nanos = toNanos(value, row);
    if (nanos % nanosPerCount !== 0n) throw place.misfit(row, type, value, 'it has more digits of a second than the type keeps');
    const count = nanos / nanosPerCount;
    if (BigInt.asIntN(bits, count) !== count) throw place.misfit(row, type, value, 'it is beyond what the type reaches');
    out[row] = bits === 32 ? Number(count) : count;
  }
  return bytesOf(out);
}

function nanosOfDate(date: Date): bigint | null {
  const milliseconds = date.getTime();
  return Number.isNaN(milliseconds) ? null : BigInt(milliseconds) * NANOS_PER_MILLISECOND;
}

function nanosOfDay(text: string): bigint | null {
  const found = DATE.exec(text);
  if (found === null) return null;
  const milliseconds = Date.parse(`${text}T00:00:00.000Z`);
  // Date.parse takes the 31st of June for the 1st of July in some forms; not silently here.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).getUTCDate() !== Number(found[3])) return null;
  return BigInt(milliseconds) * NANOS_PER_MILLISECOND;
}

function nanosOfClock(text: string): bigint | null {
  const found = CLOCK.exec(text);
  if (found === null) return null;
  const [, hours, minutes, seconds = '0', fraction = ''] = found;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  return (
    (BigInt(hours as string) * 3600n + BigInt(minutes as string) * 60n + BigInt(seconds)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
  );
}

function nanosOfTimestamp(text: string, isZoned: boolean): bigint | null {
  const [, date = '', rest] = /^([^T ]+)(?:[T ](.*))?$/.exec(text.trim()) ?? [];
  const day = nanosOfDay(date);
  if (day === null) return null;
  if (rest === undefined) return isZoned ? null : day;
  const zone = ZONE.exec(rest)?.[1];
  if ((zone !== undefined) !== isZoned) return null;
  const clock = nanosOfClock(zone === undefined ? rest : rest.slice(0, -zone.length));
  const offset = zoneNanos(zone);
  return clock === null || offset === null ? null : day + clock - offset;
}

function zoneNanos(zone: string | undefined): bigint | null {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0n;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const [hours, rest] = [digits.slice(0, 2), digits.slice(2)];
  if (Number(hours) > 23 || Number(rest) > 59) return null;
  const minutes = BigInt(hours) * 60n + BigInt(rest);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000_000_000n;
}
