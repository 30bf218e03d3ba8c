/** What an {@link EmbeddedServer} is busy with. The numbers are read one after another, so they need not be of the same moment. */
export interface ServerStats {
  /** Calls that have not ended: from their request to the end of their answer. */
  readonly openCalls: number;
  /** Statements that have a connection: they are being prepared or under way, those that wait for their client included; ingestions, too. */
  readonly openStatements: number;
  /** Threads that compute for a client at this moment. */
  readonly computing: number;
  /** Queries that were begun to learn their types and have not been fetched yet. */
  readonly waitingResults: number;
  /** Results that are kept whole, to be fetched: `maxKeptBytes` limits their bytes, and `keptFor` the time. */
  readonly keptResults: number;
  /** Bytes of them. */
  readonly keptBytes: number;
  /** Prepared statements that have not been closed. */
  readonly preparedStatements: number;
  /** Bytes of them, of the values that are bound to them or wait for a ticket, and of values and rows that are being received. */
  readonly preparedBytes: number;
  /** Queries that run to be polled. */
  readonly polledQueries: number;
  /** Sessions that have not ended. */
  readonly sessions: number;
  /** Transactions that have been begun and not ended. */
  readonly openTransactions: number;
  /** Bytes of Arrow data, headers and bodies, that were sent since the start. It only grows. */
  readonly sentBytes: number;
}
