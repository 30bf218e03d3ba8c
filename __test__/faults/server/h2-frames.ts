// HTTP/2 frames by hand: what no library would send.

export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8 } as const;

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(0),
  claimed = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(claimed, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4);
  return bytes;
}

/** A setting: a 16-bit name and a 32-bit value. */
export function setting(name: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(name, 0);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

/** A header list, each header a literal that no table keeps. */
export function headerBlock(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of headers) parts.push(Buffer.from([0]), hpackText(name), hpackText(value));
  return Buffer.concat(parts);
}

function hpackText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([hpackLength(bytes.length), bytes]);
}

/** An integer with a prefix of 7 bits, not Huffman-coded. */
function hpackLength(length: number): Buffer {
  if (length < 127) return Buffer.from([length]);
  const bytes = [127];
  let rest = length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

export const GRPC_HEAD = headerBlock([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);
export const GRPC_OK = headerBlock([['grpc-status', '0']]);

/** Splits a byte stream into frames. */
export class FrameSplitter {
  #pending = Buffer.alloc(0);
  #prefaceSeen = false;

  feed(chunk: Buffer): Frame[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    if (!this.#prefaceSeen) {
      if (this.#pending.length < PREFACE.length) return [];
      this.#pending = this.#pending.subarray(PREFACE.length);
      this.#prefaceSeen = true;
    }
    const frames: Frame[] = [];
    while (this.#pending.length >= 9) {
      const length = this.#pending.readUIntBE(0, 3);
      if (this.#pending.length < 9 + length) break;
      const [type, flags] = [this.#pending.readUInt8(3), this.#pending.readUInt8(4)];
      const stream = this.#pending.readUInt32BE(5) & 0x7fffffff;
      frames.push({ type, flags, stream, payload: this.#pending.subarray(9, 9 + length) });
      this.#pending = this.#pending.subarray(9 + length);
    }
    return frames;
  }
}
