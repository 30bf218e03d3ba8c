/**
 * An array on its way to the core: what "An upload" of the boundary page describes. Buffers are in the order of the layout's table there, empty
 * where there is none.
 */
export interface OutgoingArray {
  readonly length: number;
  /** Where bits of validity and of boolean values begin. */
  readonly bitOffset: number;
  readonly buffers: readonly Uint8Array[];
  readonly children: readonly OutgoingArray[];
}

/** A message of an upload, as it crosses. */
export interface OutgoingMessage {
  readonly words: Float64Array;
  readonly buffers: readonly Uint8Array[];
}

// The kinds of message in "A delivery" of the boundary page.
const DICTIONARY = 1;
const BATCH = 2;

export const EMPTY: Uint8Array = new Uint8Array(0);

export function batchMessage(rows: number, columns: readonly OutgoingArray[]): OutgoingMessage {
  return message([BATCH, rows], columns);
}

/** Values of the dictionary `slot`: all of them, or (`isDelta`) more of them. */
export function dictionaryMessage(slot: number, isDelta: boolean, values: OutgoingArray): OutgoingMessage {
  return message([DICTIONARY, slot, isDelta ? 1 : 0], [values]);
}

function message(words: number[], arrays: readonly OutgoingArray[]): OutgoingMessage {
  const buffers: Uint8Array[] = [];
  const describe = (array: OutgoingArray) => {
    words.push(array.length, array.bitOffset, array.buffers.length);
    buffers.push(...array.buffers);
    array.children.forEach(describe);
  };
  arrays.forEach(describe);
  return { words: Float64Array.from(words), buffers };
}

/** The bytes under a typed array. Of shared memory a copy, as others may write to it while it is read. */
export function bytesOf(view: ArrayBufferView | null | undefined): Uint8Array {
  if (view === null || view === undefined || view.byteLength === 0) return EMPTY;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return view.buffer instanceof SharedArrayBuffer ? new Uint8Array(bytes) : bytes;
}
