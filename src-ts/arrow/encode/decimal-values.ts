import type { Decimal } from 'apache-arrow';
import { isAbsent } from './validity.js';
import type { ValuePlace } from './value-place.js';

/** A decimal number as text, with or without an exponent. */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/;

/** Values of a decimal column: text, bigint or numbers, of which none may have more digits than the column. */
export function decimalBytes(type: Decimal, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const { precision, scale, bitWidth } = type;
  const width = bitWidth / 8;
  const limit = 10n ** BigInt(precision);
  const out = new Uint8Array(values.length * width);
  for (const [row, value] of values.entries()) {
    if (isAbsent(value)) continue;
    const parts = partsOf(value);
    if (parts === null) throw place.misfit(row, type, value, "it takes decimal text such as '-12.50', bigint, or finite numbers");
    const unscaled = scaled(parts, scale);
    if (unscaled === null) throw place.misfit(row, type, value, `it has digits beyond the ${scale} behind the point that the type keeps`);
    if (unscaled >= limit || unscaled <= -limit) throw place.misfit(row, type, value, `it has more than ${precision} digits`);
    writeInteger(out, row * width, width, unscaled);
  }
  return out;
}

/** `digits × 10^exponent` */
interface Parts {
  readonly digits: bigint;
  readonly exponent: number;
}

function partsOf(value: unknown): Parts | null {
  if (typeof value === 'bigint') return { digits: value, exponent: 0 };
  // The shortest text that means this number and no other.
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  const found = typeof text === 'string' ? DECIMAL.exec(text.trim()) : null;
  if (found === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = found;
  if (whole === '' && fraction === '') return null;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, exponent: Number(exponent) - fraction.length };
}

/** The integer that stands for a value in a column of `scale`; `null` where it would lose digits. */
function scaled({ digits, exponent }: Parts, scale: number): bigint | null {
  if (digits === 0n) return 0n;
  const shift = exponent + scale;
  // No column has as many digits, whatever its scale.
  if (shift > 200) return 10n ** 200n;
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : null;
}

/** Two's complement, lowest byte first. */
export function writeInteger(out: Uint8Array, at: number, width: number, value: bigint): void {
  let rest = BigInt.asUintN(width * 8, value);
  for (let i = 0; i < width; i++) {
    out[at + i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
