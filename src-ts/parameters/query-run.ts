import { FlightSQLError } from '../errors.js';
import type { NativeClient, OpenedReader } from '../native/binding-types.js';
import type { Call } from '../native/call.js';
import type { Binding } from './binding.js';
import type { Handles } from './handles.js';
import { sendParameters } from './sending.js';

const NO_WORDS = new Float64Array(0);

/** One run of a prepared query, with a handle of its own. */
export class QueryRun {
  readonly #handles: Handles;
  readonly #binding: Binding | null;
  /** Handles that parameters were bound to. */
  readonly #bound: WeakSet<Uint8Array>;
  #handle: Uint8Array;
  #isKept = false;

  constructor(handles: Handles, handle: Uint8Array, binding: Binding | null, bound: WeakSet<Uint8Array>) {
    this.#handles = handles;
    this.#handle = handle;
    this.#binding = binding;
    this.#bound = bound;
  }

  /** Throws where no parameters are given and those of the run before are still bound: the server would use them again. */
  refuseOldParameters(): void {
    if (this.#binding !== null || !this.#bound.has(this.#handle)) return;
    throw new FlightSQLError('INVALID_ARGUMENT', 'no parameters are given, and those of the run before are still bound: give them again');
  }

  /** Binds what there is to bind. Returns the handle to execute. */
  async bind(client: Pick<NativeClient, 'putParameters'>, call: Call): Promise<Uint8Array> {
    if (this.#binding !== null) {
      this.#bound.add(this.#handle);
      this.#adopt((await sendParameters(client, this.#handle, 'query', this.#binding, call)).handle);
    }
    return this.#handle;
  }

  /** Binds, executes and begins to read. Parameters of one message, as most are, go with the rest. */
  async query(
    client: Pick<NativeClient, 'putParameters' | 'queryPrepared'>,
    call: Call,
  ): Promise<readonly [info: Uint8Array, ...opened: OpenedReader]> {
    const messages = this.#binding?.messages;
    const only = Array.isArray(messages) && messages.length === 1 ? messages[0] : null;
    if (only === null) await this.bind(client, call);
    else this.#bound.add(this.#handle);
    const schemaText = only === null ? null : (this.#binding?.schemaText ?? null);
    const { words, buffers } = only ?? { words: NO_WORDS, buffers: [] };
    const run = call.valueOrThrow(await client.queryPrepared(this.#handle, schemaText, words, buffers, call.native));
    this.#adopt(run[0]);
    if (run[1] !== null) throw call.reasonOf(run[1]);
    return [run[2], run[3], run[4]];
  }

  /** Keeps the handle in use beyond the end of this. Returns what gives it back. */
  keep(): () => void {
    this.#isKept = true;
    return () => this.#handles.giveBack(this.#handle);
  }

  /** Gives the handle back, unless it is kept. */
  end(): void {
    if (!this.#isKept) this.#handles.giveBack(this.#handle);
  }

  /** Servers that keep nothing put the parameters into the handle. */
  #adopt(handle: Uint8Array | null): void {
    if (handle === null) return;
    this.#handle = handle;
    this.#bound.add(handle);
  }
}
