import type { Data, Date_, Interval, Time, Timestamp } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { timeOfDayText } from '../exact/clock-text.js';
import { dateText } from '../exact/date-text.js';
import { TimestampWriter } from '../exact/timestamp-text.js';
import { DateUnitId, IntervalUnitId, TimeUnitId } from '../type-ids.js';
import { int64Value, wordsOf } from './integer-readers.js';
import type { ValueReader } from './row-objects.js';
import type { ResolvedRowOptions } from './row-options.js';

const MIDNIGHT = 'T00:00:00.000';
const MAX_DATE = 8_640_000_000_000_000n;

export function dateReader(data: Data): ValueReader {
  return (data.type as Date_).unit === DateUnitId.Day
    ? dayReader(data.values as Int32Array)
    : millisecondDateReader(data.values as BigInt64Array);
}

function dayReader(days: Int32Array): ValueReader {
  let last = Number.NaN;
  let text = '';
  return (row) => {
    const day = days[row] as number;
    if (day !== last) {
      last = day;
      text = dateText(day);
    }
    return text;
  };
}

/** Dates in milliseconds should be whole days, but nothing makes them; a time of day that is there is not dropped. */
function millisecondDateReader(values: BigInt64Array): ValueReader {
  const words = wordsOf(values);
  const writer = new TimestampWriter(TimeUnitId.Millisecond, false);
  return (row) => {
    const text = writer.text(words[2 * row] as number, words[2 * row + 1] as number);
    return text.endsWith(MIDNIGHT) ? text.slice(0, -MIDNIGHT.length) : text;
  };
}

export function timeReader(data: Data, choice: ResolvedRowOptions['time']): ValueReader {
  const values = data.values as Int32Array | BigInt64Array;
  const { unit } = data.type as Time;
  return choice === 'bigint'
    ? (row) => BigInt(values[row] as number | bigint)
    : (row) => timeOfDayText(values[row] as number | bigint, unit);
}

export function timestampReader(data: Data, choice: ResolvedRowOptions['timestamp'], column: string): ValueReader {
  const values = data.values as BigInt64Array;
  const { unit, timezone } = data.type as Timestamp;
  if (choice === 'bigint') return (row) => values[row] as bigint;
  if (choice === 'date') return jsDateReader(values, unit, column);
  const words = wordsOf(values);
  const writer = new TimestampWriter(unit, Boolean(timezone));
  return (row) => writer.text(words[2 * row] as number, words[2 * row + 1] as number);
}

function jsDateReader(values: BigInt64Array, unit: number, column: string): ValueReader {
  const perMillisecond = unit === TimeUnitId.Nanosecond ? 1_000_000n : unit === TimeUnitId.Microsecond ? 1000n : 1n;
  const factor = unit === TimeUnitId.Second ? 1000n : 1n;
  return (row) => {
    const value = values[row] as bigint;
    const milliseconds = (value / perMillisecond) * factor;
    if (value % perMillisecond === 0n && milliseconds <= MAX_DATE && milliseconds >= -MAX_DATE) return new Date(Number(milliseconds));
    return refuse(value, unit, column);
  };
}

function refuse(value: bigint, unit: number, column: string): never {
  const words = wordsOf(BigInt64Array.of(value));
  const text = new TimestampWriter(unit, false).text(words[0] as number, words[1] as number);
  throw new FlightSQLError('LOSSY_CONVERSION', `column "${column}": a Date cannot hold ${text} exactly`, {
    column,
    hint: "read the column with the row option timestamp: 'iso' or 'bigint'",
  });
}

export function intervalReader(data: Data, int64: ResolvedRowOptions['int64'], column: string): ValueReader {
  const values = data.values as Int32Array;
  switch ((data.type as Interval).unit as number) {
    case IntervalUnitId.YearMonth:
      return (row) => ({ months: values[row] as number });
    case IntervalUnitId.DayTime:
      return (row) => ({ days: values[2 * row] as number, milliseconds: values[2 * row + 1] as number });
    default:
      return (row) => ({
        months: values[4 * row] as number,
        days: values[4 * row + 1] as number,
        nanoseconds: int64Value(values[4 * row + 2] as number, values[4 * row + 3] as number, int64, column),
      });
  }
}
