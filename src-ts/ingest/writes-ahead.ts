import { setImmediate } from 'node:timers/promises';
import type { NativeOutcome } from '../native/binding-types.js';

/** What may wait for room in the core, which keeps 2 MiB of its own to send from while this thread makes the next, or does something else. */
const MOST_BYTES = 1 << 20;

/** What a write counts for at least: many small ones cost more than their bytes. */
const LEAST_BYTES = 64 << 10;

/** How long writes may be made, in milliseconds, before the event loop gets its turn: answers come in turns, and a source may never wait. */
const TURN_MS = 5;

type Sent = Promise<NativeOutcome<null>>;

/** Writes that were begun and not waited for yet, in their order. */
export class WritesAhead {
  readonly #settle: (sent: Sent) => Promise<void>;
  readonly #writes: { readonly bytes: number; readonly sent: Sent }[] = [];
  #bytes = 0;
  #hasFailed = false;
  #turned = performance.now();

  /** `settle` waits for a write, and throws what became of it. */
  constructor(settle: (sent: Sent) => Promise<void>) {
    this.#settle = settle;
  }

  /**
   * Takes a write that was begun, and waits until another one may be: with `isDirect` until it was answered, as the next one is sent from where it lies
   * then. Otherwise one is always made while the one before it is on its way.
   */
  async add(size: number, sent: Sent, isDirect: boolean): Promise<void> {
    const bytes = Math.max(size, LEAST_BYTES);
    this.#writes.push({ bytes, sent });
    this.#bytes += bytes;
    const failed = () => {
      this.#hasFailed = true;
    };
    sent.then(([error]) => error !== null && failed(), failed);
    await this.turn();
    if (isDirect) await this.settleAll();
    while (this.#writes.length > 1 && (this.#bytes > MOST_BYTES || this.#hasFailed)) await this.#settleFirst();
  }

  /** Gives the event loop its turn, if it is time for that: `null` where it is not. */
  turn(): Promise<void> | null {
    return performance.now() - this.#turned > TURN_MS ? this.#turn() : null;
  }

  async #turn(): Promise<void> {
    await setImmediate();
    this.#turned = performance.now();
  }

  /** Waits for all of them. */
  async settleAll(): Promise<void> {
    while (this.#writes.length > 0) await this.#settleFirst();
  }

  async #settleFirst(): Promise<void> {
    const first = this.#writes.shift();
    if (first === undefined) return;
    this.#bytes -= first.bytes;
    await this.#settle(first.sent);
  }
}
