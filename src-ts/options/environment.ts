import { invalidOption } from './checks.js';
import type { FlightSQLClientOptions } from './client-options.js';

/** What the environment says of a server: its URI, and what that leaves to the options. */
export interface EnvironmentTarget {
  readonly uri: string;
  readonly options: FlightSQLClientOptions;
}

/** Reads `FLIGHTSQL_URI`, `FLIGHTSQL_TOKEN`, `FLIGHTSQL_USER`, `FLIGHTSQL_PASSWORD` and `FLIGHTSQL_HEADERS`. An empty variable is none. */
export function environmentTarget(environment: Readonly<Record<string, string | undefined>>): EnvironmentTarget {
  const uri = environment['FLIGHTSQL_URI'] || undefined;
  if (uri === undefined) {
    throw invalidOption('connect() without a URI or options connects to what FLIGHTSQL_URI names, and that is not set');
  }
  return {
    uri,
    options: {
      token: environment['FLIGHTSQL_TOKEN'] || undefined,
      user: environment['FLIGHTSQL_USER'] || undefined,
      password: environment['FLIGHTSQL_PASSWORD'] || undefined,
      headers: headersOf(environment['FLIGHTSQL_HEADERS'] ?? ''),
    },
  };
}

/** `name=value` pairs separated by commas, the values percent-encoded where they hold a comma. */
function headersOf(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
    // Values may be secret: an error shows none of it.
    if (name === undefined || value === undefined) throw invalidOption("FLIGHTSQL_HEADERS holds a part that is not 'name=value'");
    try {
      headers[name] = decodeURIComponent(value.trim());
    } catch {
      throw invalidOption(`FLIGHTSQL_HEADERS holds a value for '${name}' whose percent-encoding is broken`);
    }
  }
  return headers;
}
