import { setTimeout } from 'node:timers/promises';
import { dateOf, type FlightInfo, flightInfoOf } from './flight-info.js';
import type { NativeBinding, NativeClient } from './native/binding-types.js';
import { runCall } from './native/call.js';
import { decodePoll, type PollMessage } from './native/flight-messages.js';
import { type CallOptions, resolveCallOptions } from './options/call-options.js';

/** An answer that comes so soon says that the server does not wait, in milliseconds. */
const AT_ONCE_MS = 20;

/** How long such a server is left alone at most. */
const LONGEST_PAUSE_MS = 1000;

type Addon = Pick<NativeBinding, 'NativeCancellation' | 'schemaText'>;
type Open = (method: string) => Pick<NativeClient, 'pollFlightInfo'>;

/**
 * How far a query is that the server runs on its own time.
 *
 * Made by {@link FlightSQLClient.pollExecute}. Parts of the result that are there already can be read before the query has ended: each poll's `info`
 * has those of the one before, and perhaps more.
 *
 * @example
 * ```ts
 * let poll = await db.pollExecute('SELECT * FROM home')
 * while (!poll.complete) {
 *   console.log(poll.progress, poll.info?.endpoints.length)
 *   poll = await poll.next()
 * }
 * if (poll.info !== null) console.log((await db.read(poll.info).table()).numRows)
 * ```
 */
export class PollResult {
  /** What can be read so far, all of it where `complete`; `null` where nothing can be said yet. */
  readonly info: FlightInfo | null;
  /** Between 0 and 1; `null` where the server does not know. */
  readonly progress: number | null;
  /** Until when the query can be polled; `null` where the server does not say. */
  readonly expirationTime: Date | null;
  readonly #addon: Addon;
  readonly #open: Open;
  readonly #descriptor: Uint8Array | null;

  private constructor(addon: Addon, open: Open, message: PollMessage, info: FlightInfo | null) {
    this.#addon = addon;
    this.#open = open;
    this.#descriptor = message.descriptor;
    this.info = info;
    this.progress = message.progress === null || Number.isNaN(message.progress) ? null : message.progress;
    this.expirationTime = dateOf(message.expirationTime, 'a poll');
  }

  /** @internal */
  static async of(addon: Addon, open: Open, encoded: Uint8Array): Promise<PollResult> {
    const message = decodePoll(encoded);
    return new PollResult(addon, open, message, message.info === null ? null : await flightInfoOf(addon, message.info));
  }

  /** Whether the query has ended. */
  get complete(): boolean {
    return this.#descriptor === null;
  }

  /** Asks again. The server answers once there is something new to say, which may take a while. Where the query has ended this is the last answer. */
  async next(options?: CallOptions): Promise<PollResult> {
    const descriptor = this.#descriptor;
    const call = resolveCallOptions(options);
    if (descriptor === null) return this;
    const encoded = await runCall(this.#addon, call, (native) => this.#open('next()').pollFlightInfo(descriptor, native));
    return PollResult.of(this.#addon, this.#open, encoded);
  }

  /** Polls until the query has ended, and returns what it answers then. `options` hold for each poll by itself; the signal for all of them. */
  async wait(options?: CallOptions): Promise<PollResult> {
    let poll: PollResult = this;
    let pause = 0;
    while (!poll.complete) {
      const asked = performance.now();
      poll = await poll.next(options);
      // A server should answer once there is something to say. One that answers at once is not asked all the time.
      pause = performance.now() - asked < AT_ONCE_MS ? Math.min(pause + AT_ONCE_MS, LONGEST_PAUSE_MS) : 0;
      if (pause > 0 && !poll.complete) await paused(pause, options?.signal);
    }
    return poll;
  }
}

async function paused(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
