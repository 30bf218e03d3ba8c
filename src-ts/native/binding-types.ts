// The native addon as `docs/internals/boundary.md` describes it.

/** `[error, value]`: `error` is `null` or the JSON text of an error. */
export type NativeOutcome<T> = readonly [error: string, value: undefined] | readonly [error: null, value: T];

export type NativeTransport = 'tls' | 'tcp' | 'unix';

export interface NativeClientOptions {
  readonly host: string;
  readonly port: number;
  readonly transport: NativeTransport;
  readonly path: string | null;
  readonly serverName: string | null;
  readonly verify: boolean;
  readonly ca: string | null;
  readonly token: string | null;
  readonly user: string | null;
  readonly password: string | null;
  /** name, value, name, value…; the value of a `-bin` name is base64. */
  readonly headers: readonly string[];
  readonly trustedHosts: readonly string[];
  readonly cookies: boolean;
  /** A SetSessionOptionsRequest message, for as soon as the client has logged in. */
  readonly sessionOptions: Uint8Array | null;
  readonly maxMessageBytes: number;
  /** ms */
  readonly connectTimeout: number;
  readonly maxBufferedBytes: number;
  readonly reading: NativeReading;
}

/** How results are read; `null`, of a call, is as the client reads others. */
export interface NativeReading {
  readonly concurrency: number | null;
  readonly ordered: boolean | null;
  readonly schemaCheck: 'compatible' | 'strict' | 'off' | null;
  readonly renew: boolean | null;
}

export interface NativeCancellation {
  cancel(): void;
}

export interface NativeCall {
  readonly cancellation: NativeCancellation | null;
  /** ms, 0 = none */
  readonly timeout: number;
  readonly headers: readonly string[];
  /** `null` = as the client reads results */
  readonly reading: NativeReading | null;
  /** `null` = the client's */
  readonly maxMessageBytes: number | null;
  /** of what is sent, `null` = none */
  readonly compression: 'lz4' | 'zstd' | null;
}

export interface NativeParquetOptions {
  readonly compression: string;
  readonly compressionLevel: number | null;
  readonly rowGroupRows: number;
}

export interface NativeExportProgress {
  readonly rows: number;
  readonly bytes: number;
  readonly batches: number;
}

export interface NativeExportSummary {
  readonly rows: bigint;
  readonly bytes: bigint;
  readonly rowGroups: bigint;
}

/** An export under way; it goes on whether or not anybody asks. */
export interface NativeExport {
  progress(): NativeExportProgress;
  /** Once. */
  finish(): Promise<NativeOutcome<NativeExportSummary>>;
}

/** Messages of a stream, none where all that is left to say is the end: see "A delivery" in the boundary page. */
export type Delivery = readonly [
  words: Float64Array,
  allocations: readonly ArrayBuffer[],
  appMetadata: readonly Uint8Array[],
  handedOutBytes: number,
  /** Where it was asked for. */
  schemaText: string | null,
  /** Whether nothing comes after it. One that is not may still be followed by one without messages that is. */
  isLast: boolean,
];

export interface NativeReader {
  schema(): Promise<NativeOutcome<string>>;
  next(collect: boolean, withSchema: boolean): Promise<NativeOutcome<Delivery>>;
  collected(): void;
  /** The delivery that came with the reader, all of the result, was taken. */
  taken(): void;
  toIpc(): Promise<NativeOutcome<ArrayBuffer>>;
  cancel(): void;
}

/** An upload: parameters, rows, or what plain Flight puts. */
export interface NativePut {
  /** `null` where there was room at once. */
  write(words: Float64Array, buffers: readonly Uint8Array[], appMetadata: Uint8Array | null): Promise<NativeOutcome<null>> | null;
  writeIpc(bytes: Uint8Array): Promise<NativeOutcome<null>>;
  finish(): Promise<NativeOutcome<readonly [handle: Uint8Array | null, count: bigint | null]>>;
  /** Resolves once the call is over; `finish` tells how it went. Of no use for an exchange. */
  ended(): Promise<NativeOutcome<null>>;
  /** Whether batches go from where they lie: then one is best made when the one before it was answered. */
  isDirect(): boolean;
  /** What the connection has taken so far. */
  sent(): { readonly batches: number; readonly rows: number };
  /** What an exchange is answered with; once. `null` where it could not be begun, which `write` and `finishPlain` say. */
  reader(): NativeReader | null;
  finishPlain(): Promise<NativeOutcome<readonly Uint8Array[]>>;
  cancel(): void;
}

