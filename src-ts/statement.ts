import type { Schema } from 'apache-arrow';
import { FlightSQLError } from './errors.js';
import { type FlightInfo, flightInfoOf } from './flight-info.js';
import { schemaReader } from './metadata/index.js';
import type { NativeBinding, NativeClient, NativePrepared } from './native/binding-types.js';
import { Call, runCall } from './native/call.js';
import { decodeInfo, encodePreparedQuery } from './native/flight-messages.js';
import {
  type CallOptions,
  type QueryOptions,
  type ResolvedStatement,
  resolveCallOptions,
  resolveQueryOptions,
  resolveStatementOptions,
  type StatementOptions,
} from './options/call-options.js';
import { type Binding, bindingOf } from './parameters/binding.js';
import { Handles } from './parameters/handles.js';
import type { QueryParameters } from './parameters/parameter-types.js';
import { QueryRun } from './parameters/query-run.js';
import { sendParameters } from './parameters/sending.js';
import { PollResult } from './poll.js';
import type { KnownPrepared } from './prepared-info.js';
import { openResult, type QueryResult } from './result.js';
import { type Statement, statementOf } from './statement-text.js';
import type { Host } from './statements.js';

/** How long closing a statement may take where nothing else is said: a server that does not answer holds nobody up. */
const CLOSE_TIMEOUT = 5000;

type Addon = Pick<NativeBinding, 'NativeCancellation' | 'schemaText'>;
type Native = Pick<
  NativeClient,
  'closePrepared' | 'executePrepared' | 'flightSchema' | 'pollFlightInfo' | 'prepare' | 'putParameters' | 'queryPrepared'
>;

