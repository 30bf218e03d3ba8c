import { type ErrorEndpoint, type ErrorProgress, FlightSQLError } from '../errors.js';
import type { NativeOutcome } from './binding-types.js';

/** "The error text" of the boundary page. */
interface ErrorText {
  readonly code: string;
  readonly message: string;
  readonly grpcCode: number | null;
  readonly details: string | null;
  readonly endpoint: ErrorEndpoint | null;
  readonly progress: ErrorProgress | null;
  readonly column: string | null;
  readonly retryable: boolean;
  readonly hint: string | null;
  readonly causes: readonly string[];
}

/** The code that says that the call's own cancellation fired; it never reaches a caller. */
export const CANCELLED_BY_CALLER = 'CANCELLED_BY_CALLER';

/**
 * The value of a native call, or its error thrown.
 *
 * Called where the native promise was awaited, so that the error's stack leads to the caller's line.
 */
export function valueOrThrow<T>(outcome: NativeOutcome<T>): T {
  if (outcome[0] !== null) throw errorOf(outcome[0]);
  return outcome[1] as T;
}

/** The error that an error text describes. */
export function errorOf(text: string): FlightSQLError {
  const { code, message, details, causes, ...place } = JSON.parse(text) as ErrorText;
  return new FlightSQLError(code, message, {
    ...place,
    details: details === null ? null : new Uint8Array(Buffer.from(details, 'base64')),
    cause: chainOf(causes),
  });
}

function chainOf(causes: readonly string[]): Error | undefined {
  return causes.reduceRight<Error | undefined>(
    (cause, message) => new Error(message, cause === undefined ? undefined : { cause }),
    undefined,
  );
}

/**
 * Makes a native object. Its constructor can only throw, so that an error text comes as the message of what it throws.
 */
export function constructed<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    throw text.startsWith('{"') ? errorOf(text) : error;
  }
}
