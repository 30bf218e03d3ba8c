import { FlightSQLError } from '../errors.js';

/** The application's own copy of apache-arrow. */
export type ArrowModule = typeof import('apache-arrow');

let loading: Promise<ArrowModule> | undefined;

/**
 * Loads the application's apache-arrow, once, on the first result that needs it.
 *
 * A copy that is missing or too old is an error that says what to install; the next call tries again.
 */
export function loadArrow(): Promise<ArrowModule> {
  loading ??= import('apache-arrow').then(checked, missing);
  return loading;
}

function checked(arrow: ArrowModule): ArrowModule {
  // Utf8View, BinaryView and LargeList came with 21.2.0; the version itself is not exported.
  if (arrow.Utf8View !== undefined && arrow.LargeList !== undefined) return arrow;
  return refuse('the installed apache-arrow is older than 21.2.0', undefined);
}

function missing(cause: unknown): never {
  return refuse('apache-arrow could not be loaded', cause);
}

function refuse(message: string, cause: unknown): never {
  loading = undefined;
  throw new FlightSQLError('MISSING_DEPENDENCY', message, {
    hint: 'flightsql uses the copy of apache-arrow that your application has, 21.2.0 or later: npm install apache-arrow',
    cause,
  });
}
