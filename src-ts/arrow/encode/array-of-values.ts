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
  Time,
  Timestamp,
  Union,
} from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { TypeId } from '../type-ids.js';
import { binaryBytes, fixedBytes, textBytes, variableBuffers, viewBuffers } from './byte-values.js';
import { decimalBytes } from './decimal-values.js';
import { listArray, mapArray, structArray } from './nested-values.js';
import { floatBytes, integerBytes } from './number-values.js';
import type { OutgoingArray } from './outgoing.js';
import { dateBytes, durationBytes, intervalBytes, timeBytes, timestampBytes } from './temporal-values.js';
import { unionArray } from './union-values.js';
import { bitsOf, isAbsent, validityOf } from './validity.js';
import type { ValuePlace } from './value-place.js';

/**
 * JavaScript values as an array of a type. Nothing is rounded, cut or guessed, but for numbers in columns of floating point: what a type does not
 * take is an error that names the value and where it is.
 *
 * The values are those that rows have, and more that mean the same: see {@link ParameterValue}.
 */
export function arrayOfValues(type: DataType, values: readonly unknown[], place: ValuePlace): OutgoingArray {
  switch (type.typeId as number) {
    case TypeId.Null:
      return nullArray(type, values, place);
    case TypeId.List:
    case TypeId.LargeList:
      return listArray(type, values, place, (type.typeId as number) === TypeId.LargeList ? 'large' : 'small');
    case TypeId.FixedSizeList:
      return listArray(type, values, place, (type as FixedSizeList).listSize);
    case TypeId.Struct:
      return structArray(type, values, place);
    case TypeId.Map:
      return mapArray(type, values, place);
    case TypeId.Union:
      return unionArray(type as Union, values, place);
    case TypeId.Dictionary:
      // The schema says the same: see `withoutDictionaries`.
      return arrayOfValues((type as Dictionary).dictionary as DataType, values, place);
    default:
      return { length: values.length, bitOffset: 0, buffers: [validityOf(values), ...plainBuffers(type, values, place)], children: [] };
  }
}

/** Everything behind validity, of a type without children. */
function plainBuffers(type: DataType, values: readonly unknown[], place: ValuePlace): Uint8Array[] {
  switch (type.typeId as number) {
    case TypeId.Bool:
      return [booleanBits(type, values, place)];
    case TypeId.Int:
      return [integerBytes(type as Int, values, place)];
    case TypeId.Float:
      return [floatBytes(type as Float, values, place)];
    case TypeId.Decimal:
      return [decimalBytes(type as Decimal, values, place)];
    case TypeId.Utf8:
      return variableBuffers(values, textBytes(type, place), false);
    case TypeId.LargeUtf8:
      return variableBuffers(values, textBytes(type, place), true);
    case TypeId.Binary:
      return variableBuffers(values, binaryBytes(type, place), false);
    case TypeId.LargeBinary:
      return variableBuffers(values, binaryBytes(type, place), true);
    case TypeId.Utf8View:
      return viewBuffers(values, textBytes(type, place));
    case TypeId.BinaryView:
      return viewBuffers(values, binaryBytes(type, place));
    case TypeId.FixedSizeBinary:
      return [fixedBytes(type as FixedSizeBinary, values, place)];
    case TypeId.Date:
      return [dateBytes(type as Date_, values, place)];
    case TypeId.Time:
      return [timeBytes(type as Time, values, place)];
    case TypeId.Timestamp:
      return [timestampBytes(type as Timestamp, values, place)];
    case TypeId.Duration:
      return [durationBytes(type as Duration, values, place)];
    case TypeId.Interval:
      return [intervalBytes(type as Interval, values, place)];
    default:
      throw new FlightSQLError('UNSUPPORTED_TYPE', `values of the type ${type} cannot be made`);
  }
}

function booleanBits(type: DataType, values: readonly unknown[], place: ValuePlace): Uint8Array {
  return bitsOf(values, (value, row) => {
    if (isAbsent(value)) return false;
    if (typeof value === 'boolean') return value;
    throw place.misfit(row, type, value, 'it takes true and false');
  });
}

function nullArray(type: DataType, values: readonly unknown[], place: ValuePlace): OutgoingArray {
  const row = values.findIndex((value) => !isAbsent(value));
  if (row >= 0) throw place.misfit(row, type, values[row], 'it takes null only');
  return { length: values.length, bitOffset: 0, buffers: [], children: [] };
}

/** The fields of a type's children. */
export function childFields(type: DataType): readonly Field[] {
  return type.children as Field[];
}
