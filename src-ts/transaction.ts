import type { Schema } from 'apache-arrow';
import { FlightSQLError } from './errors.js';
import type { FlightInfo } from './flight-info.js';
import type { IngestData } from './ingest/ingest-data.js';
import type { NativeBinding } from './native/binding-types.js';
import { runCall } from './native/call.js';
import { type CallOptions, type QueryOptions, resolveCallOptions, type StatementOptions } from './options/call-options.js';
import { string } from './options/checks.js';
import type { IngestOptions } from './options/ingest-options.js';
import type { QueryParameters } from './parameters/parameter-types.js';
import type { PollResult } from './poll.js';
import type { QueryResult } from './result.js';
import type { PreparedStatement } from './statement.js';
import type { Statement } from './statement-text.js';
import { type Host, type Open, Statements } from './statements.js';

/** How long rolling back may take where nobody asked for it: a server that does not answer holds nobody up. */
const ROLLBACK_TIMEOUT = 5000;

type Addon = Pick<NativeBinding, 'NativeCancellation' | 'schemaText'>;

/** A point within a transaction that can be returned to. */
export interface Savepoint {
  readonly name: string;
}

/**
 * A transaction: what its methods do is committed together, or not at all.
 *
 * Made by {@link FlightSQLClient.beginTransaction}, or by {@link FlightSQLClient.transaction}, which commits by itself. One that is left open is
 * rolled back at the end of `await using`.
 *
 * @example
 * ```ts
 * const tx = await db.beginTransaction()
 * try {
 *   await tx.executeUpdate('UPDATE home SET temp = temp + 1')
 *   await tx.commit()
 * } catch (error) {
 *   if (!tx.ended) await tx.rollback()
 *   throw error
 * }
 * ```
 */
export class Transaction implements AsyncDisposable {
  readonly #addon: Addon;
  readonly #client: Open;
  readonly #id: Uint8Array;
  readonly #statements: Statements;
  readonly #savepoints = new Map<Savepoint, Uint8Array>();
  #ended: 'committed' | 'rolled back' | 'lost' | null = null;
  #counter = 0;

  /** @internal */
  constructor(addon: Addon, host: Host, id: Uint8Array) {
    this.#addon = addon;
    this.#client = host.client;
    this.#id = id;
    this.#statements = new Statements(addon, (method) => this.#open(method), id, host);
  }

  /** Whether it was committed or rolled back. */
  get ended(): boolean {
    return this.#ended !== null;
  }

  /** As {@link FlightSQLClient.execute}, within the transaction. */
  async execute(query: Statement, options?: CallOptions): Promise<FlightInfo> {
    return this.#statements.execute(query, options);
  }

  /** As {@link FlightSQLClient.query}, within the transaction. */
  async query(sql: Statement, params?: QueryParameters | null, options?: QueryOptions): Promise<QueryResult> {
    return this.#statements.query(sql, params, options);
  }

  /** As {@link FlightSQLClient.executeUpdate}, within the transaction. */
  async executeUpdate(sql: Statement, params?: QueryParameters | null, options?: StatementOptions): Promise<bigint | null> {
    return this.#statements.executeUpdate(sql, params, options);
  }

  /** As {@link FlightSQLClient.prepare}; the statement runs within the transaction. */
  async prepare(sql: Statement, options?: CallOptions): Promise<PreparedStatement> {
    return this.#statements.prepare(sql, options);
  }

  /** As {@link FlightSQLClient.getExecuteSchema}, within the transaction. */
  async getExecuteSchema(query: Statement, options?: CallOptions): Promise<Schema> {
    return this.#statements.getExecuteSchema(query, options);
  }

  /** As {@link FlightSQLClient.executeIngest}, within the transaction. */
  async executeIngest(table: string, data: IngestData, options?: Omit<IngestOptions, 'transaction'>): Promise<bigint | null> {
    return this.#statements.executeIngest(table, data, options);
  }

  /** As {@link FlightSQLClient.pollExecute}, within the transaction. */
  async pollExecute(query: Statement, options?: CallOptions): Promise<PollResult> {
    return this.#statements.pollExecute(query, options);
  }

  /**
   * Makes what was done last. Where it fails the transaction is over too, and what became of it is the server's to know: after a lost connection it
   * may have been committed.
   */
  async commit(options?: CallOptions): Promise<void> {
    await this.#end('commit', 'committed', options);
  }

  /** Undoes what was done. */
  async rollback(options?: CallOptions): Promise<void> {
    await this.#end('rollback', 'rolled back', options);
  }

