import type { Data, DataType, Dictionary, Vector } from 'apache-arrow';
import { chunkAt, startsOf } from '../chunks.js';
import { TypeId } from '../type-ids.js';

/**
 * What `read` makes of the element at `index`, or `null` where it is null.
 *
 * Chunked, sliced and dictionary-encoded vectors are looked through: `read` gets the chunk of plain values and the position in it.
 *
 * @throws RangeError for an index outside the vector.
 */
export function readElement<T>(vector: Vector, index: number, read: (data: Data, at: number) => T): T | null {
  if (!Number.isInteger(index) || index < 0 || index >= vector.length) {
    throw new RangeError(`index ${index} is outside a vector of length ${vector.length}`);
  }
  const { data: chunks } = vector;
  let chunk = 0;
  let at = index;
  if (chunks.length > 1) {
    const starts = startsOf(chunks);
    chunk = chunkAt(starts, index);
    at -= starts[chunk] as number;
  }
  const data = chunks[chunk] as Data;
  if (!data.getValid(at)) return null;
  if ((data.type.typeId as number) !== TypeId.Dictionary) return read(data, at);
  return readElement(data.dictionary as Vector, Number((data.values as ArrayLike<number>)[at]), read);
}

/** The type of a vector's values, be they dictionary-encoded or not. */
export function valueTypeOf(vector: Vector): DataType {
  let type = vector.type as DataType;
  while ((type.typeId as number) === TypeId.Dictionary) type = (type as Dictionary).dictionary as DataType;
  return type;
}
