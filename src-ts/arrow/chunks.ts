import type { Data } from 'apache-arrow';

// Where the chunks of a vector with several begin. The vector keeps the same itself, but not in public.
const chunkStarts = new WeakMap<readonly Data[], Float64Array>();

/** The number of the first element of each chunk. */
export function startsOf(chunks: readonly Data[]): Float64Array {
  let starts = chunkStarts.get(chunks);
  if (starts === undefined) {
    starts = new Float64Array(chunks.length);
    for (let i = 1; i < chunks.length; i++) starts[i] = (starts[i - 1] as number) + (chunks[i - 1] as Data).length;
    chunkStarts.set(chunks, starts);
  }
  return starts;
}

/** The chunk that holds an element: the last one that begins at or before it, which empty ones before it do as well. */
export function chunkAt(starts: Float64Array, index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] as number) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}
