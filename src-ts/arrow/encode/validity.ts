import { EMPTY } from './outgoing.js';

/** Which values are there: a bitmap, empty where all are. `undefined` is as much as `null`. */
export function validityOf(values: readonly unknown[]): Uint8Array {
  if (!values.some(isAbsent)) return EMPTY;
  return bitsOf(values, (value) => !isAbsent(value));
}

export function bitsOf<T>(values: readonly T[], isSet: (value: T, row: number) => boolean): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (const [row, value] of values.entries()) if (isSet(value, row)) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  return bits;
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
