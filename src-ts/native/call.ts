import { FlightSQLError } from '../errors.js';
import type { ResolvedCallOptions } from '../options/call-options.js';
import { cancelOnAbort } from './abort.js';
import type { NativeBinding, NativeCall, NativeCancellation, NativeOutcome } from './binding-types.js';
import { CANCELLED_BY_CALLER, errorOf } from './outcome.js';

/** The longest that a timer of Node waits. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** What {@link Call.during} throws where the call that it is about has ended meanwhile. */
export const CALL_OVER: unique symbol = Symbol('the call is over');

/** The end of a call that a caller's source is read for. One listens to it at a time, however often the source is waited for. */
export class CallEnd {
  #isOver = false;
  #listener: (() => void) | null = null;

  constructor(ended: Promise<unknown>) {
    ended.then(() => {
      this.#isOver = true;
      this.#tell();
    });
  }

  /** Calls `listener` once the call has ended. Returns what ends that. */
  listen(listener: () => void): () => void {
    this.#listener = listener;
    if (this.#isOver) this.#tell();
    return () => {
      this.#listener = null;
    };
  }

  /** Behind what is there already: what a source has to say counts first. */
  #tell(): void {
    setImmediate(() => this.#listener?.());
  }
}

/** One call over the boundary: it carries the caller's deadline, headers and signal, and knows why it was cancelled. */
export class Call {
  readonly #options: ResolvedCallOptions;
  readonly #began = performance.now();
  readonly #addon: Pick<NativeBinding, 'NativeCancellation'>;
  /** Made where something may need it: Node spends more on such an object than on the rest of a call. */
  #cancellation: NativeCancellation | null = null;
  readonly #release: () => void;
  #cancelled: (() => unknown) | null = null;
  readonly #over: (() => void)[] = [];
  #hasLeft = false;

  constructor(addon: Pick<NativeBinding, 'NativeCancellation'>, options: ResolvedCallOptions) {
    this.#addon = addon;
    this.#options = options;
    this.#release = options.signal === null ? () => {} : cancelOnAbort(options.signal, this.#ownCancellation());
  }

  /** The same, for a call that {@link Call.cancel} is to end, and nothing else can. */
  get cancellable(): NativeCall {
    this.#ownCancellation();
    return this.native;
  }

  /** What the addon is told. A second native call of this one has what is left of the time. */
  get native(): NativeCall {
    const { timeout, headers, reading, maxMessageBytes, compression } = this.#options;
    const left = timeout === 0 ? 0 : Math.max(1, Math.ceil(timeout - (performance.now() - this.#began)));
    return { cancellation: this.#cancellation, timeout: left, headers, reading, maxMessageBytes, compression };
  }

  /** A call that begins now. Throws the signal's reason if it is aborted already: then nothing is sent. */
  static begin(addon: Pick<NativeBinding, 'NativeCancellation'>, options: ResolvedCallOptions): Call {
    options.signal?.throwIfAborted();
    return new Call(addon, options);
  }

  /** The value of a native call that belongs to this one; throws its error, or the reason why it was cancelled. */
  valueOrThrow<T>(outcome: NativeOutcome<T>): T {
    if (outcome[0] === null) return outcome[1] as T;
    throw this.reasonOf(outcome[0]);
  }

  /** What is thrown for an error text of a native call that belongs to this one. */
  reasonOf(text: string): unknown {
    return this.#reasonOr(errorOf(text));
  }

  /** Whether the caller's signal was aborted. */
  get aborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  /** The reason of an aborted signal. */
  get abortReason(): unknown {
    return this.#options.signal?.reason;
  }

  /**
   * Waits for what knows nothing of this call, such as a caller's iterator, no longer than the call may last: throws the signal's reason, or that
   * the time is over, or {@link CALL_OVER} at the end of the call. What comes after that is given to `late`.
   */
  during<T>(waited: Promise<T>, late: (value: T) => void = () => {}, end: CallEnd | null = null): Promise<T> {
    const { signal, timeout } = this.#options;
    if (signal === null && timeout === 0 && end === null) return waited;
    return new Promise((resolve, reject) => {
      let isLeft = false;
      let hasCome = false;
      const leave = (reason: unknown) => {
        if (hasCome || isLeft) return;
        this.#hasLeft = isLeft = true;
        release();
        reject(reason);
      };
      const deafen = signal === null ? () => {} : cancelOnAbort(signal, { cancel: () => leave(signal.reason) });
      const unlisten = end === null ? () => {} : end.listen(() => leave(CALL_OVER));
      const timer = timeout === 0 ? undefined : setTimeout(() => leave(timedOut()), Math.min(this.native.timeout, LONGEST_WAIT));
      const release = () => {
        clearTimeout(timer);
        deafen();
        unlisten();
      };
      waited.then(
        (value) => {
          if (isLeft) return late(value);
          hasCome = true;
          release();
          resolve(value);
        },
        (error: unknown) => {
          hasCome = true;
          release();
          reject(error);
        },
      );
      if (signal?.aborted) leave(signal.reason);
    });
  }

  /** Whether something that was waited for `during` the call was left waiting. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Calls `over` once the call has ended, however it did. */
  whenOver(over: () => void): void {
    this.#over.push(over);
  }

  /** Cancels, unless the call has ended. What still waits for it then throws `reason()`. */
  cancel(reason: () => unknown): void {
    this.#cancelled ??= reason;
    this.#cancellation?.cancel();
    this.end();
  }

  /** To be called when nothing more is awaited of the call. */
  end(): void {
    this.#release();
    for (const over of this.#over.splice(0)) over();
  }

  #ownCancellation(): NativeCancellation {
    this.#cancellation ??= new this.#addon.NativeCancellation();
    return this.#cancellation;
  }

  #reasonOr(error: FlightSQLError): unknown {
    if (error.code !== CANCELLED_BY_CALLER) return error;
    // Whichever came first; the signal's reason also where both did.
    if (this.aborted) return this.abortReason;
    return this.#cancelled === null ? error : this.#cancelled();
  }
}

function timedOut(): FlightSQLError {
  return new FlightSQLError('DEADLINE_EXCEEDED', 'the call was not over within its timeout');
}

/**
 * Runs a call that has one answer. What takes several native calls begins and ends its `Call` itself: V8 keeps ten lines of a stack, and each function in
 * between could take the caller's.
 */
export async function runCall<T>(
  addon: Pick<NativeBinding, 'NativeCancellation'>,
  options: ResolvedCallOptions,
  start: (call: NativeCall) => Promise<NativeOutcome<T>>,
): Promise<T> {
  const call = Call.begin(addon, options);
  try {
    return call.valueOrThrow(await start(call.native));
  } finally {
    call.end();
  }
}
