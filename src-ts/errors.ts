/**
 * What went wrong, as a stable name.
 *
 * The gRPC names (`UNAUTHENTICATED`, `NOT_FOUND`, …) are what a server answered; {@link FlightSQLError.grpcCode} then holds the number.
 * The others were found on this side. Later releases may add names.
 */
export type FlightSQLErrorCode =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED'
  | 'CONNECTION_FAILED'
  | 'TLS_ERROR'
  | 'CONNECTION_LOST'
  | 'STREAM_RESET'
  | 'PROTOCOL_ERROR'
  | 'INVALID_DATA'
  | 'MESSAGE_TOO_LARGE'
  | 'SCHEMA_MISMATCH'
  | 'UNSUPPORTED_TYPE'
  | 'OUT_OF_MEMORY'
  | 'CLOSED'
  | 'UNTRUSTED_LOCATION'
  | 'INVALID_OPTION'
  | 'IO_ERROR'
  | 'PANIC'
  | 'RESULT_CONSUMED'
  | 'BOUNDARY_MISMATCH'
  | 'MISSING_DEPENDENCY'
  | 'LOSSY_CONVERSION'
  | (string & {});

/** Where in a result an error happened: which endpoint, and the location that was being read (`null`: the connection that answered). */
export interface ErrorEndpoint {
  readonly index: number;
  readonly location: string | null;
}

/** How much of a result had arrived when it failed; of an upload, how much had been sent. */
export interface ErrorProgress {
  readonly batches: number;
  readonly rows: number;
  /** Of an upload: how many of the rows the server has said that it took; `null` where it has not said it. */
  readonly acknowledgedRows?: number | null;
}

/** What a {@link FlightSQLError} is made from; all but code and message may be left out. */
export interface FlightSQLErrorFields {
  readonly grpcCode?: number | null;
  readonly details?: Uint8Array | null;
  readonly endpoint?: ErrorEndpoint | null;
  readonly progress?: ErrorProgress | null;
  readonly column?: string | null;
  readonly retryable?: boolean;
  readonly hint?: string | null;
  readonly cause?: unknown;
}

const BRAND = Symbol.for('flightsql.FlightSQLError');

/**
 * The one error class of this package.
 *
 * `instanceof FlightSQLError` holds for errors of both builds of the package (ESM and CommonJS), wherever they were thrown. An aborted call
 * is the exception: it rejects with the reason of its signal.
 *
 * @example
 * ```ts
 * import { FlightSQLError } from 'flightsql'
 *
 * try {
 *   await db.query('SELECT nonsense')
 * } catch (error) {
 *   if (error instanceof FlightSQLError && error.code === 'UNAUTHENTICATED') console.error('log in first')
 *   else throw error
 * }
 * ```
 */
export class FlightSQLError extends Error {
  /** A stable name to branch on. */
  readonly code: FlightSQLErrorCode;
  /** The gRPC status number that a server sent, or `null` where the error was found on this side. */
  readonly grpcCode: number | null;
  /** `grpc-status-details-bin` as bytes, where the server sent it. */
  readonly details: Uint8Array | null;
  /** The endpoint of the result that failed. */
  readonly endpoint: ErrorEndpoint | null;
  /** How much of the result had arrived before it failed; of an upload, how much had been sent. */
  readonly progress: ErrorProgress | null;
  /** The column that was being read. */
  readonly column: string | null;
  /** Whether repeating the call may help and cannot do harm by itself. */
  readonly retryable: boolean;
  /** What to try, where the cause is known. */
  readonly hint: string | null;

  constructor(code: FlightSQLErrorCode, message: string, fields: FlightSQLErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.grpcCode = fields.grpcCode ?? null;
    this.details = fields.details ?? null;
    this.endpoint = fields.endpoint ?? null;
    this.progress = fields.progress ?? null;
    this.column = fields.column ?? null;
    this.retryable = fields.retryable ?? false;
    this.hint = fields.hint ?? null;
  }

  /** @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== FlightSQLError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

// On the prototype, so that logging an error does not show them.
Object.defineProperties(FlightSQLError.prototype, {
  name: { value: 'FlightSQLError', configurable: true, writable: true },
  [BRAND]: { value: true },
});
