import type { FlightSQLClient } from 'flightsql';

/** What a server supports. The suite holds a server to all of it, and what it lacks to an error that says so. */
export interface Support {
  /** CommandStatementUpdate; `pretended` by a server that answers with a count and changes nothing. */
  readonly updates: boolean | 'pretended';
  readonly prepared: boolean;
  /** Parameters of prepared queries, and of prepared updates where there are updates. */
  readonly parameters: boolean;
  /** Whether the server keeps two statements of the same text apart: what is bound to them while both run, and one when the other is closed. */
  readonly overlappingRuns: boolean;
  /** Whether the server tells how many parameters a statement has. */
  readonly parameterSchema: boolean;
  /** CommandStatementIngest, in every mode. */
  readonly ingest: boolean;
  /** PollFlightInfo. */
  readonly poll: boolean;
  /** CancelFlightInfo, or the older CancelQuery. */
  readonly cancel: boolean;
  /** RenewFlightEndpoint. */
  readonly renew: boolean;
  /** Session options, and CloseSession. */
  readonly sessions: boolean;
  readonly transactions: boolean;
  readonly savepoints: boolean;
  /** Whether the schema of a query is to be had before its rows. */
  readonly executeSchema: boolean;
  /** Whether the schema of a metadata call is to be had before its rows. */
  readonly metadataSchema: boolean;
  readonly tableTypes: boolean;
  /** Primary, exported and imported keys, and the cross reference. */
  readonly keys: boolean;
  readonly sqlInfo: boolean;
  readonly xdbcTypeInfo: boolean;
}

/** A server as the suite sees it. */
export interface Profile {
  readonly client: () => FlightSQLClient;
  readonly supports: Support;
  /** A table that is there from the start, as the server spells it, and one of its columns. */
  readonly table: string;
  /** A column of text. */
  readonly column: string;
  /** How the server writes its `n`th parameter, counted from 1. */
  readonly placeholder: (n: number) => string;
  /** The catalog that metadata is asked for; `null` is any, which some servers take for none. */
  readonly catalog: string | null;
  /** What a table of `table`'s kind is called. */
  readonly tableType: string;
  /** Where the sequence of a foreign key's columns begins: at 1, as the specification has it. */
  readonly foreignKeySequenceFrom: number;
  /** What is in `FLIGHT_SQL_SERVER_NAME`. */
  readonly serverName: RegExp;
}
