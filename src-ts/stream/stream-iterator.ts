import type { MessageStream } from './message-stream.js';

/**
 * The async iterator over a stream. Reads may overlap; `break`, `return()` and `throw()` cancel the stream at once, also while a read waits:
 * an async generator would queue them behind it.
 */
export class StreamIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #stream: MessageStream;
  readonly #read: () => Promise<T | null>;
  #done = false;

  constructor(stream: MessageStream, read: () => Promise<T | null>) {
    this.#stream = stream;
    this.#read = read;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#done) return { done: true, value: undefined };
    const value = await this.#read();
    if (value !== null) return { done: false, value };
    this.#done = true;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#finish();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    this.#finish();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#finish();
  }

  #finish(): void {
    this.#done = true;
    this.#stream.cancel();
  }
}
