import { inspect } from 'node:util';
import type { Schema } from 'apache-arrow';
import { FlightSQLError } from './errors.js';
import { type ExportSummary, exportParquet } from './export.js';
import type { FlightEndpoint, FlightInfo } from './flight-info.js';
import {
  type CatalogInfo,
  type DbSchemaInfo,
  type ForeignKeyInfo,
  MetadataCalls,
  type MetadataOf,
  type NoMetadataOptions,
  type PrimaryKeyInfo,
  type SqlInfo,
  type SqlInfoName,
  type TableInfo,
  type TableTypeInfo,
  type XdbcTypeInfo,
} from './metadata/index.js';
import { addon } from './native/addon.js';
import type { NativeClient } from './native/binding-types.js';
import { runCall } from './native/call.js';
import { constructed, valueOrThrow } from './native/outcome.js';
import { type CallOptions, resolveCallOptions, type StatementOptions } from './options/call-options.js';
import { expected } from './options/checks.js';
import { type FlightSQLClientOptions, resolveClientOptions } from './options/client-options.js';
import { type ExportOptions, resolveExport } from './options/export-options.js';
import type { DbSchemasOptions, MetadataOptions, TableRef, TablesOptions } from './options/metadata-options.js';
import type { QueryParameters } from './parameters/parameter-types.js';
import { FlightStreamReader } from './reader.js';
import type { QueryResult } from './result.js';
import type { PreparedStatement } from './statement.js';
import { Statements, sqlText } from './statements.js';
import { type ClientStats, clientStats } from './stats.js';
import { MessageStream } from './stream/message-stream.js';
import { endpointToRead } from './ticket.js';
import { beginTransaction, inTransaction, type Transaction } from './transaction.js';

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
  readonly #metadata: MetadataCalls;
  readonly #statements: Statements;
  #closing: Promise<void> | null = null;

  /** @throws {@link FlightSQLError} with code `INVALID_OPTION` for options that are not known, not of the right type, or contradictory. */
  constructor(options: FlightSQLClientOptions) {
    const { native, features } = resolveClientOptions(options);
    this.features = features;
    this.#native = constructed(() => new addon.NativeClient(native));
    this.#metadata = new MetadataCalls(addon, (method) => this.#open(method));
    this.#statements = new Statements(addon, (method) => this.#open(method), null);
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
   * {@link FlightSQLClient.query} does both, over all endpoints.
   */
  async execute(query: string, options?: CallOptions): Promise<FlightInfo> {
    return this.#statements.execute(query, options);
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
   * With parameters a statement is prepared, bound, run, and closed when the result has ended.
   *
   * @example
   * ```ts
   * const result = await db.query('SELECT room FROM home WHERE temp > ?', [20])
   * console.log((await result.table()).numRows)
   * ```
   */
  async query(sql: string, params?: QueryParameters | null, options?: StatementOptions): Promise<QueryResult> {
    return this.#statements.query(sql, params, options);
  }

  /**
   * Has the server prepare a statement, to be run any number of times with parameters.
   */
  async prepare(sql: string, options?: CallOptions): Promise<PreparedStatement> {
    return this.#statements.prepare(sql, options);
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

  /**
   * Runs a statement for its effect, such as INSERT or CREATE TABLE, and returns how many rows it changed; `null` where the server does not know.
   * With several rows of parameters it runs once with each.
   *
   * Statements that change something belong here: some servers run what {@link FlightSQLClient.query} is given only when its rows are read.
   *
   * @example
   * ```ts
   * await db.executeUpdate('INSERT INTO home VALUES (?, ?)', [['attic', 14], ['cellar', 9.5]])
   * ```
   */
  async executeUpdate(sql: string, params?: QueryParameters | null, options?: StatementOptions): Promise<bigint | null> {
    return this.#statements.executeUpdate(sql, params, options);
  }

  /** Begins a transaction. {@link FlightSQLClient.transaction} ends it by itself. */
  async beginTransaction(options?: CallOptions): Promise<Transaction> {
    return beginTransaction(addon, (method) => this.#open(method), options);
  }

  /**
   * Runs a function in a transaction, which is committed when that has ended, and rolled back when it throws; what it throws is thrown on.
   * `options` hold for beginning and for committing, each by itself.
   *
   * @example
   * ```ts
   * await db.transaction(async (tx) => {
   *   await tx.executeUpdate('UPDATE home SET temp = temp - ? WHERE room = ?', [1, 'hall'])
   *   await tx.executeUpdate('UPDATE home SET temp = temp + ? WHERE room = ?', [1, 'attic'])
   * })
   * ```
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>, options?: CallOptions): Promise<T> {
    if (typeof work !== 'function') throw expected('the work of a transaction', 'a function async (tx) => …', work);
    return inTransaction(await this.beginTransaction(options), work, options);
  }

  /**
   * The schema that a query's result will have, without running it. Servers that know no such call are asked to execute the query, and tell the
   * schema then; those that tell it only with the rows make this fail with code `UNIMPLEMENTED`.
   */
  async getExecuteSchema(query: string, options?: CallOptions): Promise<Schema> {
    return this.#statements.getExecuteSchema(query, options);
  }

  /** The catalogs of the server. */
  async getCatalogs<const O extends MetadataOptions = NoMetadataOptions>(options?: O): Promise<MetadataOf<O, CatalogInfo[]>> {
    return this.#metadata.getCatalogs(options) as Promise<MetadataOf<O, CatalogInfo[]>>;
  }

  /** The schemas of the server's catalogs. */
  async getDbSchemas<const O extends DbSchemasOptions = NoMetadataOptions>(options?: O): Promise<MetadataOf<O, DbSchemaInfo[]>> {
    return this.#metadata.getDbSchemas(options) as Promise<MetadataOf<O, DbSchemaInfo[]>>;
  }

  /**
   * The tables of the server.
   *
   * @example
   * ```ts
   * const [home] = await db.getTables({ tableNameFilterPattern: 'home', includeSchema: true })
   * for (const { name, type, typeName } of home?.columns ?? []) console.log(name, String(type), typeName)
   * ```
   */
  async getTables<const O extends TablesOptions = NoMetadataOptions>(options?: O): Promise<MetadataOf<O, TableInfo[]>> {
    return this.#metadata.getTables(options) as Promise<MetadataOf<O, TableInfo[]>>;
  }

  /** The kinds of tables that the server has. */
  async getTableTypes<const O extends MetadataOptions = NoMetadataOptions>(options?: O): Promise<MetadataOf<O, TableTypeInfo[]>> {
    return this.#metadata.getTableTypes(options) as Promise<MetadataOf<O, TableTypeInfo[]>>;
  }

  /** The columns of a table's primary key. */
  async getPrimaryKeys<const O extends MetadataOptions = NoMetadataOptions>(
    table: TableRef,
    options?: O,
  ): Promise<MetadataOf<O, PrimaryKeyInfo[]>> {
    return this.#metadata.getPrimaryKeys(table, options) as Promise<MetadataOf<O, PrimaryKeyInfo[]>>;
  }

  /** The foreign keys that refer to a table. */
  async getExportedKeys<const O extends MetadataOptions = NoMetadataOptions>(
    table: TableRef,
    options?: O,
  ): Promise<MetadataOf<O, ForeignKeyInfo[]>> {
    return this.#metadata.getExportedKeys(table, options) as Promise<MetadataOf<O, ForeignKeyInfo[]>>;
  }

  /** The foreign keys of a table. */
  async getImportedKeys<const O extends MetadataOptions = NoMetadataOptions>(
    table: TableRef,
    options?: O,
  ): Promise<MetadataOf<O, ForeignKeyInfo[]>> {
    return this.#metadata.getImportedKeys(table, options) as Promise<MetadataOf<O, ForeignKeyInfo[]>>;
  }

  /** The foreign keys by which one table refers to another, whose primary key it is. */
  async getCrossReference<const O extends MetadataOptions = NoMetadataOptions>(
    primaryKeyTable: TableRef,
    foreignKeyTable: TableRef,
    options?: O,
  ): Promise<MetadataOf<O, ForeignKeyInfo[]>> {
    return this.#metadata.getCrossReference(primaryKeyTable, foreignKeyTable, options) as Promise<MetadataOf<O, ForeignKeyInfo[]>>;
  }

  /**
   * What the server says of itself, all of it or what is asked for, by name or code.
   *
   * @example
   * ```ts
   * const { FLIGHT_SQL_SERVER_NAME, SQL_IDENTIFIER_QUOTE_CHAR } = await db.getSqlInfo()
   * console.log(FLIGHT_SQL_SERVER_NAME, SQL_IDENTIFIER_QUOTE_CHAR)
   * ```
   */
  async getSqlInfo<const O extends MetadataOptions = NoMetadataOptions>(
    infos?: readonly (SqlInfoName | number)[] | null,
    options?: O,
  ): Promise<MetadataOf<O, SqlInfo>> {
    return this.#metadata.getSqlInfo(infos, options) as Promise<MetadataOf<O, SqlInfo>>;
  }

  /** The types that the server has, or those of one of XDBC's numbers. */
  async getXdbcTypeInfo<const O extends MetadataOptions = NoMetadataOptions>(
    dataType?: number | null,
    options?: O,
  ): Promise<MetadataOf<O, XdbcTypeInfo[]>> {
    return this.#metadata.getXdbcTypeInfo(dataType, options) as Promise<MetadataOf<O, XdbcTypeInfo[]>>;
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

function hostOf(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
