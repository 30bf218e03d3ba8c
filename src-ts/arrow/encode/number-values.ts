import type { DataType, Float, Int } from 'apache-arrow';
import { PrecisionId } from '../type-ids.js';
import { bytesOf } from './outgoing.js';
import { isAbsent } from './validity.js';
import type { ValuePlace } from './value-place.js';

/** Values of an integer column. */
export function integerBytes(type: Int, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const { bitWidth, isSigned } = type;
  const least = isSigned ? -(1n << BigInt(bitWidth - 1)) : 0n;
  const most = (1n << BigInt(isSigned ? bitWidth - 1 : bitWidth)) - 1n;
  const out = integerArray(type, values.length);
  for (const [row, value] of values.entries()) {
    if (isAbsent(value)) continue;
    const whole = wholeNumber(value);
    if (whole === null) throw place.misfit(row, type, value, 'it takes whole numbers, as number or bigint');
    if (whole < least || whole > most) throw place.misfit(row, type, value, `it goes from ${least} to ${most}`);
    out[row] = out instanceof BigInt64Array || out instanceof BigUint64Array ? whole : Number(whole);
  }
  return bytesOf(out);
}

/** A whole number as bigint; `null` for what is none, or no longer exact as a number. */
export function wholeNumber(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null;
}

function integerArray({ bitWidth, isSigned }: Int, length: number) {
  switch (bitWidth) {
    case 8:
      return isSigned ? new Int8Array(length) : new Uint8Array(length);
    case 16:
      return isSigned ? new Int16Array(length) : new Uint16Array(length);
    case 32:
      return isSigned ? new Int32Array(length) : new Uint32Array(length);
    default:
      return isSigned ? new BigInt64Array(length) : new BigUint64Array(length);
  }
}

/** Values of a floating-point column; numbers are rounded to its precision, as they are wherever such a column is written. */
export function floatBytes(type: Float, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const precision = type.precision as number;
  const out =
    precision === PrecisionId.Half
      ? new Uint16Array(values.length)
      : precision === PrecisionId.Single
        ? new Float32Array(values.length)
        : new Float64Array(values.length);
  for (const [row, value] of values.entries()) {
    if (isAbsent(value)) continue;
    const number = floatOf(type, value, row, place);
    const rounded = precision === PrecisionId.Half ? halfBits(number) : number;
    out[row] = rounded;
    if (Number.isFinite(number) && isInfinite(precision, out[row] as number)) {
      throw place.misfit(row, type, value, 'it is beyond the largest number of that precision');
    }
  }
  return bytesOf(out);
}

function floatOf(type: DataType, value: unknown, row: number, place: ValuePlace): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'bigint') throw place.misfit(row, type, value, 'it takes numbers');
  const number = Number(value);
  if (BigInt(number) !== value) throw place.misfit(row, type, value, 'no such number is exactly that');
  return number;
}

function isInfinite(precision: number, stored: number): boolean {
  return precision === PrecisionId.Half ? (stored & 0x7fff) === 0x7c00 : !Number.isFinite(stored);
}

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);
const HALF_MAX_EXPONENT = 15;

/** The 16 bits of half precision nearest to a number, ties to even. */
function halfBits(number: number): number {
  single[0] = number;
  const sign = ((word[0] as number) >>> 16) & 0x8000;
  if (Number.isNaN(number)) return sign | 0x7e00;
  const magnitude = Math.abs(number);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(magnitude || 2 ** -24)), -14);
  const step =
    2 ** ((magnitude >= 2 ** (exponent + 1) ? exponent + 1 : magnitude < 2 ** exponent && exponent > -14 ? exponent - 1 : exponent) - 10);
  const steps = roundedToEven(magnitude / step);
  const value = steps * step;
  if (value >= 2 ** (HALF_MAX_EXPONENT + 1)) return sign | 0x7c00;
  if (value < 2 ** -14) return sign | (value / 2 ** -24);
  const power = Math.floor(Math.log2(value));
  return sign | ((power + HALF_MAX_EXPONENT) << 10) | ((value / 2 ** power - 1) * 1024);
}

function roundedToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
