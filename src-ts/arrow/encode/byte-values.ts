import { Buffer } from 'node:buffer';
import type { DataType, FixedSizeBinary } from 'apache-arrow';
import { bytesOf, EMPTY } from './outgoing.js';
import { isAbsent } from './validity.js';
import type { ValuePlace } from './value-place.js';

/** What makes bytes of a value of a text or binary column. */
export type ToBytes = (value: unknown, row: number) => Uint8Array;

export function textBytes(type: DataType, place: ValuePlace): ToBytes {
  return (value, row) => {
    if (typeof value !== 'string') throw place.misfit(row, type, value, 'it takes strings');
    if (!isWellFormed(value)) throw place.misfit(row, type, value, 'it holds half of a surrogate pair, which no UTF-8 stands for');
    return Buffer.from(value, 'utf8');
  };
}

export function binaryBytes(type: DataType, place: ValuePlace): ToBytes {
  return (value, row) => {
    if (ArrayBuffer.isView(value)) return bytesOf(value);
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return bytesOf(new Uint8Array(value));
    throw place.misfit(row, type, value, 'it takes a Uint8Array, Buffer or ArrayBuffer');
  };
}

/** Offsets, of 32 or 64 bits, and data. */
export function variableBuffers(values: readonly unknown[], toBytes: ToBytes, isLarge: boolean): [offsets: Uint8Array, data: Uint8Array] {
  const parts = values.map((value, row) => (isAbsent(value) ? EMPTY : toBytes(value, row)));
  const data = Buffer.concat(parts);
  const offsets = isLarge ? new BigInt64Array(values.length + 1) : new Int32Array(values.length + 1);
  let at = 0;
  for (const [row, part] of parts.entries()) {
    at += part.length;
    offsets[row + 1] = isLarge ? BigInt(at) : at;
  }
  return [bytesOf(offsets), data];
}

/** Strings up to this length lie in the view itself. */
const INLINE = 12;

/** Views, and one data buffer for what they do not hold themselves. */
export function viewBuffers(values: readonly unknown[], toBytes: ToBytes): Uint8Array[] {
  const views = new Uint8Array(values.length * 16);
  const words = new DataView(views.buffer);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [row, value] of values.entries()) {
    if (isAbsent(value)) continue;
    const bytes = toBytes(value, row);
    words.setInt32(row * 16, bytes.length, true);
    if (bytes.length <= INLINE) {
      views.set(bytes, row * 16 + 4);
      continue;
    }
    views.set(bytes.subarray(0, 4), row * 16 + 4);
    words.setInt32(row * 16 + 12, at, true);
    parts.push(bytes);
    at += bytes.length;
  }
  return parts.length === 0 ? [views] : [views, Buffer.concat(parts)];
}

export function fixedBytes(type: FixedSizeBinary, values: readonly unknown[], place: ValuePlace): Uint8Array {
  const toBytes = binaryBytes(type, place);
  const out = new Uint8Array(values.length * type.byteWidth);
  for (const [row, value] of values.entries()) {
    if (isAbsent(value)) continue;
    const bytes = toBytes(value, row);
    if (bytes.length !== type.byteWidth) throw place.misfit(row, type, value, `it takes ${type.byteWidth} bytes, and has ${bytes.length}`);
    out.set(bytes, row * type.byteWidth);
  }
  return out;
}

/** `String.prototype.isWellFormed` of Node 20, which the library's types do not know yet. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