/** Messages of a call that answers with any number of them; `next` has none at the end. */
export interface NativeMessages {
  next(): Promise<NativeOutcome<readonly Uint8Array[]>>;
  cancel(): void;
}

/** A Substrait plan. */
export interface NativePlan {
  readonly plan: Uint8Array;
  readonly version: string;
}

/** SQL text, or a plan. */
export type NativeStatement = string | NativePlan;

export interface NativeIngest {
  readonly table: string;
  readonly catalog: string | null;
  readonly dbSchema: string | null;
  readonly temporary: boolean;
  readonly transaction: Uint8Array | null;
  readonly mode: 'create' | 'append' | 'replace' | 'create_append';
  /** name, value, name, value… */
  readonly options: readonly string[];
}

/** A prepared statement; the schemas as encapsulated IPC messages, empty where not told. */
export type NativePrepared = readonly [handle: Uint8Array, resultSchema: Uint8Array, parameterSchema: Uint8Array, isUpdate: boolean | null];

/** A reader, and the delivery that is all of its result, where that was there at once and is little; until that is `taken` the reader has it too. */
export type OpenedReader = readonly [reader: NativeReader, whole: Delivery | null];

/** A prepared query that was bound; the handle that binding gave comes also where what followed failed. */
export type NativeRun = readonly [
  handle: Uint8Array | null,
  ...opened:
    | readonly [error: string, info: null, reader: null, whole: null]
    | readonly [error: null, info: Uint8Array, ...opened: OpenedReader],
];

export interface NativeClientStats {
  readonly openStreams: number;
  readonly connections: number;
  readonly receivedBytes: number;
  readonly bufferedBytes: number;
  readonly calls: number;
}

export interface NativeMemoryStats {
  readonly handedOutBytes: number;
  readonly handedOutBuffers: number;
  readonly usedBytes: number;
  readonly pooledBytes: number;
  readonly receivedBodyBytes: number;
  readonly copiedBodyBytes: number;
  readonly openStreams: number;
}

export interface NativeTableRef {
  readonly catalog: string | null;
  readonly dbSchema: string | null;
  readonly table: string;
}

/** One of Flight SQL's metadata commands; each reads the fields that it has. */
export interface NativeMetadataRequest {
  readonly command:
    | 'catalogs'
    | 'dbSchemas'
    | 'tables'
    | 'tableTypes'
    | 'primaryKeys'
    | 'exportedKeys'
    | 'importedKeys'
    | 'crossReference'
    | 'sqlInfo'
    | 'xdbcTypeInfo';
  readonly catalog: string | null;
  readonly dbSchemaFilterPattern: string | null;
  readonly tableNameFilterPattern: string | null;
  readonly tableTypes: readonly string[];
  readonly includeSchema: boolean;
  readonly table: NativeTableRef | null;
  readonly foreignTable: NativeTableRef | null;
  readonly codes: readonly number[];
  readonly dataType: number | null;
}

