import { integer } from '../options/checks.js';

/** How much an {@link EmbeddedServer} keeps for its clients, for how long, and how long it waits. */
export interface ServerLimits {
  /** How long a bearer token is good for that was given for a user and password, in milliseconds, 1,000 or more. Default 24 hours. */
  readonly tokenLifetime?: number | undefined;
  /** Bytes of results that may be kept in memory at a time. Default 512 MiB. */
  readonly maxKeptBytes?: number | undefined;
  /**
   * How long a result is kept that was computed before it was fetched, and a polled query that nobody polls, in milliseconds. Default 300,000, 5
   * minutes; renewing an endpoint makes it as long again.
   */
  readonly keptFor?: number | undefined;
  /** Prepared statements that may be open at a time. Default 1,000. */
  readonly maxPreparedStatements?: number | undefined;
  /** Bytes that prepared statements, the values for them, and values and rows that are being received may take. Default 256 MiB. */
  readonly maxPreparedBytes?: number | undefined;
  /** How long a prepared statement is kept that nobody uses, in milliseconds. Default 1,800,000, 30 minutes. */
  readonly preparedFor?: number | undefined;
  /** Sessions that there may be at a time. Default 10,000. */
  readonly maxSessions?: number | undefined;
  /** How long a session lasts that no call names, in milliseconds. Default 1,800,000, 30 minutes. */
  readonly sessionIdleTimeout?: number | undefined;
  /** Transactions that may be open at a time. Default 100. */
  readonly maxTransactions?: number | undefined;
  /**
   * How long a transaction is kept open that nobody uses before it is rolled back, and how long an upload that is ingested may fall silent, in
   * milliseconds. Default 300,000, 5 minutes.
   */
  readonly transactionTimeout?: number | undefined;
  /**
   * How long a statement waits to write while a transaction that has written, or an ingestion, does not end, in milliseconds; with 0 not at all.
   * Default 10,000.
   */
  readonly writeWait?: number | undefined;
  /** Bytes of one message that a client sends. Default 256 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** How long `stop()` waits for calls to end before it ends them, in milliseconds; with 0 not at all. Default 2,000. */
  readonly stopTimeout?: number | undefined;
}

type ResolvedLimits = { readonly [K in keyof ServerLimits]-?: number };

const count = integer(0, 2 ** 31);
const bytes = integer(1, Number.MAX_SAFE_INTEGER, ' of bytes');
// Not timeouts of calls, where 0 is no limit.
const wait = integer(0, 2 ** 31, ' of milliseconds');
const lifetime = integer(1, 2 ** 31, ' of milliseconds');

export const limitChecks = {
  // The token says when it ends in whole seconds.
  tokenLifetime: integer(1000, 2 ** 31, ' of milliseconds'),
  maxKeptBytes: bytes,
  keptFor: lifetime,
  maxPreparedStatements: count,
  maxPreparedBytes: bytes,
  preparedFor: lifetime,
  maxSessions: count,
  sessionIdleTimeout: lifetime,
  maxTransactions: count,
  transactionTimeout: lifetime,
  writeWait: wait,
  maxMessageBytes: bytes,
  stopTimeout: wait,
};

const MINUTE = 60_000;
const MIB = 2 ** 20;

const DEFAULTS: ResolvedLimits = {
  tokenLifetime: 24 * 60 * MINUTE,
  maxKeptBytes: 512 * MIB,
  keptFor: 5 * MINUTE,
  maxPreparedStatements: 1000,
  maxPreparedBytes: 256 * MIB,
  preparedFor: 30 * MINUTE,
  maxSessions: 10_000,
  sessionIdleTimeout: 30 * MINUTE,
  maxTransactions: 100,
  transactionTimeout: 5 * MINUTE,
  writeWait: 10_000,
  maxMessageBytes: 256 * MIB,
  stopTimeout: 2000,
};

/** Fills in the defaults of limits that have been checked. */
export function resolveLimits(given: ServerLimits): ResolvedLimits {
  const names = Object.keys(DEFAULTS) as (keyof ServerLimits)[];
  return Object.fromEntries(names.map((name) => [name, given[name] ?? DEFAULTS[name]])) as unknown as ResolvedLimits;
}
