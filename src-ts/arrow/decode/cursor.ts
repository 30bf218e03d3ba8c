import type { Delivery } from '../../native/binding-types.js';

/** A buffer that an array of this type has not got: absent validity, or no bytes at all. */
export const NO_BYTES = new Uint8Array(0);

/** A typed array that can be laid over an ArrayBuffer. */
export interface View<T> {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
  new (length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * A position in the words of a delivery, and the buffers that they point at.
 *
 * Every `read` moves on past what it read. Nothing is checked against the bounds of a buffer here: the core validated lengths and offsets, and
 * a typed array cannot leave its ArrayBuffer.
 */
export class Cursor {
  readonly words: Float64Array;
  readonly #allocations: readonly ArrayBuffer[];
  at = 0;

  constructor(delivery: Delivery) {
    this.words = delivery[0];
    this.#allocations = delivery[1];
  }

  get done(): boolean {
    return this.at >= this.words.length;
  }

  number(): number {
    return this.words[this.at++] as number;
  }

  /** The next buffer as `length` elements, or none where the delivery has none. */
  values<T>(view: View<T>, length: number): T {
    const buffer = this.#allocations[this.words[this.at] as number];
    const byteOffset = this.words[this.at + 1] as number;
    this.at += 3;
    return buffer === undefined ? new view(0) : new view(buffer, byteOffset, length);
  }

  /**
   * The next buffer as `length + 1` value offsets.
   *
   * An array without elements gets an offset of its own: Arrow lets it do without, but who reads offsets expects the first one.
   */
  offsets<T>(view: View<T>, length: number): T {
    if (length > 0) return this.values(view, length + 1);
    this.at += 3;
    return new view(1);
  }

  /** The next buffer as bytes, all of them. */
  bytes(): Uint8Array {
    const buffer = this.#allocations[this.words[this.at] as number];
    const byteOffset = this.words[this.at + 1] as number;
    const byteLength = this.words[this.at + 2] as number;
    this.at += 3;
    return buffer === undefined ? NO_BYTES : new Uint8Array(buffer, byteOffset, byteLength);
  }
}
