import type { ResolvedCallOptions } from '../options/call-options.js';
import type { NativeBinding, NativeCall, NativeMessages } from './binding-types.js';
import { Call } from './call.js';

type Addon = Pick<NativeBinding, 'NativeCancellation'>;

/** All messages that a call answers with. */
export async function collectMessages(
  addon: Addon,
  options: ResolvedCallOptions,
  begin: (call: NativeCall) => NativeMessages,
): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const message of new MessageSequence(addon, options, begin, (each) => each)) all.push(message);
  return all;
}

/**
 * The messages of a call that answers with any number of them. It begins with the first read; leaving a loop over it early ends it on the server
 * as well. It is read once.
 */
export class MessageSequence<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #addon: Addon;
  readonly #options: ResolvedCallOptions;
  readonly #begin: (call: NativeCall) => NativeMessages;
  readonly #read: (message: Uint8Array) => T | Promise<T>;
  #running: { readonly call: Call; readonly messages: NativeMessages } | null = null;
  #waiting: readonly Uint8Array[] = [];
  #position = 0;
  #done = false;
  /** The read before, which the next one waits for: reads that overlap would each fetch messages, and lose those of the other. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(
    addon: Addon,
    options: ResolvedCallOptions,
    begin: (call: NativeCall) => NativeMessages,
    read: (message: Uint8Array) => T | Promise<T>,
  ) {
    this.#addon = addon;
    this.#options = options;
    this.#begin = begin;
    this.#read = read;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const next = this.#before.then(() => this.#next());
    this.#before = next.catch(() => {});
    return next;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    if (this.#position === this.#waiting.length && !this.#done) await this.#fetch();
    const message = this.#waiting[this.#position];
    if (message === undefined) return { done: true, value: undefined };
    this.#position += 1;
    return { done: false, value: await this.#read(message) };
  }

  async #fetch(): Promise<void> {
    try {
      this.#running ??= this.#start();
      const { call, messages } = this.#running;
      this.#waiting = call.valueOrThrow(await messages.next());
      this.#position = 0;
      if (this.#waiting.length === 0) this.#end();
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #start(): { readonly call: Call; readonly messages: NativeMessages } {
    const call = Call.begin(this.#addon, this.#options);
    try {
      return { call, messages: this.#begin(call.native) };
    } catch (error) {
      call.end();
      throw error;
    }
  }

  #end(): void {
    this.#done = true;
    this.#waiting = [];
    this.#position = 0;
    this.#running?.messages.cancel();
    this.#running?.call.end();
  }
}
