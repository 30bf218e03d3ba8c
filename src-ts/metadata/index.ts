export type { TableColumn } from './columns.js';
export { MetadataCalls } from './metadata-calls.js';
export type { MetadataOf, NoMetadataOptions } from './metadata-of.js';
export type {
  CatalogInfo,
  DbSchemaInfo,
  ForeignKeyInfo,
  PrimaryKeyInfo,
  ReferentialAction,
  TableInfo,
  TableTypeInfo,
  XdbcTypeInfo,
} from './objects.js';
export { schemaReader } from './reading.js';
export { SQL_INFO, type SqlInfo, type SqlInfoKinds, type SqlInfoName, type SqlInfoValue } from './sql-info.js';
