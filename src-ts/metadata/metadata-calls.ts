import type { Schema, Table } from 'apache-arrow';
import type { RowObject } from '../arrow/index.js';
import type { NativeBinding, NativeClient, NativeMetadataRequest } from '../native/binding-types.js';
import { expected } from '../options/checks.js';
import {
  metadataRequest,
  type ResolvedMetadata,
  resolveDbSchemas,
  resolveMetadata,
  resolveTables,
  tableRef,
} from '../options/metadata-options.js';
import { Fields } from './fields.js';
import { catalogOf, dbSchemaOf, foreignKeyOf, primaryKeyOf, tableInfoOf, tableTypeOf, xdbcTypeOf } from './objects.js';
import { readMetadata } from './reading.js';
import { sqlInfoCodes, sqlInfoOf } from './sql-info.js';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** The metadata calls of a client: arguments to a request, rows to objects. What each means is said where the client offers it. */
export class MetadataCalls {
  readonly #addon: Pick<NativeBinding, 'NativeCancellation' | 'schemaText'>;
  /** The native client, or an error where it is closed. */
  readonly #open: (method: string) => NativeClient;

  constructor(addon: Pick<NativeBinding, 'NativeCancellation' | 'schemaText'>, open: (method: string) => NativeClient) {
    this.#addon = addon;
    this.#open = open;
  }

  getCatalogs(options: unknown) {
    return this.#list('getCatalogs()', metadataRequest('catalogs'), resolveMetadata(options), catalogOf);
  }

  getDbSchemas(options: unknown) {
    const resolved = resolveDbSchemas(options);
    return this.#list('getDbSchemas()', resolved.request, resolved, dbSchemaOf);
  }

  getTables(options: unknown) {
    const resolved = resolveTables(options);
    return this.#read('getTables()', resolved.request, resolved, (rows, schemaOf) =>
      rows.map((row) => tableInfoOf(new Fields(row), schemaOf)),
    );
  }

  getTableTypes(options: unknown) {
    return this.#list('getTableTypes()', metadataRequest('tableTypes'), resolveMetadata(options), tableTypeOf);
  }

  getPrimaryKeys(table: unknown, options: unknown) {
    const request = metadataRequest('primaryKeys', { table: tableRef(table, 'the table') });
    return this.#list('getPrimaryKeys()', request, resolveMetadata(options), primaryKeyOf);
  }

  getExportedKeys(table: unknown, options: unknown) {
    const request = metadataRequest('exportedKeys', { table: tableRef(table, 'the table') });
    return this.#list('getExportedKeys()', request, resolveMetadata(options), foreignKeyOf);
  }

  getImportedKeys(table: unknown, options: unknown) {
    const request = metadataRequest('importedKeys', { table: tableRef(table, 'the table') });
    return this.#list('getImportedKeys()', request, resolveMetadata(options), foreignKeyOf);
  }

  getCrossReference(primary: unknown, foreign: unknown, options: unknown) {
    const tables = {
      table: tableRef(primary, 'the table with the primary key'),
      foreignTable: tableRef(foreign, 'the table that refers to it'),
    };
    return this.#list('getCrossReference()', metadataRequest('crossReference', tables), resolveMetadata(options), foreignKeyOf);
  }

  getSqlInfo(infos: unknown, options: unknown) {
    return this.#read('getSqlInfo()', metadataRequest('sqlInfo', { codes: sqlInfoCodes(infos) }), resolveMetadata(options), sqlInfoOf);
  }

  getXdbcTypeInfo(dataType: unknown, options: unknown) {
    const request = metadataRequest('xdbcTypeInfo', { dataType: dataTypeOf(dataType) });
    return this.#list('getXdbcTypeInfo()', request, resolveMetadata(options), xdbcTypeOf);
  }

  #list<T>(method: string, request: NativeMetadataRequest, options: ResolvedMetadata, object: (fields: Fields) => T) {
    return this.#read(method, request, options, (rows) => rows.map((row) => object(new Fields(row))));
  }

  async #read<T>(
    method: string,
    request: NativeMetadataRequest,
    options: ResolvedMetadata,
    objects: (rows: readonly RowObject[], schemaOf: (message: Uint8Array) => Schema) => T,
  ): Promise<T | Table | Schema> {
    return readMetadata(this.#addon, this.#open(method), request, options, objects);
  }
}

function dataTypeOf(dataType: unknown): number | null {
  if (dataType === undefined || dataType === null) return null;
  if (typeof dataType === 'number' && Number.isInteger(dataType) && dataType >= INT32_MIN && dataType <= INT32_MAX) return dataType;
  throw expected('the data type', "XDBC's number for it, or null for all", dataType);
}
