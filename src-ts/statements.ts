import type { Schema } from 'apache-arrow';
import { encodedInfo, type FlightInfo, flightInfoOf } from './flight-info.js';
import { ingest } from './ingest/ingest.js';
import type { IngestData } from './ingest/ingest-data.js';
import { schemaReader } from './metadata/index.js';
import type { NativeBinding, NativeClient } from './native/binding-types.js';
import { Call, runCall } from './native/call.js';
import {
  type CallOptions,
  type QueryOptions,
  resolveCallOptions,
  resolveQueryOptions,
  resolveStatementOptions,
  type StatementOptions,
} from './options/call-options.js';
import { type IngestOptions, resolveIngest } from './options/ingest-options.js';
import { hasParameters, refuseMistakenOptions } from './parameters/given.js';
import type { QueryParameters } from './parameters/parameter-types.js';
import { PollResult } from './poll.js';
import { type KnownPrepared, knownPrepared, type PreparedStatementInfo } from './prepared-info.js';
import { openResult, type QueryResult } from './result.js';
import { PreparedStatement, preparedSchemas } from './statement.js';
import { type Statement, statementOf } from './statement-text.js';

type Addon = Pick<NativeBinding, 'NativeCancellation' | 'schemaText'>;

/** The native client, or an error where `method` may not be called any more. */
export type Open = (method: string) => NativeClient;

/** What statements need of their client, beside leave to run. */
export interface Host {
  /** The native client without regard to a transaction's end. */
  readonly client: Open;
  /** The native client, to close statements with: a result that is read after the client's end has one, too. */
  readonly closing: () => NativeClient;
  /** Has the client wait with its end for the result. */
  readonly reading: <T extends { whenOver(over: () => void): void }>(result: T) => T;
  /** Has the client wait with its end for the work. */
  readonly underWay: <T>(work: Promise<T>) => Promise<T>;
}

/** The calls that a client and a transaction have in common: statements, within the transaction or each by itself. */
export class Statements {
  readonly #addon: Addon;
  readonly #open: Open;
  readonly #host: Host;
  readonly #transaction: Uint8Array | null;

  constructor(addon: Addon, open: Open, transaction: Uint8Array | null, host: Host) {
    this.#addon = addon;
    this.#open = open;
    this.#host = host;
    this.#transaction = transaction;
  }

