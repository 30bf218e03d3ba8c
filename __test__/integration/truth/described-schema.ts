import {
  type DataType,
  type Date_,
  type Decimal,
  type Dictionary,
  type Duration,
  type Field,
  type FixedSizeBinary,
  type FixedSizeList,
  type Float,
  type Int,
  type Interval,
  type Map_,
  type Schema,
  type Time,
  type Timestamp,
  Type,
  type Union,
  UnionMode,
} from 'apache-arrow';
import type { FieldDescription, SchemaDescription, TypeDescription } from './expectation.js';

const UNITS = ['s', 'ms', 'us', 'ns'] as const;

const WITHOUT_PARAMETERS: Readonly<Record<number, string>> = {
  [Type.Null]: 'null',
  [Type.Bool]: 'bool',
  [Type.Utf8]: 'utf8',
  [Type.LargeUtf8]: 'large_utf8',
  [Type.Utf8View]: 'utf8_view',
  [Type.Binary]: 'binary',
  [Type.LargeBinary]: 'large_binary',
  [Type.BinaryView]: 'binary_view',
};

const NESTED: Readonly<Record<number, string>> = {
  [Type.List]: 'list',
  [Type.LargeList]: 'large_list',
  [Type.Struct]: 'struct',
};

/** What apache-arrow says of a schema, in the words of the truth servers. */
export function describedSchema(schema: Schema): SchemaDescription {
  return { metadata: Object.fromEntries(schema.metadata), fields: schema.fields.map(describedField) };
}

function describedField(field: Field): FieldDescription {
  const { name, nullable, metadata } = field;
  return { name, nullable, metadata: Object.fromEntries(metadata), type: describedType(field.type) };
}

function describedType(type: DataType): TypeDescription {
  const typeId = type.typeId as Type;
  const plain = WITHOUT_PARAMETERS[typeId];
  if (plain !== undefined) return { kind: plain };
  const nested = NESTED[typeId];
  if (nested !== undefined) return { kind: nested, children: type.children.map(describedField) };
  switch (typeId) {
    case Type.Int:
      return { kind: integerKind(type as Int) };
    case Type.Float:
      return { kind: `float${16 << (type as Float).precision}` };
    case Type.Decimal: {
      const { bitWidth, precision, scale } = type as Decimal;
      return { kind: `decimal${bitWidth}`, precision, scale };
    }
    case Type.Date:
      return { kind: ['date32', 'date64'][(type as Date_).unit] as string };
    case Type.Time:
      return { kind: `time${(type as Time).bitWidth}`, unit: UNITS[(type as Time).unit] };
    case Type.Timestamp:
      return { kind: 'timestamp', unit: UNITS[(type as Timestamp).unit], zone: (type as Timestamp).timezone ?? null };
    case Type.Duration:
      return { kind: 'duration', unit: UNITS[(type as Duration).unit] };
    case Type.Interval:
      return { kind: ['interval_months', 'interval_day_time', 'interval_month_day_nano'][(type as Interval).unit] as string };
    case Type.FixedSizeBinary:
      return { kind: 'fixed_size_binary', width: (type as FixedSizeBinary).byteWidth };
    case Type.FixedSizeList:
      return { kind: 'fixed_size_list', size: (type as FixedSizeList).listSize, children: type.children.map(describedField) };
    case Type.Map:
      return describedMap(type as Map_);
    case Type.Union:
      return describedUnion(type as Union);
    case Type.Dictionary:
      return describedDictionary(type as Dictionary);
    default:
      throw new Error(`no truth server has the type ${type}`);
  }
}

function integerKind({ isSigned, bitWidth }: Int): string {
  return `${isSigned ? '' : 'u'}int${bitWidth}`;
}

function describedMap(type: Map_): TypeDescription {
  const [entries] = type.children;
  return { kind: 'map', keysSorted: type.keysSorted, children: entries?.type.children.map(describedField) ?? [] };
}

function describedUnion(type: Union): TypeDescription {
  const kind = type.mode === UnionMode.Dense ? 'dense_union' : 'sparse_union';
  return { kind, codes: Array.from(type.typeIds), children: type.children.map(describedField) };
}

function describedDictionary({ indices, isOrdered, dictionary }: Dictionary): TypeDescription {
  return { kind: 'dictionary', index: integerKind(indices as Int), ordered: isOrdered, value: describedType(dictionary) };
}
