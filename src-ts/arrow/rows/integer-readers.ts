import type { Data, Int } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import type { ValueReader } from './row-objects.js';
import type { ResolvedRowOptions } from './row-options.js';
import type { RowValue } from './row-types.js';

type Int64Choice = ResolvedRowOptions['int64'];

/** The reader of a column of 64-bit integers: int64, uint64, durations. */
export function int64Reader(data: Data, choice: Int64Choice, column: string): ValueReader {
  const values = data.values as BigInt64Array | BigUint64Array;
  if (choice === 'bigint') return (row) => values[row] as bigint;
  if (choice === 'string') return (row) => String(values[row]);
  const words = wordsOf(values);
  // Durations, which do not say, are signed.
  const signed = (data.type as Partial<Int>).isSigned !== false;
  return (row) => {
    const high = words[2 * row + 1] as number;
    const number = (signed ? high : high >>> 0) * 0x1_0000_0000 + ((words[2 * row] as number) >>> 0);
    return Number.isSafeInteger(number) ? number : refuse(values[row] as bigint, column);
  };
}

/** One 64-bit integer, given by its words, as the option has it. */
export function int64Value(low: number, high: number, choice: Int64Choice, column: string): RowValue {
  const value = (BigInt(high) << 32n) | BigInt(low >>> 0);
  if (choice === 'bigint') return value;
  if (choice === 'string') return String(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : refuse(value, column);
}

/** 64-bit values as pairs of words, the lower one first. */
export function wordsOf(values: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

function refuse(value: bigint, column: string): never {
  throw new FlightSQLError('LOSSY_CONVERSION', `column "${column}": a number cannot hold ${value} exactly`, {
    column,
    hint: "read the column with the row option int64: 'bigint' or 'string'",
  });
}
