import type { Data, Vector } from 'apache-arrow';
import { chunkAt, startsOf } from '../chunks.js';
import type { ValueReader } from './row-objects.js';
import type { RowValue } from './row-types.js';

/** The longest dictionary whose values are kept once they were read; longer ones would fill the heap with what few rows use. */
const KEPT_VALUES = 65_536;

/**
 * The reader of a dictionary's values by index.
 *
 * Strings and other values that nobody can change are read once and then shared by the rows; arrays, objects, bytes and Dates are made anew for
 * each row.
 */
export function dictionaryReader(dictionary: Vector, readerOf: (chunk: Data) => ValueReader): ValueReader {
  const read = chunkedReader(dictionary.data, readerOf);
  if (dictionary.length > KEPT_VALUES) return read;
  const kept = new Array<RowValue | undefined>(dictionary.length);
  return (index) => {
    const known = kept[index];
    if (known !== undefined) return known;
    const value = read(index);
    if (typeof value !== 'object' || value === null) kept[index] = value;
    return value;
  };
}

function chunkedReader(chunks: readonly Data[], readerOf: (chunk: Data) => ValueReader): ValueReader {
  const readers = chunks.map(readerOf);
  const [only] = readers;
  if (only !== undefined && readers.length === 1) return only;
  const starts = startsOf(chunks);
  return (index) => {
    const chunk = chunkAt(starts, index);
    return (readers[chunk] as ValueReader)(index - (starts[chunk] as number));
  };
}
