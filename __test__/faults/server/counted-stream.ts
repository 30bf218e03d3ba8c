import type { ServerHttp2Stream } from 'node:http2';
import { begin } from './grpc-answer.js';

/** A DoGet answer without hurry: chunks are sent as the client makes room for them, and counted once they are on their way. */
export class CountedStream {
  /** Bytes that left this process. */
  sent = 0;
  /** Chunks that left this process. */
  chunks = 0;
  readonly stream: ServerHttp2Stream;
  /** Settles when the stream is closed: with its reset code. */
  readonly closed: Promise<number | undefined>;

  /** Sends `first`, then `chunk` until `count` of them are sent; then trailers. */
  constructor(stream: ServerHttp2Stream, first: Uint8Array, chunk: Uint8Array, count: number) {
    this.stream = stream;
    this.closed = new Promise((resolve) => stream.on('close', () => resolve(stream.rstCode)));
    begin(stream);
    stream.write(first);
    this.#send(chunk, count);
  }

  #send(chunk: Uint8Array, left: number): void {
    if (this.stream.destroyed || this.stream.closed) return;
    if (left === 0) {
      this.stream.end();
      return;
    }
    this.stream.write(chunk, (error) => {
      if (error) return;
      this.sent += chunk.length;
      this.chunks += 1;
      this.#send(chunk, left - 1);
    });
  }

  /**
   * Resolves once `atLeast` bytes were sent and then nothing for `quiet` milliseconds: there is no event for what does not happen.
   */
  async stalled(atLeast: number, quiet: number): Promise<void> {
    let last = -1;
    while (last !== this.chunks || this.sent < atLeast) {
      last = this.chunks;
      await new Promise((resolve) => setTimeout(resolve, quiet));
    }
  }
}
