/**
 * Arrow Flight SQL for Node.js.
 *
 * @packageDocumentation
 */

export {
  decimalBigInt,
  decimalString,
  type Row,
  type RowArray,
  type RowObject,
  type RowOptions,
  type RowValue,
  timestampBigInt,
  timestampISO,
  timestampNanos,
} from './arrow/index.js';
export { FlightSQLClient } from './client.js';
export { connect } from './connect.js';
export { type ErrorEndpoint, type ErrorProgress, FlightSQLError, type FlightSQLErrorCode, type FlightSQLErrorFields } from './errors.js';
export type { ExportSummary } from './export.js';
export type { CancelStatus, FlightClient, FlightDescriptorInput, FlightMessages } from './flight-client.js';
export {
  deserializeEndpoint,
  deserializeFlightInfo,
  type FlightDescriptor,
  type FlightEndpoint,
  type FlightInfo,
  serializeEndpoint,
  serializeFlightInfo,
} from './flight-info.js';
export type { IngestData, IngestRow } from './ingest/ingest-data.js';
export {
  type CatalogInfo,
  type DbSchemaInfo,
  type ForeignKeyInfo,
  type MetadataOf,
  type NoMetadataOptions,
  type PrimaryKeyInfo,
  type ReferentialAction,
  SQL_INFO,
  type SqlInfo,
  type SqlInfoKinds,
  type SqlInfoName,
  type SqlInfoValue,
  type TableColumn,
  type TableInfo,
  type TableTypeInfo,
  type XdbcTypeInfo,
} from './metadata/index.js';
export type { FlightActionType } from './native/flight-messages.js';
export type { CallOptions, DoGetOptions, QueryOptions, StatementOptions, UploadOptions } from './options/call-options.js';
export type { FlightSQLClientOptions, TimeoutOptions, TlsOptions } from './options/client-options.js';
export type { ExportOptions, ExportProgress, ParquetCompression } from './options/export-options.js';
export type { CallHeaders } from './options/headers.js';
export type { IngestMode, IngestOptions, IngestProgress } from './options/ingest-options.js';
export type { DbSchemasOptions, MetadataFormat, MetadataOptions, TableRef, TablesOptions } from './options/metadata-options.js';
export type { EndpointOptions, ReadOptions, SchemaCheck } from './options/read-options.js';
export type { SessionOptionInput } from './options/session-options.js';
export type { Transport } from './options/transport.js';
export type { ParameterRow, ParameterTypes, ParameterValue, QueryParameters } from './parameters/parameter-types.js';
export { PollResult } from './poll.js';
export type { PreparedStatementInfo } from './prepared-info.js';
export type { FlightPutData, FlightPutMessage } from './put.js';
export { type FlightStreamChunk, FlightStreamReader } from './reader.js';
export { QueryResult, type ResultMessage } from './result.js';
export type { NoRowOptions, RowOf } from './row-of.js';
export {
  type CloseSessionStatus,
  type SessionOptionError,
  SessionOptionsError,
  type SessionOptionValue,
} from './session.js';
export { PreparedStatement } from './statement.js';
export type { Statement, SubstraitPlan } from './statement-text.js';
export type { ClientStats, MemoryStats } from './stats.js';
export { type Savepoint, Transaction } from './transaction.js';
