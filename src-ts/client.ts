import { inspect } from 'node:util';
import { FlightSQLError } from './errors.js';
import { type ExportSummary, exportParquet } from './export.js';
import { type FlightEndpoint, type FlightInfo, flightInfoOf } from './flight-info.js';
import { addon } from './native/addon.js';
import type { NativeClient } from './native/binding-types.js';
import { Call, runCall } from './native/call.js';
import { constructed, valueOrThrow } from './native/outcome.js';
import { type CallOptions, resolveCallOptions } from './options/call-options.js';
import { expected } from './options/checks.js';
import { type FlightSQLClientOptions, resolveClientOptions } from './options/client-options.js';
import { type ExportOptions, resolveExport } from './options/export-options.js';
import { type QueryParameters, refuseParameters } from './options/parameters.js';
import { FlightStreamReader } from './reader.js';
import { QueryResult } from './result.js';
import { type ClientStats, clientStats } from './stats.js';
import { MessageStream } from './stream/message-stream.js';
import { endpointToRead } from './ticket.js';

/**
 * A client of one Flight SQL server.
 *
 * It connects on its first call, or by `connect()`. Calls may run at the same time, over one connection or several. A client that is not used
 * does not keep the process alive; `close()` ends it at once.
 *
 * @example
 * ```ts
 * import { FlightSQLClient } from 'flightsql'
 *
 * const client = new FlightSQLClient({ host: 'cloud2.influxdata.com', token, metadata: { database: 'bucket' } })
 * const info = await client.execute('SELECT * FROM home')
 * const table = await client.doGet(info.endpoints[0].ticket).readAll()
 * ```
 */
export class FlightSQLClient implements AsyncDisposable {
  /** The features that the client was made with. */
  readonly features: Readonly<Record<string, string>>;
  readonly #native: NativeClient;
  readonly #target: string;
  #closing: Promise<void> | null = null;

  /** @throws {@link FlightSQLError} with code `INVALID_OPTION` for options that are not known, not of the right type, or contradictory. */
  constructor(options: FlightSQLClientOptions) {
    const { native, features } = resolveClientOptions(options);
    this.features = features;
    this.#native = constructed(() => new addon.NativeClient(native));
    this.#target = native.transport === 'unix' ? `unix:${native.path}` : `${native.transport}://${hostOf(native.host)}:${native.port}`;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#closing !== null;
  }

  /** Connects and logs in now rather than on the first call, so that a wrong address or password shows here. */
  async connect(options?: CallOptions): Promise<void> {
    const call = resolveCallOptions(options);
    await runCall(addon, call, (native) => this.#open('connect()').connect(native));
  }

  /**
   * Asks the server to run a query, and returns where its result can be read. No row is read yet; some servers run the query only then.
   *
   * {@link query} does both, over all endpoints.
   */
  async execute(query: string, options?: CallOptions): Promise<FlightInfo> {
    const call = resolveCallOptions(options);
    const encoded = await runCall(addon, call, (native) => this.#open('execute()').execute(sqlText(query), native));
    return flightInfoOf(addon, encoded);
  }

  /**
   * Reads what a ticket stands for. An endpoint is read at its locations, one after the other until one answers; a ticket alone, at this
   * client's server.
   *
   * Returns at once; what goes wrong, an aborted signal included, shows on the first read. `options` hold for the stream to its end.
   */
  doGet(ticket: Uint8Array | FlightEndpoint | null, options?: CallOptions): FlightStreamReader {
    const { encoded, index } = endpointToRead(ticket);
    const call = resolveCallOptions(options);
    const native = this.#open('doGet()');
    return new FlightStreamReader(MessageStream.start(addon, call, (started) => native.doGet(encoded, index, started)));
  }

  /**
   * Runs a query and returns its result, over all endpoints. `options` hold for the result to its end.
   *
   * @param params - Values for the statement's parameters. This release binds none: any that are given are refused with code `UNIMPLEMENTED`.
   */
  async query(sql: string, params?: QueryParameters | null, options?: CallOptions): Promise<QueryResult> {
    refuseParameters(params, options !== undefined);
    const call = Call.begin(addon, resolveCallOptions(options));
    try {
      const encoded = call.valueOrThrow(await this.#open('query()').execute(sqlText(sql), call.native));
      // The rows are on their way while the answer is looked at.
      const stream = new MessageStream(this.#open('query()').read(encoded, call.native), call);
      try {
        return new QueryResult(await flightInfoOf(addon, encoded), stream);
      } catch (error) {
        stream.cancel();
        throw error;
      }
    } catch (error) {
      call.end();
      throw error;
    }
  }

  /**
   * Runs a query and writes its result to a Parquet file. The rows never enter JavaScript, and memory is bounded whatever their number.
   *
   * The file is written beside its place under another name, and renamed when it is complete; what fails or is aborted leaves nothing, and
   * an older file of the name untouched.
   *
   * @param file - A path or `file:` URL that ends in `.parquet`.
   *
   * @example
   * ```ts
   * const { rows } = await db.exportTo('SELECT * FROM home', 'home.parquet', {
   *   compression: 'zstd',
   *   onProgress: ({ rows, bytes }) => process.stderr.write(`\r${rows} rows, ${bytes} bytes`),
   * })
   * ```
   */
  async exportTo(query: string, file: string | URL, options?: ExportOptions): Promise<ExportSummary> {
    const resolved = resolveExport(file, options);
    return exportParquet(addon, this.#open('exportTo()'), sqlText(query), resolved);
  }

  /** What this client has open, and the memory that the addon holds for the whole process. */
  stats(): ClientStats {
    return clientStats(addon, this.#native);
  }

  /**
   * Refuses later calls with code `CLOSED`, and closes the connections. Results that are being read may be read to their end: their
   * connections close after them. Calling it again waits for the same.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Without secrets. */
  toJSON(): { target: string; closed: boolean } {
    return { target: this.#target, closed: this.closed };
  }

  /** @internal */
  [inspect.custom](): string {
    return `FlightSQLClient { ${this.#target}${this.closed ? ', closed' : ''} }`;
  }

  async #close(): Promise<void> {
    valueOrThrow(await this.#native.close());
  }

  #open(method: string): NativeClient {
    if (!this.closed) return this.#native;
    throw new FlightSQLError('CLOSED', `${method} was called on a client that is closed`);
  }
}

function sqlText(query: unknown): string {
  if (typeof query === 'string') return query;
  throw expected('the query', 'a string', query);
}

function hostOf(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
