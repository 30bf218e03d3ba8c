import { FlightSQLClient } from './client.js';
import type { CallOptions } from './options/call-options.js';
import type { FlightSQLClientOptions } from './options/client-options.js';
import { resolveTarget } from './options/connect-target.js';
import { environmentTarget } from './options/environment.js';

/**
 * Connects to a server and logs in.
 *
 * URIs: `flightsql://host:port`, with TLS; `?transport=tcp` without; `flightsql:///path.sock?transport=unix` for a socket; further options
 * are `token`, `user`, `password`, `insecure`, `disableServerVerification`, `cookies`, `catalog`, `schema`, `database` and `header.<name>`. `grpc://`,
 * `grpc+tls://`, `grpc+tcp://`, `grpc+unix://`, JDBC URLs (`jdbc:arrow-flight-sql://…`) and `datafusion+flightsql://` are understood too. The port is 443
 * unless given.
 *
 * @param options - What the URI does not say. An option that both give is refused.
 * @param callOptions - Hold for connecting only.
 *
 * @example
 * ```ts
 * import { connect } from 'flightsql'
 *
 * const db = await connect('flightsql://localhost:31337?transport=tcp', { user: 'me', password: process.env.PASSWORD })
 * try {
 *   const result = await db.query('SELECT 1 AS one')
 *   console.log((await result.table()).numRows)
 * } finally {
 *   await db.close()
 * }
 * ```
 */
export async function connect(uri: string | URL, options?: FlightSQLClientOptions, callOptions?: CallOptions): Promise<FlightSQLClient>;
/**
 * Connects to the server that the environment names: `FLIGHTSQL_URI`, with `FLIGHTSQL_TOKEN`, `FLIGHTSQL_USER`, `FLIGHTSQL_PASSWORD` and
 * `FLIGHTSQL_HEADERS` (`name=value,…`, the values percent-encoded) beside it.
 */
export async function connect(): Promise<FlightSQLClient>;
/** Connects to the server that the options name. */
export async function connect(options: FlightSQLClientOptions, callOptions?: CallOptions): Promise<FlightSQLClient>;
export async function connect(
  target?: string | URL | FlightSQLClientOptions,
  options?: FlightSQLClientOptions | CallOptions,
  callOptions?: CallOptions,
): Promise<FlightSQLClient> {
  const client = new FlightSQLClient(clientOptions(target, options));
  try {
    await client.connect(typeof target === 'object' && !(target instanceof URL) ? (options as CallOptions | undefined) : callOptions);
  } catch (error) {
    // The error tells more than anything that closing could add.
    await client.close().catch(() => {});
    throw error;
  }
  return client;
}

function clientOptions(
  target: string | URL | FlightSQLClientOptions | undefined,
  options: FlightSQLClientOptions | CallOptions | undefined,
): FlightSQLClientOptions {
  if (target === undefined) {
    const environment = environmentTarget(process.env);
    return resolveTarget(environment.uri, environment.options);
  }
  if (typeof target === 'string' || target instanceof URL) return resolveTarget(target, options as FlightSQLClientOptions | undefined);
  return target;
}