  /**
   * Begins a savepoint. With a function it is released when that has ended, and rolled back to when it throws; what it throws is thrown on.
   *
   * @param name - For the server's eyes; two may have the same. Without one it gets one.
   */
  async savepoint(name?: string, options?: CallOptions): Promise<Savepoint>;
  async savepoint<T>(name: string | undefined, work: (tx: this) => Promise<T>, options?: CallOptions): Promise<T>;
  async savepoint<T>(
    name?: string,
    workOrOptions?: ((tx: this) => Promise<T>) | CallOptions,
    options?: CallOptions,
  ): Promise<Savepoint | T> {
    if (typeof workOrOptions !== 'function') return this.#beginSavepoint(name, workOrOptions);
    const savepoint = await this.#beginSavepoint(name, options);
    let value: T;
    try {
      value = await workOrOptions(this);
    } catch (error) {
      // What was thrown is what the caller should see, whatever becomes of the savepoint.
      if (!this.ended && this.#savepoints.has(savepoint)) await this.#undo(savepoint);
      throw error;
    }
    if (!this.ended && this.#savepoints.has(savepoint)) await this.#endSavepoint('release', savepoint, options);
    return value;
  }

  /** A transaction within this one, which is a savepoint: see {@link Transaction.savepoint}. */
  async transaction<T>(work: (tx: this) => Promise<T>, options?: CallOptions): Promise<T> {
    return this.savepoint(undefined, work, options);
  }

  /** Undoes what was done since a savepoint. It stays, and may be returned to again; those that were begun after it end. */
  async rollbackToSavepoint(savepoint: Savepoint, options?: CallOptions): Promise<void> {
    await this.#endSavepoint('rollback', savepoint, options);
  }

  /** Ends a savepoint, and those that were begun after it; what was done since stays part of the transaction. */
  async releaseSavepoint(savepoint: Savepoint, options?: CallOptions): Promise<void> {
    await this.#endSavepoint('release', savepoint, options);
  }

  /** Rolls back, unless it has ended. A server that does not answer within seconds rolls back by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.ended) await this.rollback({ timeout: ROLLBACK_TIMEOUT }).catch(ignore);
  }

  async #end(ending: 'commit' | 'rollback', state: 'committed' | 'rolled back', options: CallOptions | undefined): Promise<void> {
    const call = resolveCallOptions(options);
    const native = this.#open(`${ending}()`);
    // Nothing was sent yet: the transaction goes on, and can still be ended.
    call.signal?.throwIfAborted();
    this.#ended = 'lost';
    try {
      await runCall(this.#addon, call, (each) => native.endTransaction(this.#id, ending, each));
    } catch (error) {
      // The server may never have begun to commit, and would keep the transaction, and its locks, until it gives it up.
      if (ending === 'commit') this.#giveUp(native);
      throw error;
    }
    this.#ended = state;
  }

  #giveUp(native: ReturnType<Open>): void {
    const call = resolveCallOptions({ timeout: ROLLBACK_TIMEOUT });
    runCall(this.#addon, call, (each) => native.endTransaction(this.#id, 'rollback', each)).catch(ignore);
  }

  async #beginSavepoint(name: string | undefined, options: CallOptions | undefined): Promise<Savepoint> {
    this.#counter += 1;
    const given = name === undefined ? `savepoint_${this.#counter}` : string(name, 'the name of a savepoint');
    const call = resolveCallOptions(options);
    const id = await runCall(this.#addon, call, (native) => this.#open('savepoint()').beginSavepoint(this.#id, given, native));
    const savepoint: Savepoint = Object.freeze({ name: given });
    this.#savepoints.set(savepoint, id);
    return savepoint;
  }

  async #endSavepoint(ending: 'release' | 'rollback', savepoint: Savepoint, options: CallOptions | undefined): Promise<void> {
    const id = this.#savepoints.get(savepoint);
    const native = this.#open(ending === 'release' ? 'releaseSavepoint()' : 'rollbackToSavepoint()');
    if (id === undefined) throw new FlightSQLError('INVALID_ARGUMENT', 'the savepoint is none of this transaction, or has ended');
    await runCall(this.#addon, resolveCallOptions(options), (call) => native.endSavepoint(id, ending, call));
    const all = [...this.#savepoints.keys()];
    const ended = all.slice(all.indexOf(savepoint) + (ending === 'release' ? 0 : 1));
    for (const each of ended) this.#savepoints.delete(each);
  }

  /** Whatever ended the work, an aborted signal included, must not keep it from being undone; where it cannot be, the whole is. */
  async #undo(savepoint: Savepoint): Promise<void> {
    try {
      await this.#endSavepoint('rollback', savepoint, { timeout: ROLLBACK_TIMEOUT });
    } catch {
      await this[Symbol.asyncDispose]();
      return;
    }
    await this.#endSavepoint('release', savepoint, { timeout: ROLLBACK_TIMEOUT }).catch(ignore);
  }

  #open(method: string): ReturnType<Open> {
    if (this.#ended === null) return this.#client(method);
    const what = this.#ended === 'lost' ? 'whose end failed' : `that is ${this.#ended}`;
    throw new FlightSQLError('CLOSED', `${method} was called on a transaction ${what}`);
  }
}

/** Begins a transaction. */
export async function beginTransaction(addon: Addon, host: Host, options: CallOptions | undefined): Promise<Transaction> {
  const call = resolveCallOptions(options);
  const id = await runCall(addon, call, (native) => host.client('beginTransaction()').beginTransaction(native));
  return new Transaction(addon, host, id);
}

/** Runs `work` in a transaction, and commits it; rolls back where that throws, and throws it on. */
export async function inTransaction<T>(
  transaction: Transaction,
  work: (tx: Transaction) => Promise<T>,
  options: CallOptions | undefined,
): Promise<T> {
  let value: T;
  try {
    value = await work(transaction);
  } catch (error) {
    await transaction[Symbol.asyncDispose]();
    throw error;
  }
  if (transaction.ended) return value;
  try {
    await transaction.commit(options);
  } finally {
    // Where the signal was aborted before the commit was sent; nobody else could end it.
    await transaction[Symbol.asyncDispose]();
  }
  return value;
}

/** What is thrown already says why. */
function ignore(): void {}