/**
 * A statement that the server has prepared, to be run any number of times.
 *
 * Made by {@link FlightSQLClient.prepare}. It lives on the server until `close()`, or the end of `await using`. Runs may overlap: one that begins while
 * the result of another is still being read has the server prepare the statement once more.
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
  /** What was prepared: SQL text, or a Substrait plan; `null` where the statement was made of a handle and nothing else was said. */
  readonly statement: Statement | null;
  /** What a query returns; `null` for a statement that returns nothing, and where the server does not tell. */
  readonly resultSchema: Schema | null;
  /** The parameters, a field each; `null` where the server does not tell. */
  readonly parameterSchema: Schema | null;
  /** Whether it is to be run by `executeUpdate()`, or, with `false`, by `query()`; `null` where the server does not tell, as most do not yet. */
  readonly isUpdate: boolean | null;
  readonly #addon: Addon;
  readonly #open: (method: string) => Native;
  readonly #reading: Host['reading'];
  readonly #transaction: Uint8Array | null;
  readonly #handles: Handles;
  readonly #bound = new WeakSet<Uint8Array>();
  #closing: Promise<void> | null = null;
  #closeOptions: CallOptions | undefined;

  /**
   * `open` leads to the server for as long as the statement may run, `closing` as long as it can be closed: after the end of its transaction too.
   *
   * @internal
   */
  constructor(
    addon: Addon,
    { open, closing, reading }: { readonly open: (method: string) => Native } & Pick<Host, 'closing' | 'reading'>,
    { handle, statement, resultSchema, parameterSchema, isUpdate }: KnownPrepared,
    transaction: Uint8Array | null,
  ) {
    this.#addon = addon;
    this.#open = open;
    this.#reading = reading;
    this.statement = statement;
    this.resultSchema = resultSchema;
    this.parameterSchema = parameterSchema;
    this.isUpdate = isUpdate;
    this.#transaction = transaction;
    this.#handles = new Handles(handle, async (each) => {
      const { timeout = CLOSE_TIMEOUT, ...rest } = this.#closeOptions ?? {};
      const call = resolveCallOptions({ ...rest, timeout });
      await runCall(addon, call, (native) => closing().closePrepared(each, native));
    });
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#closing !== null;
  }

  /**
   * What the server knows the statement by, for {@link FlightSQLClient.preparedStatement} of another client. Some servers give another handle for each
   * binding of parameters, which has these in it: it is the newest.
   */
  get handle(): Uint8Array {
    return this.#handles.newest;
  }

  /** Runs the query with these parameters and returns where its result can be read. {@link PreparedStatement.query} reads it too. */
  async execute(params?: QueryParameters | null, options?: StatementOptions): Promise<FlightInfo> {
    const { call: callOptions, types } = resolveStatementOptions(options);
    const call = Call.begin(this.#addon, callOptions);
    try {
      // When its rows are read is not known here: the handle may serve the next run.
      return await this.#run('execute()', params, types, call, async (native, run) => {
        const handle = await run.bind(native, call);
        return flightInfoOf(this.#addon, call.valueOrThrow(await native.executePrepared(handle, call.native)));
      });
    } finally {
      call.end();
    }
  }

  /**
   * Begins to run the query with these parameters on the server's own time, and returns how far it is; see {@link PollResult}. Its rows are read by
   * `read(poll.info)` of the client.
   */
  async pollExecute(params?: QueryParameters | null, options?: StatementOptions): Promise<PollResult> {
    const { call: callOptions, types } = resolveStatementOptions(options);
    const call = Call.begin(this.#addon, callOptions);
    try {
      return await this.#run('pollExecute()', params, types, call, async (native, run) => {
        const descriptor = encodePreparedQuery(await run.bind(native, call));
        const encoded = call.valueOrThrow(await native.pollFlightInfo(descriptor, call.native));
        return PollResult.of(this.#addon, this.#open, encoded);
      });
    } finally {
      call.end();
    }
  }

  /**
   * The schema of the result, asked of the server now: `resultSchema` is what it told when the statement was prepared. Servers that know no GetSchema
   * are asked for a FlightInfo; some of those want parameters to be bound before.
   */
  async getSchema(options?: CallOptions): Promise<Schema> {
    const call = Call.begin(this.#addon, resolveCallOptions(options));
    try {
      this.#native('getSchema()');
      const handle = await this.#take('getSchema()', call);
      try {
        return (await schemaReader(this.#addon))(await this.#schemaOf(handle, call));
      } finally {
        this.#handles.giveBack(handle);
      }
    } finally {
      call.end();
    }
  }

  /** Runs the query with these parameters and returns its result, over all endpoints. `options` hold for the result to its end. */
  async query(params?: QueryParameters | null, options?: QueryOptions): Promise<QueryResult> {
    const { call: callOptions, types } = resolveQueryOptions(options);
    const call = Call.begin(this.#addon, callOptions);
    try {
      return await this.#run('query()', params, types, call, async (native, run) => {
        const opened = await run.query(native, call);
        call.whenOver(run.keep());
        return this.#reading(await openResult(this.#addon, opened, call));
      });
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
      const binding = await call.during(bindingOf(params, this.parameterSchema, types), (late) => void close(late, call).catch(ignore));
      try {
        const handle = await this.#take('executeUpdate()', call);
        try {
          const { count } = await sendParameters(this.#native('executeUpdate()'), handle, 'update', binding, call);
          return count;
        } finally {
          this.#handles.giveBack(handle);
        }
      } finally {
        await close(binding, call);
      }
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

  /** Runs with parameters and a handle, which is given back at the end unless the run keeps it. */
  async #run<T>(
    method: string,
    params: unknown,
    types: ResolvedStatement['types'],
    call: Call,
    work: (native: Native, run: QueryRun) => Promise<T>,
  ): Promise<T> {
    this.#native(method);
    const binding = await call.during(bindingOf(params, this.parameterSchema, types), (late) => void close(late, call).catch(ignore));
    try {
      const run = new QueryRun(this.#handles, await this.#take(method, call), binding, this.#bound);
      try {
        if (this.parameterSchema === null) run.refuseOldParameters();
        return await work(this.#native(method), run);
      } finally {
        run.end();
      }
    } finally {
      await close(binding, call);
    }
  }

  /** The encapsulated schema message of the result. */
  async #schemaOf(handle: Uint8Array, call: Call): Promise<Uint8Array> {
    const native = this.#native('getSchema()');
    try {
      return call.valueOrThrow(await native.flightSchema(encodePreparedQuery(handle), call.native));
    } catch (error) {
      if (!(error instanceof FlightSQLError) || error.code !== 'UNIMPLEMENTED') throw error;
      const { schema } = decodeInfo(call.valueOrThrow(await native.executePrepared(handle, call.native)));
      if (schema.length === 0) throw error;
      return schema;
    }
  }

  async #close(options: CallOptions | undefined): Promise<void> {
    resolveCallOptions(options);
    this.#closeOptions = options;
    await this.#handles.close();
  }

  /** A handle for the run that `call` is of. */
  #take(method: string, call: Call): Promise<Uint8Array> {
    return this.#handles.take(async () => {
      if (this.statement === null) {
        const message = `${method} was called while another run of the statement is not over, and the text to prepare it once more is not known`;
        throw new FlightSQLError('FAILED_PRECONDITION', message, {
          hint: 'read the result before to its end, or tell preparedStatement() the statement',
        });
      }
      const [handle] = call.valueOrThrow(await this.#native(method).prepare(statementOf(this.statement), this.#transaction, call.native));
      return handle;
    });
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

/** Ends the caller's iteration. One that was left waiting ends once it goes on, if it ever does. */
async function close(binding: Binding | null, call: Call): Promise<void> {
  const closing = binding?.close();
  if (call.hasLeft) closing?.catch(ignore);
  else await closing;
}

/** What the caller's iterator has to say after the end of the call. */
function ignore(): void {}
