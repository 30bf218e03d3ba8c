import { Buffer } from 'node:buffer';
import type { Data } from 'apache-arrow';
import type { ValueReader } from './row-objects.js';

/** The bytes of a view, of which up to 12 are in the view itself: length, bytes… or length, prefix, buffer, offset. */
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/** The reader of a string column with value offsets of 32 or 64 bits. */
export function textReader(data: Data): ValueReader {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  const bytes = bufferOn(data.values as Uint8Array);
  return (row) => bytes.toString('utf8', Number(offsets[row]), Number(offsets[row + 1]));
}

/** The reader of a binary column with value offsets. The bytes are copied: a row that is kept must not hold a whole batch. */
export function binaryReader(data: Data): ValueReader {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  const bytes = data.values as Uint8Array;
  return (row) => bytes.slice(Number(offsets[row]), Number(offsets[row + 1]));
}

export function fixedSizeBinaryReader(data: Data): ValueReader {
  const { stride } = data;
  const bytes = data.values as Uint8Array;
  return (row) => bytes.slice(row * stride, (row + 1) * stride);
}

export function textViewReader(data: Data): ValueReader {
  const inline = bufferOn(data.values as Uint8Array);
  const buffers = data.variadicBuffers.map(bufferOn);
  return viewReader(
    data,
    (from, to) => inline.toString('utf8', from, to),
    (buffer, from, to) => (buffers[buffer] as Buffer).toString('utf8', from, to),
  );
}

export function binaryViewReader(data: Data): ValueReader {
  const inline = data.values as Uint8Array;
  return viewReader(
    data,
    (from, to) => inline.slice(from, to),
    (buffer, from, to) => (data.variadicBuffers[buffer] as Uint8Array).slice(from, to),
  );
}

function viewReader<T extends string | Uint8Array>(
  data: Data,
  inline: (from: number, to: number) => T,
  outside: (buffer: number, from: number, to: number) => T,
): ValueReader {
  const views = data.values as Uint8Array;
  const words = new DataView(views.buffer, views.byteOffset, views.byteLength);
  return (row) => {
    const at = row * VIEW_BYTES;
    const length = words.getInt32(at, true);
    if (length <= INLINE_BYTES) return inline(at + 4, at + 4 + length);
    const offset = words.getInt32(at + 12, true);
    return outside(words.getInt32(at + 8, true), offset, offset + length);
  };
}

/** A Buffer on the same memory. Its `toString` is quicker than a TextDecoder, and keeps a byte order mark that begins a value. */
function bufferOn(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
