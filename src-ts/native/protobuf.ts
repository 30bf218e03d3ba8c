import { FlightSQLError } from '../errors.js';

/** How a field's value is laid out on the wire. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const WIRE_NAMES: Readonly<Record<number, string>> = {
  [VARINT]: 'a varint',
  [FIXED64]: '8 bytes',
  [LENGTH]: 'bytes',
  [FIXED32]: '4 bytes',
};

/**
 * Reads the fields of one protobuf message, in the order in which they were sent.
 *
 * Enough for the small messages of Flight: varints, bytes, strings and messages within them. A field that the caller does not ask the value
 * of is skipped, whatever its type, so that messages of later versions of the protocol are read too.
 */
export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #name: string;
  #at = 0;
  #wire: number | null = null;

  /** `name` is what errors call the message. */
  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#name = name;
  }

  /** The number of the next field, or 0 at the end of the message. */
  next(): number {
    if (this.#wire !== null) this.#skip(this.#wire);
    if (this.#at === this.#bytes.length) return 0;
    const tag = Number(this.#varint());
    const field = Math.floor(tag / 8);
    this.#wire = tag % 8;
    if (field === 0 || field >= 2 ** 29) throw this.#malformed(`field number ${field}`);
    return field;
  }

  /** The value of the current field as a signed 64-bit integer. */
  int64(): bigint {
    this.#take(VARINT);
    return BigInt.asIntN(64, this.#varint());
  }

  /** The value of the current field as a signed 32-bit integer (an enum is one). */
  int32(): number {
    this.#take(VARINT);
    return Number(BigInt.asIntN(32, this.#varint()));
  }

  double(): number {
    const bytes = this.#fixed64();
    return bytes.getFloat64(0, true);
  }

  /** The value of the current field as a signed 64-bit integer of fixed width. */
  sfixed64(): bigint {
    return this.#fixed64().getBigInt64(0, true);
  }

  bool(): boolean {
    this.#take(VARINT);
    return this.#varint() !== 0n;
  }

  /** The value of the current field: a view, not a copy. */
  view(): Uint8Array {
    this.#take(LENGTH);
    const length = Number(this.#varint());
    if (length > this.#bytes.length - this.#at) {
      throw this.#malformed(`a field of ${length} bytes where ${this.#bytes.length - this.#at} are left`);
    }
    const view = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return view;
  }

  /** The value of the current field, in memory of its own. */
  bytes(): Uint8Array {
    return new Uint8Array(this.view());
  }

  string(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.view());
    } catch (error) {
      if (error instanceof FlightSQLError) throw error;
      throw this.#malformed('a string that is not UTF-8');
    }
  }

  #fixed64(): DataView {
    this.#take(FIXED64);
    const at = this.#at;
    this.#advance(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8);
  }

  #take(expected: number): void {
    const wire = this.#wire;
    this.#wire = null;
    if (wire !== expected) {
      throw this.#malformed(`${WIRE_NAMES[wire ?? -1] ?? `wire type ${wire}`} where ${WIRE_NAMES[expected]} belong`);
    }
  }

  #skip(wire: number): void {
    if (wire === VARINT) this.int64();
    else if (wire === LENGTH) this.view();
    else if (wire === FIXED64 || wire === FIXED32) this.#advance(wire === FIXED64 ? 8 : 4);
    else throw this.#malformed(`wire type ${wire}`);
  }

  #advance(length: number): void {
    this.#wire = null;
    if (length > this.#bytes.length - this.#at) throw this.#malformed('a field that ends after it');
    this.#at += length;
  }

  #varint(): bigint {
    // Almost every varint here is one byte: a tag, a length, a flag.
    const first = this.#bytes[this.#at];
    if (first !== undefined && first < 0x80) {
      this.#at += 1;
      return BigInt(first);
    }
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw this.#malformed('a varint that ends after it');
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw this.#malformed('a varint of more than 10 bytes');
  }

  #malformed(what: string): FlightSQLError {
    return new FlightSQLError('PROTOCOL_ERROR', `the ${this.#name} message is malformed: it holds ${what}`);
  }
}

/** Writes one protobuf message. As in proto3, a field with its default value is left out. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];

  int64(field: number, value: bigint | number): this {
    const bits = BigInt.asUintN(64, BigInt(value));
    return bits === 0n ? this : this.#put(varintOf(field * 8 + VARINT), varintOf(bits));
  }

  /** Written also where it is 0: a choice between fields says by that which one it is. */
  double(field: number, value: number): this {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setFloat64(0, value, true);
    return this.#put(varintOf(field * 8 + FIXED64), new Uint8Array(bytes.buffer));
  }

  /** Written also where it is 0. */
  sfixed64(field: number, value: bigint): this {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigInt64(0, value, true);
    return this.#put(varintOf(field * 8 + FIXED64), new Uint8Array(bytes.buffer));
  }

  /** Written also where it is false. */
  bool(field: number, value: boolean): this {
    return this.#put(varintOf(field * 8 + VARINT), varintOf(value ? 1 : 0));
  }

  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.message(field, value);
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** A message within this one, or an element of a repeated field: written even if it is empty. */
  message(field: number, value: Uint8Array): this {
    return this.#put(varintOf(field * 8 + LENGTH), varintOf(value.length), value);
  }

  finish(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }

  #put(...parts: Uint8Array[]): this {
    this.#parts.push(...parts);
    return this;
  }
}

function varintOf(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
