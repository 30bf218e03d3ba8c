import type { Schema } from 'apache-arrow';
import { FlightSQLError } from './errors.js';
import { type FlightInfo, flightInfoOf } from './flight-info.js';
import { schemaReader } from './metadata/index.js';
import type { NativeBinding, NativeClient, NativePrepared } from './native/binding-types.js';
import { Call, runCall } from './native/call.js';
import { type CallOptions, resolveCallOptions, resolveStatementOptions, type StatementOptions } from './options/call-options.js';
import { bindingOf } from './parameters/binding.js';
import type { QueryParameters } from './parameters/parameter-types.js';
import { sendParameters } from './parameters/sending.js';
import { openResult, type QueryResult } from './result.js';
import { Turnstile } from './stream/turnstile.js';

/** How long closing a statement may take where nothing else is said: a server that does not answer holds nobody up. */
const CLOSE_TIMEOUT = 5000;

type Addon = Pick<NativeBinding, 'NativeCancellation' | 'schemaText'>;
type Native = Pick<NativeClient, 'closePrepared' | 'executePrepared' | 'putParameters' | 'read'>;

/**
 * A statement that the server has prepared, to be run any number of times.
 *
 * Made by {@link FlightSQLClient.prepare}. It lives on the server until `close()`, or the end of `await using`. Runs may overlap: each binds its own
 * parameters, one after the other.
 *
 * @example
 * ```ts
 * const statement = await db.prepare('INSERT INTO home VALUES (?, ?)')
 * try {
 *   console.log(await statement.executeUpdate([['kitchen', 21.5], ['hall', 19]]), 'rows')
 * } finally {
 *   await statement.close()
 * }
 * ```
 */
export class PreparedStatement implements AsyncDisposable {
  /** The statement's text. */
  readonly sql: string;
  /** What a query returns; `null` for a statement that returns nothing, and where the server does not tell. */
  readonly resultSchema: Schema | null;
  /** The parameters, a field each; `null` where the server does not tell. */
  readonly parameterSchema: Schema | null;
  readonly #addon: Addon;
  readonly #open: (method: string) => Native;
  readonly #turnstile = new Turnstile();
  #handle: Uint8Array;
  #isBound = false;
  #closing: Promise<void> | null = null;

  /** @internal */
  constructor(
    addon: Addon,
    open: (method: string) => Native,
    sql: string,
    handle: Uint8Array,
    schemas: readonly [Schema | null, Schema | null],
  ) {
    this.#addon = addon;
    this.#open = open;
    this.sql = sql;
    this.#handle = handle;
    [this.resultSchema, this.parameterSchema] = schemas;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#closing !== null;
  }

  /** Runs the query with these parameters and returns where its result can be read. {@link PreparedStatement.query} reads it too. */
  async execute(params?: QueryParameters | null, options?: StatementOptions): Promise<FlightInfo> {
    const { call: callOptions, types } = resolveStatementOptions(options);
    const call = Call.begin(this.#addon, callOptions);
    try {
      return await flightInfoOf(this.#addon, await this.#execute('execute()', params, types, call));
    } finally {
      call.end();
    }
  }

  /** Runs the query with these parameters and returns its result, over all endpoints. `options` hold for the result to its end. */
  async query(params?: QueryParameters | null, options?: StatementOptions): Promise<QueryResult> {
    const { call: callOptions, types } = resolveStatementOptions(options);
    const call = Call.begin(this.#addon, callOptions);
    try {
      const info = await this.#execute('query()', params, types, call);
      return await openResult(this.#addon, this.#native('query()'), info, call);
    } catch (error) {
      call.end();
      throw error;
    }
  }

  /**
   * Runs the statement for its effect, once with each row of parameters, and returns how many rows it changed in all; `null` where the server does
   * not know.
   */
  async executeUpdate(params?: QueryParameters | null, options?: StatementOptions): Promise<bigint | null> {
    const { call: callOptions, types } = resolveStatementOptions(options);
    const call = Call.begin(this.#addon, callOptions);
    try {
      this.#native('executeUpdate()');
      const binding = await bindingOf(params, this.parameterSchema, types);
      const { count } = await this.#alone(() => sendParameters(this.#native('executeUpdate()'), this.#handle, 'update', binding, call));
      return count;
    } finally {
      call.end();
    }
  }

  /** Has the server forget the statement. Results that are being read may be read to their end. Calling it again waits for the same. */
  close(options?: CallOptions): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #execute(
    method: string,
    params: unknown,
    types: ReturnType<typeof resolveStatementOptions>['types'],
    call: Call,
  ): Promise<Uint8Array> {
    this.#native(method);
    const binding = await bindingOf(params, this.parameterSchema, types);
    return this.#alone(async () => {
      const native = this.#native(method);
      if (binding === null && this.#isBound && this.parameterSchema === null) {
        throw new FlightSQLError(
          'INVALID_ARGUMENT',
          'no parameters are given, and those of the run before are still bound: give them again',
        );
      }
      if (binding !== null) {
        const { handle } = await sendParameters(native, this.#handle, 'query', binding, call);
        this.#isBound = true;
        // Servers that keep nothing put the parameters into the handle.
        if (handle !== null) this.#handle = handle;
      }
      return call.valueOrThrow(await native.executePrepared(this.#handle, call.native));
    });
  }

  /** What is bound is the server's state: no other run may come between binding and executing. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#turnstile.enter();
    try {
      return await work();
    } finally {
      this.#turnstile.leave();
    }
  }

  async #close(options: CallOptions | undefined): Promise<void> {
    const call = resolveCallOptions({ timeout: CLOSE_TIMEOUT, ...options });
    await this.#alone(() => runCall(this.#addon, call, (native) => this.#open('close()').closePrepared(this.#handle, native)));
  }

  #native(method: string): Native {
    if (this.closed) throw new FlightSQLError('CLOSED', `${method} was called on a prepared statement that is closed`);
    return this.#open(method);
  }
}

/** Reads the schemas of what a server has prepared. */
export async function preparedSchemas(addon: Addon, prepared: NativePrepared): Promise<[result: Schema | null, parameters: Schema | null]> {
  const [, result, parameters] = prepared;
  if (result.length === 0 && parameters.length === 0) return [null, null];
  const schemaOf = await schemaReader(addon);
  const read = (message: Uint8Array) => (message.length === 0 ? null : schemaOf(message));
  const resultSchema = read(result);
  return [resultSchema === null || resultSchema.fields.length === 0 ? null : resultSchema, read(parameters)];
}