export interface NativeClient {
  connect(call: NativeCall): Promise<NativeOutcome<null>>;
  execute(statement: NativeStatement, transaction: Uint8Array | null, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  executeUpdate(statement: NativeStatement, transaction: Uint8Array | null, call: NativeCall): Promise<NativeOutcome<bigint | null>>;
  executeSchema(statement: NativeStatement, transaction: Uint8Array | null, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  pollExecute(statement: NativeStatement, transaction: Uint8Array | null, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  /** CancelStatus of Flight.proto */
  cancelQuery(info: Uint8Array, call: NativeCall): Promise<NativeOutcome<number>>;
  prepare(statement: NativeStatement, transaction: Uint8Array | null, call: NativeCall): Promise<NativeOutcome<NativePrepared>>;
  closePrepared(handle: Uint8Array, call: NativeCall): Promise<NativeOutcome<null>>;
  /** Executes, and begins to read. */
  query(
    statement: NativeStatement,
    transaction: Uint8Array | null,
    call: NativeCall,
  ): Promise<NativeOutcome<readonly [info: Uint8Array, ...opened: OpenedReader]>>;
  /** Binds one message, unless `schema` is `null`, executes, and begins to read. */
  queryPrepared(
    handle: Uint8Array,
    schema: string | null,
    words: Float64Array,
    buffers: readonly Uint8Array[],
    call: NativeCall,
  ): Promise<NativeOutcome<NativeRun>>;
  executePrepared(handle: Uint8Array, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  putParameters(handle: Uint8Array, binding: 'query' | 'update', schema: string | null, call: NativeCall): NativePut;
  ingest(request: NativeIngest, schema: string | null, call: NativeCall): NativePut;
  beginTransaction(call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  endTransaction(transaction: Uint8Array, ending: 'commit' | 'rollback', call: NativeCall): Promise<NativeOutcome<null>>;
  beginSavepoint(transaction: Uint8Array, name: string, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  endSavepoint(savepoint: Uint8Array, ending: 'release' | 'rollback', call: NativeCall): Promise<NativeOutcome<null>>;
  /** Asks, and begins to read the answer. */
  metadata(request: NativeMetadataRequest, call: NativeCall): Promise<NativeOutcome<OpenedReader>>;
  metadataSchema(request: NativeMetadataRequest, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  doGet(endpoint: Uint8Array, index: number, call: NativeCall): NativeReader;
  read(info: Uint8Array, call: NativeCall): NativeReader;
  exportParquet(source: string | Uint8Array, path: string, options: NativeParquetOptions, call: NativeCall): NativeExport;
  flightInfo(descriptor: Uint8Array, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  flightSchema(descriptor: Uint8Array, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  pollFlightInfo(descriptor: Uint8Array, call: NativeCall): Promise<NativeOutcome<Uint8Array>>;
  doPut(descriptor: Uint8Array, schema: string | null, call: NativeCall): NativePut;
  doExchange(descriptor: Uint8Array, schema: string | null, call: NativeCall): NativePut;
  doAction(name: string, body: Uint8Array, call: NativeCall): NativeMessages;
  listActions(call: NativeCall): NativeMessages;
  listFlights(criteria: Uint8Array, call: NativeCall): NativeMessages;
  handshake(payload: Uint8Array, call: NativeCall): NativeMessages;
  close(): Promise<NativeOutcome<null>>;
  stats(): NativeClientStats;
}

export interface NativeServer {
  readonly host: string;
  readonly port: number;
  stats(): NativeServerStats;
  stop(): Promise<NativeOutcome<null>>;
}

export interface NativeBinding {
  boundaryVersion(): number;
  addonVersion(): string;
  memoryStats(): NativeMemoryStats;
  /** The schema text of an IPC-encapsulated schema message, which is what `FlightInfo.schema` holds. */
  schemaText(ipc: Uint8Array): NativeOutcome<string>;
  readonly NativeCancellation: new () => NativeCancellation;
  readonly NativeClient: new (options: NativeClientOptions) => NativeClient;
  readonly NativeServer: { start(options: NativeServerOptions): Promise<NativeOutcome<NativeServer>> };
}

export interface NativeServerStats {
  readonly openCalls: number;
  readonly openStatements: number;
  readonly computing: number;
  readonly waitingResults: number;
  readonly keptResults: number;
  readonly keptBytes: number;
  readonly preparedStatements: number;
  readonly preparedBytes: number;
  readonly polledQueries: number;
  readonly sessions: number;
  readonly openTransactions: number;
  readonly sentBytes: number;
}

export interface NativeServerOptions {
  readonly host: string;
  /** 0 = a free one */
  readonly port: number;
  /** A file's path, or `null` for one in memory. */
  readonly database: string | null;
  readonly init: string | null;
  readonly user: string | null;
  readonly password: string | null;
  readonly token: string | null;
  readonly endpoints: number;
  readonly batchRows: number | null;
  readonly readOnly: boolean;
  /** ms, as are the times below */
  readonly tokenLifetime: number;
  readonly maxKeptBytes: number;
  readonly keptFor: number;
  readonly maxPreparedStatements: number;
  readonly maxPreparedBytes: number;
  readonly preparedFor: number;
  readonly maxSessions: number;
  readonly sessionIdleTimeout: number;
  readonly maxTransactions: number;
  readonly transactionTimeout: number;
  readonly writeWait: number;
  readonly maxMessageBytes: number;
  readonly stopTimeout: number;
}
