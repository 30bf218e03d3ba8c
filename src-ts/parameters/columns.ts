import type { DataType, Dictionary, Field, Schema } from 'apache-arrow';
import type { ArrowModule } from '../arrow/index.js';
import { TypeId } from '../arrow/type-ids.js';
import { FlightSQLError } from '../errors.js';
import { suggestion } from '../options/nearest.js';
import type { ParameterRow, ParameterTypes } from './parameter-types.js';

/** A parameter's values in all rows, and what its column is to be. */
export interface ParameterColumn {
  /** As errors name it. */
  readonly title: string;
  /** As the server wants it. */
  readonly name: string;
  readonly values: readonly unknown[];
  /** `null` where only the values tell. */
  readonly type: DataType | null;
}

/** The columns of rows. `schema` is that of the statement's parameters, `null` where the server does not tell. */
export function columnsOf(rows: readonly ParameterRow[], schema: Schema | null, types: ParameterTypes | null): ParameterColumn[] {
  const named = rows.filter((row) => !Array.isArray(row));
  if (named.length > 0 && named.length < rows.length) {
    throw invalid('some rows of the parameters are arrays and others objects: they are given by position, or by name');
  }
  return named.length > 0
    ? namedColumns(rows as readonly Record<string, unknown>[], schema, types)
    : positionalColumns(rows, schema, types);
}

function positionalColumns(rows: readonly ParameterRow[], schema: Schema | null, types: ParameterTypes | null): ParameterColumn[] {
  const arrays = rows as readonly (readonly unknown[])[];
  const count = schema?.fields.length ?? arrays[0]?.length ?? 0;
  for (const [row, values] of arrays.entries()) {
    if (values.length === count) continue;
    const where = arrays.length > 1 ? ` in row ${row}` : '';
    throw invalid(
      `${counted(values.length)} given${where}, where ${schema === null ? 'the first row has' : 'the statement takes'} ${count}`,
    );
  }
  const places = placesOf(schema);
  return Array.from({ length: count }, (_, column) => {
    const field = schema?.fields[column];
    const index = places?.[column] ?? column;
    return {
      title: titleOf(index, field),
      name: columnName(field?.name ?? String(index + 1)),
      values: arrays.map((values) => values[index]),
      type: typeAt(types, index, field?.name) ?? typeOfField(field),
    };
  });
}

/**
 * Which parameter, counted from 0, each field of the statement's schema is. That is its place, but where the fields are numbered otherwise:
 * servers that sort them as text have `$10` before `$2`. `null` where only the place tells.
 */
function placesOf(schema: Schema | null): readonly number[] | null {
  const places = (schema?.fields ?? []).map(({ name }: Field) => (/^[$:?]?\d+$/.test(name) ? Number(bare(name)) - 1 : -1));
  return [...places].sort((a, b) => a - b).every((place, index) => place === index) ? places : null;
}

function namedColumns(rows: readonly Record<string, unknown>[], schema: Schema | null, types: ParameterTypes | null): ParameterColumn[] {
  if (schema === null) {
    throw new FlightSQLError('INVALID_ARGUMENT', 'the server does not tell the names of the parameters', {
      hint: 'give them by position, as an array',
    });
  }
  const names = schema.fields.map((field: Field) => field.name);
  const places = new Map(names.map((name, index) => [bare(name), index]));
  for (const [row, object] of rows.entries()) {
    const where = rows.length > 1 ? ` in row ${row}` : '';
    const keys = new Map(Object.keys(object).map((key) => [bare(key), key]));
    const unknown = [...keys.keys()].find((key) => !places.has(key));
    if (unknown !== undefined) {
      throw invalid(`the statement has no parameter '${keys.get(unknown)}'${where}: ${suggestion(unknown, [...places.keys()])}`);
    }
    const missing = names.find((name) => !keys.has(bare(name)));
    if (missing !== undefined) throw invalid(`the parameter '${missing}' is not given${where}; null is a value too`);
  }
  return schema.fields.map((field: Field, index: number) => {
    const values = rows.map((object) => Object.entries(object).find(([key]) => bare(key) === bare(field.name))?.[1]);
    return {
      title: titleOf(index, field),
      name: columnName(field.name),
      values,
      type: typeAt(types, index, field.name) ?? typeOfField(field),
    };
  });
}

/** How many of a Table's columns there must be. */
export function checkColumnCount(count: number, schema: Schema | null): void {
  if (schema === null || schema.fields.length === count) return;
  throw invalid(`${counted(count)} given, as columns, where the statement takes ${schema.fields.length}`);
}

/** Batches' columns under the names of the parameters. */
export function renamed(arrow: ArrowModule, given: Schema, schema: Schema | null): Schema {
  checkColumnCount(given.fields.length, schema);
  if (schema === null) return given;
  const places = placesOf(schema);
  const field = (each: Field, index: number) => {
    const { name } = schema.fields[places?.indexOf(index) ?? index] as Field;
    return new arrow.Field(columnName(name), each.type, each.nullable, each.metadata);
  };
  return new arrow.Schema(given.fields.map(field), given.metadata);
}

/**
 * A dictionary is how a server would send such values; its values are as good a type. A union, or null, says that the server takes anything.
 */
function typeOfField(field: Field | undefined): DataType | null {
  if (field === undefined) return null;
  const typeId = field.type.typeId as number;
  if (typeId === TypeId.Union || typeId === TypeId.Null) return null;
  return typeId === TypeId.Dictionary ? ((field.type as Dictionary).dictionary as DataType) : field.type;
}

function typeAt(types: ParameterTypes | null, index: number, name: string | undefined): DataType | null {
  if (types === null) return null;
  if (Array.isArray(types)) return (types[index] as DataType | null | undefined) ?? null;
  if (name === undefined) return null;
  return Object.entries(types).find(([key]) => bare(key) === bare(name))?.[1] ?? null;
}

/** `$name`, `:name` and `@name` are one name; servers know the column by it alone. A number keeps its sigil: `$1` is what DataFusion calls it. */
function columnName(name: string): string {
  return /^[$:@]\D/.test(name) ? name.slice(1) : name;
}

function bare(name: string): string {
  return name.replace(/^[$:@?]/, '');
}

function titleOf(index: number, field: Field | undefined): string {
  const name = field === undefined || /^[$?]?\d*$/.test(field.name) ? '' : ` ('${field.name}')`;
  return `parameter ${index + 1}${name}`;
}

function counted(count: number): string {
  return count === 1 ? '1 parameter is' : `${count} parameters are`;
}

function invalid(message: string): FlightSQLError {
  return new FlightSQLError('INVALID_ARGUMENT', message);
}
