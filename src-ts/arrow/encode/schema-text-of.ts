import type {
  DataType,
  Date_,
  Decimal,
  Dictionary,
  Duration,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float,
  Int,
  Interval,
  Map_,
  Schema,
  Time,
  Timestamp,
  Union,
} from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { type FieldText, MAP_KEYS_SORTED, type SchemaText } from '../schema-text.js';
import { DateUnitId, IntervalUnitId, PrecisionId, TypeId, UnionModeId } from '../type-ids.js';

/** Flags of the C Data Interface. */
const DICTIONARY_ORDERED = 1;
const NULLABLE = 2;

const UNIT_LETTERS = ['s', 'm', 'u', 'n'] as const;
const INT_LETTERS: Readonly<Record<number, string>> = { 8: 'c', 16: 's', 32: 'i', 64: 'l' };
const FLOAT_LETTERS: Readonly<Record<number, string>> = { [PrecisionId.Half]: 'e', [PrecisionId.Single]: 'f', [PrecisionId.Double]: 'g' };
const PLAIN: Readonly<Record<number, string>> = {
  [TypeId.Null]: 'n',
  [TypeId.Bool]: 'b',
  [TypeId.Utf8]: 'u',
  [TypeId.LargeUtf8]: 'U',
  [TypeId.Utf8View]: 'vu',
  [TypeId.Binary]: 'z',
  [TypeId.LargeBinary]: 'Z',
  [TypeId.BinaryView]: 'vz',
  [TypeId.List]: '+l',
  [TypeId.LargeList]: '+L',
  [TypeId.Struct]: '+s',
  [TypeId.Map]: '+m',
};

/** The schema text of an apache-arrow Schema, of whichever copy. */
export function schemaTextOf(schema: Schema): string {
  const text: SchemaText = {
    metadata: [...schema.metadata],
    fields: schema.fields.map((field) => fieldText(field.name, field.type, field)),
    dictionaries: 0,
  };
  return JSON.stringify(text);
}

function fieldText(name: string, type: DataType, field: Field | null): FieldText {
  const nullable = field?.nullable ?? true;
  const isDictionary = (type.typeId as number) === TypeId.Dictionary;
  const { dictionary, indices, isOrdered } = type as Dictionary;
  let flags = nullable ? NULLABLE : 0;
  if (isDictionary && isOrdered) flags |= DICTIONARY_ORDERED;
  if ((type.typeId as number) === TypeId.Map && (type as Map_).keysSorted) flags |= MAP_KEYS_SORTED;
  return {
    name,
    format: formatOf(isDictionary ? indices : type, name),
    nullable,
    flags,
    metadata: field === null ? [] : [...field.metadata],
    children: isDictionary ? [] : (type.children ?? []).map((child: Field) => fieldText(child.name, child.type, child)),
    // The core numbers the dictionaries by itself.
    dictionary: isDictionary ? { slot: 0, ordered: isOrdered, value: fieldText(name, dictionary as DataType, null) } : null,
  };
}

/** The C Data Interface's format string of a type. */
function formatOf(type: DataType, name: string): string {
  const typeId = type.typeId as number;
  const plain = PLAIN[typeId];
  if (plain !== undefined) return plain;
  switch (typeId) {
    case TypeId.Int: {
      const { bitWidth, isSigned } = type as Int;
      const letter = INT_LETTERS[bitWidth] as string;
      return isSigned ? letter : letter.toUpperCase();
    }
    case TypeId.Float:
      return FLOAT_LETTERS[(type as Float).precision] as string;
    case TypeId.Decimal: {
      const { precision, scale, bitWidth } = type as Decimal;
      return bitWidth === 128 ? `d:${precision},${scale}` : `d:${precision},${scale},${bitWidth}`;
    }
    case TypeId.FixedSizeBinary:
      return `w:${(type as FixedSizeBinary).byteWidth}`;
    case TypeId.Date:
      return (type as Date_).unit === DateUnitId.Day ? 'tdD' : 'tdm';
    case TypeId.Time:
      return `tt${UNIT_LETTERS[(type as Time).unit]}`;
    case TypeId.Timestamp:
      return `ts${UNIT_LETTERS[(type as Timestamp).unit]}:${(type as Timestamp).timezone ?? ''}`;
    case TypeId.Duration:
      return `tD${UNIT_LETTERS[(type as Duration).unit]}`;
    case TypeId.Interval: {
      const unit = (type as Interval).unit as number;
      return unit === IntervalUnitId.YearMonth ? 'tiM' : unit === IntervalUnitId.DayTime ? 'tiD' : 'tin';
    }
    case TypeId.FixedSizeList:
      return `+w:${(type as FixedSizeList).listSize}`;
    case TypeId.Union: {
      const { mode, typeIds } = type as Union;
      return `+u${mode === UnionModeId.Dense ? 'd' : 's'}:${[...typeIds].join(',')}`;
    }
    default:
      throw new FlightSQLError('UNSUPPORTED_TYPE', `column "${name}": the type ${type} cannot be sent`, { column: name });
  }
}
