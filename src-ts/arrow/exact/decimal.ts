import type { Decimal, Vector } from 'apache-arrow';
import { TypeId } from '../type-ids.js';
import { decimalText, unscaledInteger } from './decimal-text.js';
import { readElement, valueTypeOf } from './element.js';

/**
 * The unscaled integer of a decimal: `12345n` for 123.45 in a column of scale 2. `null` for a null.
 *
 * Right for decimals of 32, 64, 128 and 256 bits; apache-arrow's own `get` of the narrow and the widest ones is not.
 *
 * @throws TypeError for a vector of another type, RangeError for an index outside it.
 */
export function decimalBigInt(vector: Vector, index: number): bigint | null {
  decimalType(vector, 'decimalBigInt');
  return readElement(vector, index, (data, at) => unscaledInteger(data.values, data.stride, at));
}

/**
 * A decimal as exact text, with as many digits after the point as the column's scale: `'123.45'`, `'0.00'`, `'-5000'` (scale -3). `null` for
 * a null.
 *
 * @throws TypeError for a vector of another type, RangeError for an index outside it.
 *
 * @example
 * ```ts
 * const prices = table.getChild('price')!
 * for (let i = 0; i < prices.length; i++) console.log(decimalString(prices, i))
 * ```
 */
export function decimalString(vector: Vector, index: number): string | null {
  const { scale } = decimalType(vector, 'decimalString');
  return readElement(vector, index, (data, at) => decimalText(data.values, data.stride, at, scale));
}

function decimalType(vector: Vector, caller: string): Decimal {
  const type = valueTypeOf(vector);
  if ((type.typeId as number) === TypeId.Decimal) return type as Decimal;
  throw new TypeError(`${caller} takes a vector of decimals, not of ${type}`);
}
