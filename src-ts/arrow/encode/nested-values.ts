import type { DataType, Field } from 'apache-arrow';
import { suggestion } from '../../options/nearest.js';
import { arrayOfValues, childFields } from './array-of-values.js';
import { bytesOf, type OutgoingArray } from './outgoing.js';
import { isAbsent, validityOf } from './validity.js';
import type { ValuePlace } from './value-place.js';

/** Lists: arrays, typed arrays, or anything else that iterates but text. `size` is how offsets are kept, or the length that all lists have. */
export function listArray(type: DataType, values: readonly unknown[], place: ValuePlace, size: 'small' | 'large' | number): OutgoingArray {
  const [item] = childFields(type) as [Field];
  const lists = values.map((value, row) => {
    if (isAbsent(value)) return typeof size === 'number' ? new Array(size).fill(null) : [];
    const list = listOf(value);
    if (list === null) throw place.misfit(row, type, value, 'it takes arrays');
    if (typeof size === 'number' && list.length !== size)
      throw place.misfit(row, type, value, `it takes ${size} values, and has ${list.length}`);
    return list;
  });
  const offsets = typeof size === 'number' ? [] : [offsetsOf(lists, size === 'large')];
  const children = [arrayOfValues(item.type, lists.flat(), place.within('an element'))];
  return { length: values.length, bitOffset: 0, buffers: [validityOf(values), ...offsets], children };
}

/** Structs: objects whose keys are names of fields; a field that is left out is null. */
export function structArray(type: DataType, values: readonly unknown[], place: ValuePlace): OutgoingArray {
  const fields = childFields(type);
  const names = fields.map((field) => field.name);
  for (const [row, value] of values.entries()) {
    if (isAbsent(value)) continue;
    if (!isStruct(value)) {
      throw place.misfit(row, type, value, 'it takes objects');
    }
    const unknown = Object.keys(value).find((key) => !names.includes(key));
    if (unknown !== undefined) throw place.misfit(row, type, value, `it has no field '${unknown}': ${suggestion(unknown, names)}`);
  }
  const children = fields.map((field) => {
    const column = values.map((value) => (isAbsent(value) ? null : (value as Record<string, unknown>)[field.name]));
    return arrayOfValues(field.type, column, place.within(`'${field.name}'`));
  });
  return { length: values.length, bitOffset: 0, buffers: [validityOf(values)], children };
}

/** Whether an object's contents are its properties. */
function isStruct(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  return ![Date, Map, Set, ArrayBuffer, SharedArrayBuffer].some((other) => value instanceof other);
}

/** Maps: a Map, an array of pairs, or an object whose keys are text. */
export function mapArray(type: DataType, values: readonly unknown[], place: ValuePlace): OutgoingArray {
  const [entries] = childFields(type) as [Field];
  const [key, item] = childFields(entries.type) as [Field, Field];
  const maps = values.map((value, row) => {
    if (isAbsent(value)) return [];
    const pairs = pairsOf(value);
    if (pairs === null) throw place.misfit(row, type, value, 'it takes a Map, an array of [key, value], or an object');
    if (pairs.some(([key]) => isAbsent(key))) throw place.misfit(row, type, value, 'a key is null');
    return pairs;
  });
  const pairs = maps.flat();
  const keys = arrayOfValues(
    key.type,
    pairs.map(([key]) => key),
    place.within('a key'),
  );
  const items = arrayOfValues(
    item.type,
    pairs.map(([, value]) => value),
    place.within('a value'),
  );
  const children = [{ length: pairs.length, bitOffset: 0, buffers: [validityOf([])], children: [keys, items] }];
  return { length: values.length, bitOffset: 0, buffers: [validityOf(values), offsetsOf(maps, false)], children };
}

function offsetsOf(lists: readonly (readonly unknown[])[], isLarge: boolean): Uint8Array {
  let at = 0;
  const ends = lists.map((list) => {
    at += list.length;
    return at;
  });
  return bytesOf(isLarge ? BigInt64Array.from([0, ...ends], BigInt) : Int32Array.from([0, ...ends]));
}

function listOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null || value instanceof Map || !(Symbol.iterator in value)) return null;
  return [...(value as Iterable<unknown>)];
}

function pairsOf(value: unknown): (readonly unknown[])[] | null {
  if (value instanceof Map) return [...value];
  if (Array.isArray(value)) return value.every((pair) => Array.isArray(pair) && pair.length === 2) ? value : null;
  const isPlain = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof Date);
  return isPlain ? Object.entries(value) : null;
}
