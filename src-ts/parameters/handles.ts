/**
 * The handles of one prepared statement.
 *
 * What a handle is bound to is the server's state, and some servers run the query only when its rows are read: a handle is used by one run at a
 * time, to the end of its result. Runs that overlap get handles of their own.
 */
export class Handles {
  readonly #forget: (handle: Uint8Array) => Promise<void>;
  readonly #idle: Uint8Array[];
  #newest: Uint8Array;
  #isClosed = false;

  /** `forget` has the server forget a handle. */
  constructor(first: Uint8Array, forget: (handle: Uint8Array) => Promise<void>) {
    this.#idle = [first];
    this.#newest = first;
    this.#forget = forget;
  }

  /** The one that came last, or came back last. */
  get newest(): Uint8Array {
    return this.#newest;
  }

  /** A handle that nobody else uses; `prepare` has the server make another one. Every one that is taken is to be given back. */
  async take(prepare: () => Promise<Uint8Array>): Promise<Uint8Array> {
    return this.#idle.pop() ?? (await prepare());
  }

  /** After the end of the statement nobody needs it any more. */
  giveBack(handle: Uint8Array): void {
    this.#newest = handle;
    if (this.#isClosed) this.#forget(handle).catch(ignore);
    else this.#idle.push(handle);
  }

  /** Has the server forget all of them: those in use when they come back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#idle.splice(0).map((handle) => this.#forget(handle)));
  }
}

/** The result has been read; the server forgets the handle by itself sooner or later. */
function ignore(): void {}
