import type { Schema } from 'apache-arrow';
import { columnsOf, type TableColumn } from './columns.js';
import type { Fields } from './fields.js';

/** A catalog: what many databases call a database. */
export interface CatalogInfo {
  readonly catalogName: string | null;
}

/** A schema within a catalog. */
export interface DbSchemaInfo {
  readonly catalogName: string | null;
  readonly dbSchemaName: string | null;
}

/** A table, view or whatever else a server lists among its tables. */
export interface TableInfo {
  readonly catalogName: string | null;
  readonly dbSchemaName: string | null;
  readonly tableName: string | null;
  /** One of those of {@link FlightSQLClient.getTableTypes}. */
  readonly tableType: string | null;
  /** The table as Arrow sees it; `null` unless `includeSchema` asked for it and the server told. */
  readonly schema: Schema | null;
  /** The columns of `schema`, with what the server says of each. */
  readonly columns: readonly TableColumn[] | null;
}

/** A kind of tables. */
export interface TableTypeInfo {
  readonly tableType: string | null;
}

/** A column of a primary key. */
export interface PrimaryKeyInfo {
  readonly catalogName: string | null;
  readonly dbSchemaName: string | null;
  readonly tableName: string | null;
  readonly columnName: string | null;
  /** The column's place in the key, from 1. */
  readonly keySequence: number | null;
  readonly keyName: string | null;
}

/** What happens to the rows that refer to one that is updated or deleted. */
export type ReferentialAction = 'CASCADE' | 'RESTRICT' | 'SET NULL' | 'NO ACTION' | 'SET DEFAULT';

/** A column of a foreign key, and the one that it refers to. */
export interface ForeignKeyInfo {
  readonly pkCatalogName: string | null;
  readonly pkDbSchemaName: string | null;
  readonly pkTableName: string | null;
  readonly pkColumnName: string | null;
  readonly fkCatalogName: string | null;
  readonly fkDbSchemaName: string | null;
  readonly fkTableName: string | null;
  readonly fkColumnName: string | null;
  /** The column's place in the key, from 1. */
  readonly keySequence: number | null;
  readonly fkKeyName: string | null;
  readonly pkKeyName: string | null;
  readonly updateRule: ReferentialAction | null;
  readonly deleteRule: ReferentialAction | null;
}

/** A type that a server has, as XDBC (ODBC and JDBC) describes types. */
export interface XdbcTypeInfo {
  readonly typeName: string | null;
  /** XDBC's number for the type. */
  readonly dataType: number | null;
  /** Digits, characters or bytes at most; `null` where that does not apply. */
  readonly columnSize: number | null;
  /** What a literal begins with. */
  readonly literalPrefix: string | null;
  /** What a literal ends with. */
  readonly literalSuffix: string | null;
  /** What the type takes in brackets, such as `length`. */
  readonly createParams: readonly string[] | null;
  readonly nullable: 'no nulls' | 'nullable' | 'unknown' | null;
  readonly caseSensitive: boolean | null;
  /** In which conditions of a WHERE the type may stand. */
  readonly searchable: 'none' | 'char' | 'basic' | 'full' | null;
  readonly unsignedAttribute: boolean | null;
  readonly fixedPrecScale: boolean | null;
  readonly autoIncrement: boolean | null;
  readonly localTypeName: string | null;
  readonly minimumScale: number | null;
  readonly maximumScale: number | null;
  readonly sqlDataType: number | null;
  readonly datetimeSubcode: number | null;
  readonly numPrecRadix: number | null;
  readonly intervalPrecision: number | null;
}

const ACTIONS = ['CASCADE', 'RESTRICT', 'SET NULL', 'NO ACTION', 'SET DEFAULT'] as const;
const NULLABILITY = ['no nulls', 'nullable', 'unknown'] as const;
const SEARCHABILITY = ['none', 'char', 'basic', 'full'] as const;

export function catalogOf(fields: Fields): CatalogInfo {
  return { catalogName: fields.text('catalog_name') };
}

export function dbSchemaOf(fields: Fields): DbSchemaInfo {
  return { catalogName: fields.text('catalog_name'), dbSchemaName: fields.text('db_schema_name') };
}

/** `schemaOf` reads an encapsulated IPC schema message. */
export function tableInfoOf(fields: Fields, schemaOf: (message: Uint8Array) => Schema): TableInfo {
  const message = fields.bytes('table_schema');
  const schema = message === null || message.length === 0 ? null : schemaOf(message);
  return {
    ...dbSchemaOf(fields),
    tableName: fields.text('table_name'),
    tableType: fields.text('table_type'),
    schema,
    columns: schema === null ? null : columnsOf(schema),
  };
}

export function tableTypeOf(fields: Fields): TableTypeInfo {
  return { tableType: fields.text('table_type') };
}

export function primaryKeyOf(fields: Fields): PrimaryKeyInfo {
  return {
    ...dbSchemaOf(fields),
    tableName: fields.text('table_name'),
    columnName: fields.text('column_name'),
    keySequence: fields.number('key_sequence'),
    keyName: fields.text('key_name'),
  };
}

export function foreignKeyOf(fields: Fields): ForeignKeyInfo {
  return {
    pkCatalogName: fields.text('pk_catalog_name'),
    pkDbSchemaName: fields.text('pk_db_schema_name'),
    pkTableName: fields.text('pk_table_name'),
    pkColumnName: fields.text('pk_column_name'),
    fkCatalogName: fields.text('fk_catalog_name'),
    fkDbSchemaName: fields.text('fk_db_schema_name'),
    fkTableName: fields.text('fk_table_name'),
    fkColumnName: fields.text('fk_column_name'),
    keySequence: fields.number('key_sequence'),
    fkKeyName: fields.text('fk_key_name'),
    pkKeyName: fields.text('pk_key_name'),
    updateRule: named(ACTIONS, fields.number('update_rule')),
    deleteRule: named(ACTIONS, fields.number('delete_rule')),
  };
}

export function xdbcTypeOf(fields: Fields): XdbcTypeInfo {
  return {
    typeName: fields.text('type_name'),
    dataType: fields.number('data_type'),
    columnSize: fields.number('column_size'),
    literalPrefix: fields.text('literal_prefix'),
    literalSuffix: fields.text('literal_suffix'),
    createParams: fields.texts('create_params'),
    nullable: named(NULLABILITY, fields.number('nullable')),
    caseSensitive: fields.boolean('case_sensitive'),
    searchable: named(SEARCHABILITY, fields.number('searchable')),
    unsignedAttribute: fields.boolean('unsigned_attribute'),
    fixedPrecScale: fields.boolean('fixed_prec_scale'),
    autoIncrement: fields.boolean('auto_increment'),
    localTypeName: fields.text('local_type_name'),
    minimumScale: fields.number('minimum_scale'),
    maximumScale: fields.number('maximum_scale'),
    sqlDataType: fields.number('sql_data_type'),
    datetimeSubcode: fields.number('datetime_subcode'),
    numPrecRadix: fields.number('num_prec_radix'),
    intervalPrecision: fields.number('interval_precision'),
  };
}

function named<const T extends string>(names: readonly T[], code: number | null): T | null {
  return code === null ? null : (names[code] ?? null);
}
