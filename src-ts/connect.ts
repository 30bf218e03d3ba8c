import { FlightSQLClient } from './client.js';
import type { CallOptions } from './options/call-options.js';
import type { FlightSQLClientOptions } from './options/client-options.js';
import { resolveTarget } from './options/connect-target.js';

/**
 * Connects to a server and logs in.
 *
 * URIs: `flightsql://host:port`, with TLS; `?transport=tcp` without; `flightsql:///path.sock?transport=unix` for a socket; further options
 * are `token`, `user`, `password`, `insecure`, `disableServerVerification`, `database` and `header.<name>`. `grpc://`, `grpc+tls://`,
 * `grpc+tcp://`, `grpc+unix://`, JDBC URLs (`jdbc:arrow-flight-sql://…`) and `datafusion+flightsql://` are understood too. The port is 443
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
/** Connects to the server that the options name. */
export async function connect(options: FlightSQLClientOptions, callOptions?: CallOptions): Promise<FlightSQLClient>;
export async function connect(
  target: string | URL | FlightSQLClientOptions,
  options?: FlightSQLClientOptions | CallOptions,
  callOptions?: CallOptions,
): Promise<FlightSQLClient> {
  const byUri = typeof target === 'string' || target instanceof URL;
  const client = new FlightSQLClient(byUri ? resolveTarget(target, options as FlightSQLClientOptions | undefined) : target);
  try {
    await client.connect(byUri ? callOptions : (options as CallOptions | undefined));
  } catch (error) {
    // The error tells more than anything that closing could add.
    await client.close().catch(() => {});
    throw error;
  }
  return client;
}
