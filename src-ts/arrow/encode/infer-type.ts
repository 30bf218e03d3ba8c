import type { DataType, Field } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { kindOf } from '../../options/checks.js';
import type { ArrowModule } from '../arrow-module.js';
import { UnionModeId } from '../type-ids.js';
import { isAbsent } from './validity.js';

const INT64_LEAST = -(2n ** 63n);
const INT64_MOST = 2n ** 63n - 1n;
const DECIMAL128_LIMIT = 10n ** 38n;

/** What values are, before Arrow types are chosen for them. */
type Kind = 'boolean' | 'integer' | 'large integer' | 'number' | 'text' | 'bytes' | 'instant' | 'list' | 'object';

/**
 * The type of values that no server has typed: the narrowest that holds all of them exactly.
 *
 * | values | type |
 * |---|---|
 * | boolean | bool |
 * | bigint, and numbers without a fraction | int64; decimal128 or decimal256 beyond |
 * | other numbers | float64 |
 * | string | utf8 |
 * | Date | timestamp in milliseconds, UTC |
 * | Uint8Array and other bytes | binary |
 * | array | list |
 * | object | struct |
 * | null alone | null |
 * | several of these | a dense union of them |
 */
export function inferType(arrow: ArrowModule, values: readonly unknown[], name: string): DataType {
  const present = values.filter((value) => !isAbsent(value));
  const kinds = new Set(present.map((value) => kind(value, name)));
  // Whole numbers among others are numbers, where none of them loses anything by that.
  if (kinds.has('number') && present.every((value) => typeof value !== 'bigint')) kinds.delete('integer');
  if (kinds.has('large integer')) kinds.delete('integer');
  const types = [...kinds].map((each) => typeOf(arrow, each, present, name));
  const [only] = types;
  if (only === undefined) return new arrow.Null();
  if (types.length === 1) return only;
  const fields = types.map((type, at) => new arrow.Field(String(at), type, true));
  return new arrow.Union(UnionModeId.Dense, Int32Array.from(fields.keys()), fields);
}

function kind(value: unknown, name: string): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'integer' : 'number';
    case 'bigint':
      return value >= INT64_LEAST && value <= INT64_MOST ? 'integer' : 'large integer';
    case 'string':
      return 'text';
    case 'object':
      if (value instanceof Date) return 'instant';
      if (isBuffer(value) || ArrayBuffer.isView(value)) return bytesOrList(value as object);
      if (Array.isArray(value)) return 'list';
      if (value !== null && isPlain(value)) return 'object';
      throw new FlightSQLError(
        'INVALID_ARGUMENT',
        `${name} is ${kindOf(value)}, whose type the values do not tell: say it with the option types`,
      );
    default:
      throw new FlightSQLError('INVALID_ARGUMENT', `${name} is ${kindOf(value)}, which no Arrow type stands for`);
  }
}

/** Arrays of bytes are bytes, arrays of other numbers lists. */
function bytesOrList(value: object): Kind {
  return isBuffer(value) || value instanceof Uint8Array || value instanceof DataView ? 'bytes' : 'list';
}

function typeOf(arrow: ArrowModule, kind: Kind, values: readonly unknown[], name: string): DataType {
  switch (kind) {
    case 'boolean':
      return new arrow.Bool();
    case 'integer':
      return new arrow.Int64();
    case 'large integer':
      return largeInteger(arrow, values, name);
    case 'number':
      return new arrow.Float64();
    case 'text':
      return new arrow.Utf8();
    case 'bytes':
      return new arrow.Binary();
    case 'instant':
      return new arrow.TimestampMillisecond('UTC');
    case 'list': {
      const items = values.filter((value) => isList(value)).flatMap((value) => [...(value as Iterable<unknown>)]);
      return new arrow.List(new arrow.Field('item', inferType(arrow, items, `an element of ${name}`), true));
    }
    case 'object':
      return structOf(arrow, values.filter(isObject), name);
  }
}

function largeInteger(arrow: ArrowModule, values: readonly unknown[], name: string): DataType {
  const integers = values.filter((value) => typeof value === 'bigint');
  if (integers.every((value) => value < DECIMAL128_LIMIT && value > -DECIMAL128_LIMIT)) return new arrow.Decimal(0, 38, 128);
  const limit = DECIMAL128_LIMIT ** 2n;
  if (integers.every((value) => value < limit && value > -limit)) return new arrow.Decimal(0, 76, 256);
  throw new FlightSQLError('INVALID_ARGUMENT', `${name} has more than 76 digits, which no Arrow type holds`);
}

function structOf(arrow: ArrowModule, objects: readonly Record<string, unknown>[], name: string): DataType {
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const field = (key: string): Field => {
    const values = objects.map((object) => object[key]);
    return new arrow.Field(key, inferType(arrow, values, `'${key}' of ${name}`), true);
  };
  return new arrow.Struct(names.map(field));
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && bytesOrList(value) === 'list');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && isPlain(value);
}

function isBuffer(value: unknown): boolean {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

/** Not a Map, a Set or an instance of a class, whose contents are not their properties. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
