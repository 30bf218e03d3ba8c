import type { DataType, Field, Struct } from 'apache-arrow';
import { FlightSQLError } from '../errors.js';
import type { ArrowModule } from './arrow-module.js';
import { type FieldText, MAP_KEYS_SORTED } from './schema-text.js';
import { TimeUnitId } from './type-ids.js';

/** The apache-arrow type that a field's format string names, over children that were built already. */
export function typeOfFormat(arrow: ArrowModule, field: FieldText, children: Field[]): DataType {
  const { format } = field;
  if (format.length === 1) return typeOfLetter(arrow, field);
  switch (format[0]) {
    case 'v':
      if (format === 'vu') return new arrow.Utf8View();
      if (format === 'vz') return new arrow.BinaryView();
      break;
    case 'w':
      return new arrow.FixedSizeBinary(width(field, format.slice(2)));
    case 'd':
      return decimal(arrow, field);
    case 't':
      return temporal(arrow, field);
    case '+':
      return nested(arrow, field, children);
  }
  return unknownFormat(field);
}

function typeOfLetter(arrow: ArrowModule, field: FieldText): DataType {
  switch (field.format) {
    case 'n':
      return new arrow.Null();
    case 'b':
      return new arrow.Bool();
    case 'c':
      return new arrow.Int8();
    case 'C':
      return new arrow.Uint8();
    case 's':
      return new arrow.Int16();
    case 'S':
      return new arrow.Uint16();
    case 'i':
      return new arrow.Int32();
    case 'I':
      return new arrow.Uint32();
    case 'l':
      return new arrow.Int64();
    case 'L':
      return new arrow.Uint64();
    case 'e':
      return new arrow.Float16();
    case 'f':
      return new arrow.Float32();
    case 'g':
      return new arrow.Float64();
    case 'z':
      return new arrow.Binary();
    case 'Z':
      return new arrow.LargeBinary();
    case 'u':
      return new arrow.Utf8();
    case 'U':
      return new arrow.LargeUtf8();
    default:
      return unknownFormat(field);
  }
}

/** `d:precision,scale` (128 bits) or `d:precision,scale,bits`. */
function decimal(arrow: ArrowModule, field: FieldText): DataType {
  const parts = /^d:(\d+),(-?\d+)(?:,(32|64|128|256))?$/.exec(field.format);
  if (parts === null) return unknownFormat(field);
  return new arrow.Decimal(Number(parts[2]), Number(parts[1]), Number(parts[3] ?? 128));
}

function temporal(arrow: ArrowModule, field: FieldText): DataType {
  const { format } = field;
  switch (format.slice(0, 3)) {
    case 'tdD':
      return new arrow.DateDay();
    case 'tdm':
      return new arrow.DateMillisecond();
    case 'tts':
      return new arrow.TimeSecond();
    case 'ttm':
      return new arrow.TimeMillisecond();
    case 'ttu':
      return new arrow.TimeMicrosecond();
    case 'ttn':
      return new arrow.TimeNanosecond();
    case 'tss':
      return new arrow.TimestampSecond(zone(format));
    case 'tsm':
      return new arrow.TimestampMillisecond(zone(format));
    case 'tsu':
      return new arrow.TimestampMicrosecond(zone(format));
    case 'tsn':
      return new arrow.TimestampNanosecond(zone(format));
    case 'tDs':
      return new arrow.Duration(TimeUnitId.Second);
    case 'tDm':
      return new arrow.Duration(TimeUnitId.Millisecond);
    case 'tDu':
      return new arrow.Duration(TimeUnitId.Microsecond);
    case 'tDn':
      return new arrow.Duration(TimeUnitId.Nanosecond);
    case 'tiM':
      return new arrow.IntervalYearMonth();
    case 'tiD':
      return new arrow.IntervalDayTime();
    case 'tin':
      return new arrow.IntervalMonthDayNano();
    default:
      return unknownFormat(field);
  }
}

/** The zone of `tsu:Europe/Rome`; `tsu:` is a timestamp without one, for which apache-arrow's own reader has `null`. */
function zone(format: string): string | null {
  return format.slice(4) || null;
}

function nested(arrow: ArrowModule, field: FieldText, children: Field[]): DataType {
  const { format } = field;
  switch (format[1]) {
    case 'l':
      return new arrow.List(only(field, children));
    case 'L':
      return new arrow.LargeList(only(field, children));
    case 'w':
      return new arrow.FixedSizeList(width(field, format.slice(3)), only(field, children));
    case 's':
      return new arrow.Struct(children);
    case 'm':
      return new arrow.Map_(only(field, children) as Field<Struct>, (field.flags & MAP_KEYS_SORTED) !== 0);
    case 'u':
      if (format.startsWith('+ud:')) return new arrow.DenseUnion(typeIds(field, children), children);
      if (format.startsWith('+us:')) return new arrow.SparseUnion(typeIds(field, children), children);
  }
  return unknownFormat(field);
}

function only(field: FieldText, children: Field[]): Field {
  const [child] = children;
  if (child === undefined || children.length !== 1) {
    throw malformed(field, `has ${children.length} children instead of one`);
  }
  return child;
}

function typeIds(field: FieldText, children: Field[]): number[] {
  const text = field.format.slice(4);
  const ids = text === '' ? [] : text.split(',').map(Number);
  if (ids.length !== children.length) {
    throw malformed(field, `names ${ids.length} type ids for ${children.length} children`);
  }
  return ids;
}

function width(field: FieldText, digits: string): number {
  return /^\d+$/.test(digits) ? Number(digits) : unknownFormat(field);
}

function malformed(field: FieldText, what: string): FlightSQLError {
  return new FlightSQLError('INVALID_DATA', `column "${field.name}": format "${field.format}" ${what}`, { column: field.name });
}

function unknownFormat(field: FieldText): never {
  throw new FlightSQLError(
    'UNSUPPORTED_TYPE',
    `column "${field.name}" has the type "${field.format}" (Arrow C Data format), which apache-arrow cannot represent`,
    { column: field.name },
  );
}
