import assert from 'node:assert/strict';
import type { CallOptions, FlightSQLClient } from 'flightsql';
import type { EvilServer } from '../server/evil-server.js';
import { GOOD_QUERY } from '../server/good-query.js';

/** What a server saw of a query: of each call the values of the headers that were asked for. */
export type SeenQuery = readonly (readonly [method: string, ...values: string[][]])[];

/** Reads the good query; what the server saw of the calls that this took. */
export async function seenQuery(
  server: EvilServer,
  client: FlightSQLClient,
  names: readonly string[],
  options?: CallOptions,
): Promise<SeenQuery> {
  const before = server.calls.length;
  assert.equal((await (await client.query(GOOD_QUERY, null, options)).table()).numRows, 4);
  return seenCalls(server, names).slice(before);
}

/** What a server saw of all its calls. */
export function seenCalls(server: EvilServer, names: readonly string[] = []): SeenQuery {
  return server.calls.map((call) => [call.method, ...names.map((name) => call.values(name))]);
}

/** The two calls of a query, with the same values. */
export function bothCalls(...values: string[][]): SeenQuery {
  return [
    ['GetFlightInfo', ...values],
    ['DoGet', ...values],
  ];
}
