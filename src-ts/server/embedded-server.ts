import { addon } from '../native/addon.js';
import type { NativeServer } from '../native/binding-types.js';
import { valueOrThrow } from '../native/outcome.js';
import { resolveServerOptions, type ServerOptions } from './server-options.js';
import type { ServerStats } from './server-stats.js';

// The native server ends when it is collected. One that is known by its URI only, as in a test's setup, must go on.
const running = new Set<EmbeddedServer>();

/**
 * A Flight SQL server over SQLite, within this process: for tests, demos and trying things out. It is no database server for production.
 *
 * It runs until `stop()` or the end of the process, which it does not keep alive by itself. Its traffic is not encrypted, so it listens on the loopback interface unless told otherwise.
 *
 * @example
 * ```ts
 * import { connect } from 'flightsql'
 * import { EmbeddedServer } from 'flightsql/server'
 *
 * const server = await EmbeddedServer.start({ init: 'CREATE TABLE home (room TEXT, temp DOUBLE); INSERT INTO home VALUES (\'kitchen\', 21.5)' })
 * try {
 *   const db = await connect(server.uri)
 *   const result = await db.query('SELECT * FROM home')
 *   console.log((await result.table()).toArray())
 *   await db.close()
 * } finally {
 *   await server.stop()
 * }
 * ```
 */
export class EmbeddedServer implements AsyncDisposable {
  /** The address that it listens on. */
  readonly host: string;
  readonly port: number;
  /** What `connect()` takes. Credentials are not part of it. */
  readonly uri: string;
  readonly #native: NativeServer;
  #stopping: Promise<void> | null = null;

  private constructor(native: NativeServer) {
    this.#native = native;
    this.host = native.host;
    this.port = native.port;
    this.uri = `flightsql://${reachable(native.host)}:${native.port}?transport=tcp`;
  }

  /**
   * Starts a server, and resolves when it accepts connections.
   *
   * @throws {@link FlightSQLError} with code `INVALID_OPTION` for options that cannot work, `IO_ERROR` where the port or the file cannot be
   * opened, and the error of `init` if that fails.
   */
  static async start(options: ServerOptions = {}): Promise<EmbeddedServer> {
    const server = new EmbeddedServer(valueOrThrow(await addon.NativeServer.start(resolveServerOptions(options))));
    running.add(server);
    return server;
  }

  /**
   * What the server is busy with at the moment: a test sees by it that nothing is left of what its clients did. All zeros once the server is stopped.
   *
   * @example
   * ```ts
   * import { EmbeddedServer } from 'flightsql/server'
   *
   * const server = await EmbeddedServer.start()
   * const { openCalls, preparedStatements, openTransactions } = server.stats()
   * console.log(openCalls + preparedStatements + openTransactions) // 0
   * await server.stop()
   * ```
   */
  stats(): ServerStats {
    return this.#native.stats();
  }

  /** Ends the server: it accepts no more, and calls that are under way have a short time to end. Calling it again waits for the same. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** The same as `stop()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    running.delete(this);
    valueOrThrow(await this.#native.stop());
  }
}

/** The host of a URI that leads to a server which listens on `host`: all addresses are reached by the loopback one. */
function reachable(host: string): string {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return address.includes(':') ? `[${address}]` : address;
}
