import type { Schema } from 'apache-arrow';
import { type ExportSummary, exportParquet } from './export.js';
import { FlightClient } from './flight-client.js';
import type { FlightInfo } from './flight-info.js';
import type { IngestData } from './ingest/ingest-data.js';
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
import type { CallOptions, QueryOptions, StatementOptions } from './options/call-options.js';
import { expected } from './options/checks.js';
import { type FlightSQLClientOptions, resolveClientOptions } from './options/client-options.js';
import { type ExportOptions, resolveExport } from './options/export-options.js';
import type { IngestOptions } from './options/ingest-options.js';
import type { DbSchemasOptions, MetadataOptions, TableRef, TablesOptions } from './options/metadata-options.js';
import { hasParameters } from './parameters/given.js';
import type { QueryParameters } from './parameters/parameter-types.js';
import type { PollResult } from './poll.js';
import type { PreparedStatementInfo } from './prepared-info.js';
import type { QueryResult } from './result.js';
import type { PreparedStatement } from './statement.js';
import type { Statement } from './statement-text.js';
import { type Host, Statements } from './statements.js';
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
export class FlightSQLClient extends FlightClient {
  /** The features that the client was made with. */
  readonly features: Readonly<Record<string, string>>;
  readonly #metadata: MetadataCalls;
  readonly #host: Host;
  readonly #statements: Statements;

  /** @throws {@link FlightSQLError} with code `INVALID_OPTION` for options that are not known, not of the right type, or contradictory. */
  constructor(options: FlightSQLClientOptions) {
    const resolved = resolveClientOptions(options);
    super(resolved);
    this.features = resolved.features;
    this.#metadata = new MetadataCalls(addon, (method) => this.open(method));
    this.#host = {
      client: (method) => this.open(method),
      closing: () => this.last,
      reading: (result) => this.reading(result),
      underWay: (work) => this.underWay(work),
    };
    this.#statements = new Statements(addon, this.#host.client, null, this.#host);
  }

  /**
   * Asks the server to run a query, and returns where its result can be read. No row is read yet; some servers run the query only then.
   *
   * {@link FlightSQLClient.query} does both, over all endpoints.
   */
  async execute(query: Statement, options?: CallOptions): Promise<FlightInfo> {
    return this.#statements.execute(query, options);
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
  async query(sql: Statement, params?: QueryParameters | null, options?: QueryOptions): Promise<QueryResult> {
    return this.#statements.query(sql, params, options);
  }

  /**
   * Has the server prepare a statement, to be run any number of times with parameters.
   */
  async prepare(sql: Statement, options?: CallOptions): Promise<PreparedStatement> {
    return this.#statements.prepare(sql, options);
  }

  /**
   * A statement that was prepared already, by another client or process, of what is known of it: at least its {@link PreparedStatement.handle}. Nothing is
   * sent. Without schemas parameters have the types that their values suggest, and without the text of the statement runs may not overlap.
   *
   * Whether the server knows the handle shows when the statement runs; many want it to come from the session that prepared it. `close()` has the server
   * forget it.
   *
   * @example
   * ```ts
   * const { handle } = await db.prepare('SELECT room FROM home WHERE temp > ?')
   * // Elsewhere, where the handle was sent to:
   * const statement = db.preparedStatement({ handle })
   * console.log((await (await statement.query([20])).table()).numRows)
   * ```
   */
  preparedStatement(known: PreparedStatementInfo): PreparedStatement {
    return this.#statements.preparedStatement(known);
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
  async exportTo(query: Statement, file: string | URL, options?: ExportOptions): Promise<ExportSummary> {
    const resolved = resolveExport(file, options);
    const native = () => this.open('exportTo()');
    if (typeof query === 'string' && !hasParameters(resolved.params)) {
      return this.underWay(exportParquet(addon, native(), query, resolved));
    }
    native();
    const { timeout, headers, signal, maxMessageBytes, types } = options ?? {};
    const { info, close } = await this.#statements.executed(query, resolved.params, { timeout, headers, signal, maxMessageBytes, types });
    try {
      return await this.underWay(exportParquet(addon, native(), info, resolved));
    } finally {
      close();
    }
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
  async executeUpdate(sql: Statement, params?: QueryParameters | null, options?: StatementOptions): Promise<bigint | null> {
    return this.#statements.executeUpdate(sql, params, options);
  }

  /**
   * Sends rows into a table, which the server makes where `mode` says so, and returns how many it took; `null` where it does not know. No SQL is
   * written for it, and no row is bound: record batches go as they are.
   *
   * The data is a Table, a RecordBatch, or an iterable of batches, of rows as objects, or of bytes of Arrow IPC; iterables may be asynchronous, and
   * are asked for more as the server has room. What fails on the way says how many rows had been sent, and leaves the server to undo its part.
   *
   * @example
   * ```ts
   * const rows = [{ room: 'kitchen', temp: 21.5 }, { room: 'hall', temp: 19 }]
   * console.log(await db.executeIngest('home', rows, { mode: 'create_append' }), 'rows')
   * ```
   */
  async executeIngest(table: string, data: IngestData, options?: IngestOptions): Promise<bigint | null> {
    return this.#statements.executeIngest(table, data, options);
  }

  /**
   * Has the server run a query on its own time, and returns how far it is: see {@link PollResult}. Servers that know no PollFlightInfo make this fail
   * with code `UNIMPLEMENTED`.
   */
  async pollExecute(query: Statement, options?: CallOptions): Promise<PollResult> {
    return this.#statements.pollExecute(query, options);
  }

  /** Begins a transaction. {@link FlightSQLClient.transaction} ends it by itself. */
  async beginTransaction(options?: CallOptions): Promise<Transaction> {
    return beginTransaction(addon, this.#host, options);
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
  async getExecuteSchema(query: Statement, options?: CallOptions): Promise<Schema> {
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
}
