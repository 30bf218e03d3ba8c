// Bytes of Arrow buffers from what they mean.

export const NOTHING = new Uint8Array(0);

const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const int8s = (...values: number[]): Uint8Array => bytesOf(Int8Array.from(values));
export const int16s = (...values: number[]): Uint8Array => bytesOf(Int16Array.from(values));
export const int32s = (...values: number[]): Uint8Array => bytesOf(Int32Array.from(values));
export const int64s = (...values: (number | bigint)[]): Uint8Array => bytesOf(BigInt64Array.from(values, BigInt));
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A view of a string that is in data buffer `buffer`. */
export function longView(length: number, prefix: Uint8Array, buffer: number, offset: number): Uint8Array {
  const view = Buffer.alloc(16);
  view.writeInt32LE(length, 0);
  view.set(prefix.subarray(0, 4), 4);
  view.writeInt32LE(buffer, 8);
  view.writeInt32LE(offset, 12);
  return new Uint8Array(view);
}

/** A view that holds its string itself. */
export function shortView(value: Uint8Array, length = value.length): Uint8Array {
  const view = Buffer.alloc(16);
  view.writeInt32LE(length, 0);
  view.set(value, 4);
  return new Uint8Array(view);
}

export const concat = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A compressed buffer: the length that it claims to have once decompressed, and its bytes. */
export const compressed = (length: number | bigint, data: Uint8Array): Uint8Array => concat(int64s(length), data);
