import type { NativeMetadataRequest, NativeTableRef } from '../native/binding-types.js';
import { type CallOptions, callChecks, type ResolvedCallOptions, resolvedCall } from './call-options.js';
import { boolean, type Check, checkOptions, expected, oneOf, strings } from './checks.js';

/** In which form metadata is returned: typed objects, the server's own Arrow Table, or that Table's schema alone, for which no row is read. */
export type MetadataFormat = 'objects' | 'arrow' | 'schema';

/** Options of every metadata call. */
export interface MetadataOptions extends CallOptions {
  /** Default `objects`. */
  readonly format?: MetadataFormat | undefined;
}

/** Options of {@link FlightSQLClient.getDbSchemas}. */
export interface DbSchemasOptions extends MetadataOptions {
  /** Only this catalog; `''` stands for what has no catalog. Default: any. */
  readonly catalog?: string | null | undefined;
  /** Only schemas whose name is LIKE this: `%` stands for any characters, `_` for one. Default: any. */
  readonly dbSchemaFilterPattern?: string | null | undefined;
}

/** Options of {@link FlightSQLClient.getTables}. */
export interface TablesOptions extends DbSchemasOptions {
  /** Only tables whose name is LIKE this: `%` stands for any characters, `_` for one. Default: any. */
  readonly tableNameFilterPattern?: string | null | undefined;
  /** Only tables of these types, as {@link FlightSQLClient.getTableTypes} names them. Default: any. */
  readonly tableTypes?: readonly string[] | undefined;
  /** Whether to ask for the Arrow schema of each table too. Default `false`. */
  readonly includeSchema?: boolean | undefined;
}

/** A table by its name, or by its name and where it is. Of those parts `null` is any, and `''` is none. */
export type TableRef =
  | string
  | { readonly catalog?: string | null | undefined; readonly dbSchema?: string | null | undefined; readonly table: string };

/** The options of a metadata call with every default filled in. */
export interface ResolvedMetadata {
  readonly format: MetadataFormat;
  readonly call: ResolvedCallOptions;
}

/** Text that may be empty; `null` is an option left out. */
const textOrNull: Check<string | null> = (value, name) => {
  if (typeof value === 'string' || value === null) return value;
  throw expected(name, 'a string, or null for any', value);
};

const metadataChecks = { ...callChecks, format: oneOf('objects', 'arrow', 'schema') };
const dbSchemasChecks = { ...metadataChecks, catalog: textOrNull, dbSchemaFilterPattern: textOrNull };
const tablesChecks = { ...dbSchemasChecks, tableNameFilterPattern: textOrNull, tableTypes: strings, includeSchema: boolean };

/** What other clients call these options. */
const instead = {
  schema: "it is 'dbSchemaFilterPattern'",
  dbSchema: "it is 'dbSchemaFilterPattern'",
  tableName: "it is 'tableNameFilterPattern'",
  table: "it is 'tableNameFilterPattern'",
};

const NOTHING: Omit<NativeMetadataRequest, 'command'> = Object.freeze({
  catalog: null,
  dbSchemaFilterPattern: null,
  tableNameFilterPattern: null,
  tableTypes: [],
  includeSchema: false,
  table: null,
  foreignTable: null,
  codes: [],
  dataType: null,
});

/** The request of a command, with nothing but `fields` asked for. */
export function metadataRequest(
  command: NativeMetadataRequest['command'],
  fields: Partial<Omit<NativeMetadataRequest, 'command'>> = {},
): NativeMetadataRequest {
  return { ...NOTHING, ...fields, command };
}

export function resolveMetadata(options: unknown): ResolvedMetadata {
  return resolved(options === undefined ? {} : checkOptions(options, 'options', metadataChecks));
}

export function resolveDbSchemas(options: unknown): ResolvedMetadata & { readonly request: NativeMetadataRequest } {
  const given = options === undefined ? {} : checkOptions(options, 'options', dbSchemasChecks, instead);
  const { catalog = null, dbSchemaFilterPattern = null } = given;
  return { ...resolved(given), request: metadataRequest('dbSchemas', { catalog, dbSchemaFilterPattern }) };
}

export function resolveTables(options: unknown): ResolvedMetadata & { readonly request: NativeMetadataRequest } {
  const given = options === undefined ? {} : checkOptions(options, 'options', tablesChecks, instead);
  const { catalog = null, dbSchemaFilterPattern = null, tableNameFilterPattern = null, tableTypes = [], includeSchema = false } = given;
  const fields = { catalog, dbSchemaFilterPattern, tableNameFilterPattern, tableTypes, includeSchema };
  return { ...resolved(given), request: metadataRequest('tables', fields) };
}

/** `what` says which table it is. */
export function tableRef(table: unknown, what: string): NativeTableRef {
  const given = typeof table === 'string' ? { table } : table;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw expected(what, "a table's name or { catalog?, dbSchema?, table }", table);
  }
  const checked = checkOptions(given, what, { catalog: textOrNull, dbSchema: textOrNull, table: tableName });
  if (checked.table === undefined) throw expected(`${what}.table`, "a table's name", undefined);
  return { catalog: checked.catalog ?? null, dbSchema: checked.dbSchema ?? null, table: checked.table };
}

const tableName: Check<string> = (value, name) => {
  if (typeof value === 'string' && value !== '') return value;
  throw expected(name, "a table's name", value);
};

function resolved(given: Parameters<typeof resolvedCall>[0] & { readonly format?: MetadataFormat }): ResolvedMetadata {
  return { format: given.format ?? 'objects', call: resolvedCall(given) };
}
