import { readFileSync } from 'node:fs';
import type { TruthServer } from '../../servers/truth-servers.js';

/** A value in the neutral form of `servers/truth/neutral.py`. */
export type Neutral = null | boolean | string | number | Neutral[];

/** A type as `servers/truth/neutral.py` describes it. */
export interface TypeDescription {
  readonly kind: string;
  readonly unit?: 's' | 'ms' | 'us' | 'ns';
  readonly zone?: string | null;
  readonly precision?: number;
  readonly scale?: number;
  readonly width?: number;
  readonly size?: number;
  readonly keysSorted?: boolean;
  readonly codes?: readonly number[];
  readonly index?: string;
  readonly ordered?: boolean;
  readonly runEnd?: string;
  readonly value?: TypeDescription;
  readonly valueNullable?: boolean;
  readonly children?: readonly FieldDescription[];
}

export interface FieldDescription {
  readonly name: string;
  readonly nullable: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly type: TypeDescription;
}

export interface SchemaDescription {
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: readonly FieldDescription[];
}

export interface ExpectedBatch {
  readonly rows: number;
  readonly columns: readonly (readonly Neutral[])[];
}

/** What a truth server expects of a client for one case. */
export interface Expectation {
  readonly name: string;
  readonly schema: SchemaDescription;
  /** One a message; null for a message that holds application metadata alone. */
  readonly batches: readonly (ExpectedBatch | null)[];
  /** The application metadata of each message in hexadecimal; null in whole where no message has any. */
  readonly appMetadata: readonly (string | null)[] | null;
}

export function expectationOf(server: TruthServer, name: string): Expectation {
  return JSON.parse(readFileSync(server.filesOf(name).expected, 'utf8')) as Expectation;
}

/** All values of each column, over the batches. */
export function wholeColumns({ schema, batches }: Expectation): Neutral[][] {
  return schema.fields.map((_, index) => batches.flatMap((batch) => batch?.columns[index] ?? []));
}

const LIST_OF_VIEW: Readonly<Record<string, string>> = { list_view: 'list', large_list_view: 'large_list' };

/** The schema as the client hands it over: without what apache-arrow does not have. */
export function normalisedSchema(schema: SchemaDescription): SchemaDescription {
  return { ...schema, fields: schema.fields.map(normalisedField) };
}

function normalisedField(field: FieldDescription): FieldDescription {
  // A field of run-end encoded values has its nulls among the values.
  return { ...field, nullable: field.nullable || (field.type.valueNullable ?? false), type: normalisedType(field.type) };
}

function normalisedType(type: TypeDescription): TypeDescription {
  if (type.kind === 'run_end_encoded' && type.value) return normalisedType(type.value);
  return {
    ...type,
    kind: LIST_OF_VIEW[type.kind] ?? type.kind,
    ...(type.value && { value: normalisedType(type.value) }),
    ...(type.index && { index: type.index.endsWith('int64') ? 'int32' : type.index }),
    ...(type.children && { children: type.children.map(normalisedField) }),
  };
}
