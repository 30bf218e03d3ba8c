import type { Socket } from 'node:net';
import { Flag, type Frame, FrameType, frame, GRPC_HEAD, GRPC_OK } from './h2-frames.js';

/** A call on a raw connection. Whatever is written goes out as it is. */
export class RawCall {
  readonly socket: Socket;
  readonly id: number;
  /** Frames that the client sent for this stream after its request. */
  readonly frames: Frame[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket, id: number) {
    this.socket = socket;
    this.id = id;
  }

  send(...frames: Uint8Array[]): this {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(frames));
    return this;
  }

  head(block: Uint8Array = GRPC_HEAD, flags: number = Flag.endHeaders): this {
    return this.send(frame(FrameType.headers, flags, this.id, block));
  }

  data(bytes: Uint8Array, flags = 0): this {
    return this.send(frame(FrameType.data, flags, this.id, bytes));
  }

  trailers(block: Uint8Array = GRPC_OK): this {
    return this.send(frame(FrameType.headers, Flag.endHeaders | Flag.endStream, this.id, block));
  }

  /** The first frame of this stream that is as wanted, now or later. */
  async until(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** @internal */
  received(frame: Frame): void {
    this.frames.push(frame);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
