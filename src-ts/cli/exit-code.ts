import { FlightSQLError } from '../errors.js';

/** Exit codes, the same for every command. */
export const EXIT = {
  ok: 0,
  /** The arguments were wrong, or this program failed. */
  usage: 1,
  /** No connection, or not let in. */
  connection: 2,
  /** The server refused or failed the query. */
  query: 3,
  /** A file could not be read or written. */
  io: 4,
  timeout: 124,
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  INVALID_OPTION: EXIT.usage,
  BOUNDARY_MISMATCH: EXIT.usage,
  MISSING_DEPENDENCY: EXIT.usage,
  PANIC: EXIT.usage,
  CONNECTION_FAILED: EXIT.connection,
  CONNECTION_LOST: EXIT.connection,
  TLS_ERROR: EXIT.connection,
  UNAVAILABLE: EXIT.connection,
  UNAUTHENTICATED: EXIT.connection,
  PERMISSION_DENIED: EXIT.connection,
  IO_ERROR: EXIT.io,
  DEADLINE_EXCEEDED: EXIT.timeout,
  CANCELLED: EXIT.interrupted,
};

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof FlightSQLError) return BY_CODE[error.code] ?? EXIT.query;
  return error instanceof Error && 'syscall' in error ? EXIT.io : EXIT.usage;
}

/** What is printed of it: for an error of this package or of the system its message, for any other all that there is. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof FlightSQLError) return error.hint === null ? error.message : `${error.message}\n  ${error.hint}`;
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
