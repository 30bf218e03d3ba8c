import type { DataType, Field, Schema } from 'apache-arrow';

/** A column of a table, with what the server says of it in the field's metadata; `null` is what it does not say. */
export interface TableColumn {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly catalogName: string | null;
  readonly dbSchemaName: string | null;
  readonly tableName: string | null;
  /** The type as the database calls it. */
  readonly typeName: string | null;
  /** Digits of a number, characters of a text. */
  readonly precision: number | null;
  /** Digits behind the point. */
  readonly scale: number | null;
  readonly isAutoIncrement: boolean | null;
  readonly isCaseSensitive: boolean | null;
  readonly isReadOnly: boolean | null;
  readonly isSearchable: boolean | null;
  readonly remarks: string | null;
}

/** The columns of a schema, by the metadata keys that Flight SQL defines. */
export function columnsOf(schema: Schema): readonly TableColumn[] {
  return schema.fields.map(columnOf);
}

function columnOf(field: Field): TableColumn {
  const text = (key: string) => field.metadata.get(`ARROW:FLIGHT:SQL:${key}`) ?? null;
  const number = (key: string) => numberOf(text(key));
  const flag = (key: string) => flagOf(text(key));
  return {
    name: field.name,
    type: field.type,
    nullable: field.nullable,
    catalogName: text('CATALOG_NAME'),
    dbSchemaName: text('SCHEMA_NAME'),
    tableName: text('TABLE_NAME'),
    typeName: text('TYPE_NAME'),
    precision: number('PRECISION'),
    scale: number('SCALE'),
    isAutoIncrement: flag('IS_AUTO_INCREMENT'),
    isCaseSensitive: flag('IS_CASE_SENSITIVE'),
    isReadOnly: flag('IS_READ_ONLY'),
    isSearchable: flag('IS_SEARCHABLE'),
    remarks: text('REMARKS'),
  };
}

function numberOf(text: string | null): number | null {
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

/** `1` and `0` by the specification; some servers write words. */
function flagOf(text: string | null): boolean | null {
  if (text === '1' || text?.toLowerCase() === 'true') return true;
  if (text === '0' || text?.toLowerCase() === 'false') return false;
  return null;
}
