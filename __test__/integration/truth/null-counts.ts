import assert from 'node:assert/strict';
import { type Data, DataType } from 'apache-arrow';

/** An array says of itself how many nulls it has: as many as its bitmap has zeros, at every depth. */
export function compareNullCounts(data: Data): void {
  if (DataType.isNull(data.type)) assert.equal(data.nullCount, data.length, 'nulls of the null type');
  // Unions have no bitmap: a null is one of the chosen child.
  else if (!DataType.isUnion(data.type)) assert.equal(data.nullCount, zerosOf(data), `nulls of ${data.type}`);
  for (const child of data.children) compareNullCounts(child);
  for (const part of data.dictionary?.data ?? []) compareNullCounts(part);
}

function zerosOf({ nullBitmap, offset, length }: Data): number {
  if (!nullBitmap?.byteLength) return 0;
  let zeros = 0;
  for (let at = offset; at < offset + length; at++) zeros += 1 - (((nullBitmap[at >> 3] as number) >> (at & 7)) & 1);
  return zeros;
}