  async execute(query: Statement, options: CallOptions | undefined): Promise<FlightInfo> {
    const call = resolveCallOptions(options);
    const encoded = await runCall(this.#addon, call, (native) =>
      this.#open('execute()').execute(statementOf(query), this.#transaction, native),
    );
    return flightInfoOf(this.#addon, encoded);
  }

  async query(sql: Statement, params: QueryParameters | null | undefined, options: QueryOptions | undefined): Promise<QueryResult> {
    refuseMistakenOptions('query', params, options);
    if (hasParameters(params)) return this.#queryPrepared(sql, params, options);
    const call = Call.begin(this.#addon, resolveQueryOptions(options).call);
    try {
      const opened = call.valueOrThrow(await this.#open('query()').query(statementOf(sql), this.#transaction, call.native));
      return this.#host.reading(await openResult(this.#addon, opened, call));
    } catch (error) {
      call.end();
      throw error;
    }
  }

  async executeUpdate(
    sql: Statement,
    params: QueryParameters | null | undefined,
    options: StatementOptions | undefined,
  ): Promise<bigint | null> {
    refuseMistakenOptions('executeUpdate', params, options);
    if (!hasParameters(params)) {
      const { call } = resolveStatementOptions(options);
      return runCall(this.#addon, call, (native) =>
        this.#open('executeUpdate()').executeUpdate(statementOf(sql), this.#transaction, native),
      );
    }
    const began = performance.now();
    const statement = await this.prepare(sql, withoutTypes(options));
    try {
      return await statement.executeUpdate(params, withTimeLeft(options, began));
    } finally {
      // Some servers confuse statements of one text: the next waits for the end of this one, as long as the caller does.
      await whileCallLasts(statement.close().catch(ignore), options, began);
    }
  }

  async prepare(sql: Statement, options: CallOptions | undefined): Promise<PreparedStatement> {
    const call = resolveCallOptions(options);
    const prepared = await runCall(this.#addon, call, (native) =>
      this.#open('prepare()').prepare(statementOf(sql), this.#transaction, native),
    );
    const [resultSchema, parameterSchema] = await preparedSchemas(this.#addon, prepared);
    return this.#prepared({ handle: prepared[0], statement: sql, resultSchema, parameterSchema, isUpdate: prepared[3] });
  }

  preparedStatement(known: PreparedStatementInfo): PreparedStatement {
    this.#open('preparedStatement()');
    return this.#prepared(knownPrepared(known));
  }

  #prepared(known: KnownPrepared): PreparedStatement {
    const host = { open: this.#open, closing: this.#host.closing, reading: this.#host.reading };
    return new PreparedStatement(this.#addon, host, known, this.#transaction);
  }

  /** The FlightInfo message of a query, and what is to be called once its result has ended. */
  async executed(
    sql: Statement,
    params: QueryParameters | null,
    options: StatementOptions,
  ): Promise<{ readonly info: Uint8Array; readonly close: () => void }> {
    if (!hasParameters(params)) return { info: encodedInfo(await this.execute(sql, withoutTypes(options))), close: () => {} };
    const began = performance.now();
    const statement = await this.prepare(sql, withoutTypes(options));
    const close = () => void statement.close().catch(ignore);
    try {
      return { info: encodedInfo(await statement.execute(params, withTimeLeft(options, began))), close };
    } catch (error) {
      close();
      throw error;
    }
  }

  async executeIngest(table: string, data: IngestData, options: IngestOptions | undefined): Promise<bigint | null> {
    const resolved = resolveIngest(table, options);
    if (resolved.transaction !== null) {
      const { transaction, ...rest } = options ?? {};
      return resolved.transaction.executeIngest(table, data, rest);
    }
    return this.#host.underWay(ingest(this.#addon, () => this.#open('executeIngest()'), data, resolved, this.#transaction));
  }

  async pollExecute(query: Statement, options: CallOptions | undefined): Promise<PollResult> {
    const call = resolveCallOptions(options);
    const encoded = await runCall(this.#addon, call, (native) =>
      this.#open('pollExecute()').pollExecute(statementOf(query), this.#transaction, native),
    );
    return PollResult.of(this.#addon, this.#host.client, encoded);
  }

  async getExecuteSchema(query: Statement, options: CallOptions | undefined): Promise<Schema> {
    const call = resolveCallOptions(options);
    const message = await runCall(this.#addon, call, (native) =>
      this.#open('getExecuteSchema()').executeSchema(statementOf(query), this.#transaction, native),
    );
    return (await schemaReader(this.#addon))(message);
  }

  async #queryPrepared(sql: Statement, params: QueryParameters, options: QueryOptions | undefined): Promise<QueryResult> {
    const began = performance.now();
    const statement = await this.prepare(sql, withoutReading(options));
    const close = () => void statement.close().catch(ignore);
    try {
      const result = await statement.query(params, withTimeLeft(options, began));
      result.whenOver(close);
      return result;
    } catch (error) {
      close();
      throw error;
    }
  }
}

function withoutReading(options: QueryOptions | undefined): CallOptions | undefined {
  if (options === undefined) return undefined;
  const { ordered: _o, schemaCheck: _s, concurrency: _c, renew: _r, ...statement } = options;
  return withoutTypes(statement);
}

function withoutTypes(options: StatementOptions | undefined): CallOptions | undefined {
  if (options === undefined) return undefined;
  const { types: _, ...call } = options;
  return call;
}

/** The options of a second call, which shares its time with the first one. */
function withTimeLeft<O extends StatementOptions>(options: O | undefined, began: number): O | undefined {
  if (options?.timeout === undefined || options.timeout === 0) return options;
  // With nothing left the call is not made longer by that, and fails with the right code.
  return { ...options, timeout: Math.max(1, Math.ceil(options.timeout - (performance.now() - began))) };
}

/** What `setTimeout` takes at most, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits for what follows a call, for no longer than the call itself may take. What is not done by then goes on, and nobody waits for it. */
async function whileCallLasts(work: Promise<void>, options: StatementOptions | undefined, began: number): Promise<void> {
  const { timeout = 0, signal } = options ?? {};
  if (signal?.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  let over = () => {};
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  if (timeout > 0) timer = setTimeout(over, Math.min(timeout - (performance.now() - began), LONGEST_TIMER));
  signal?.addEventListener('abort', over);
  try {
    await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', over);
  }
}

/** What a statement did counts; whether the server forgets it now or by itself later does not. */
function ignore(): void {}
