import type { DataType, Field, Union } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { TypeId, UnionModeId } from '../type-ids.js';
import { arrayOfValues, childFields } from './array-of-values.js';
import { bytesOf, type OutgoingArray } from './outgoing.js';
import { isAbsent } from './validity.js';
import type { ValuePlace } from './value-place.js';

/**
 * Unions: each value in the first child of its own kind that takes it (text in a text, a Date in a timestamp), or else in the first that takes it;
 * null in the first.
 */
export function unionArray(type: Union, values: readonly unknown[], place: ValuePlace): OutgoingArray {
  const children = childFields(type);
  const chosen = values.map((value, row) => {
    const child = isAbsent(value) ? 0 : childOf(children, value, place);
    if (child >= 0 && children.length > 0) return child;
    const names = children.map((field) => String(field.type)).join(', ');
    throw place.misfit(row, type, value, `none of ${names} takes it`);
  });
  const ids = bytesOf(Int8Array.from(chosen, (child) => type.typeIds[child] as number));
  if ((type.mode as number) === UnionModeId.Sparse) {
    const arrays = children.map((field, child) =>
      arrayOfValues(
        field.type,
        values.map((value, row) => (chosen[row] === child ? value : null)),
        place,
      ),
    );
    return { length: values.length, bitOffset: 0, buffers: [ids], children: arrays };
  }
  // Each value's place among those of its child.
  const counts = new Int32Array(children.length);
  const offsets = Int32Array.from(chosen, (child) => {
    counts[child] = (counts[child] as number) + 1;
    return (counts[child] as number) - 1;
  });
  const arrays = children.map((field, child) =>
    arrayOfValues(
      field.type,
      values.filter((_, row) => chosen[row] === child),
      place,
    ),
  );
  return { length: values.length, bitOffset: 0, buffers: [ids, bytesOf(offsets)], children: arrays };
}

function childOf(children: readonly Field[], value: unknown, place: ValuePlace): number {
  const own = children.findIndex((field) => isOwnKind(field.type, value) && takes(field.type, value, place));
  return own >= 0 ? own : children.findIndex((field) => takes(field.type, value, place));
}

/** Types that are written as other types' values too: text that looks like a date is text. */
const BORROWING: readonly number[] = [TypeId.Decimal, TypeId.Date, TypeId.Time, TypeId.Timestamp, TypeId.Duration];

function isOwnKind(type: DataType, value: unknown): boolean {
  const typeId = type.typeId as number;
  if (value instanceof Date) return typeId === TypeId.Timestamp || typeId === TypeId.Date;
  return !BORROWING.includes(typeId);
}

function takes(type: DataType, value: unknown, place: ValuePlace): boolean {
  try {
    arrayOfValues(type, [value], place);
    return true;
  } catch (error) {
    if (error instanceof FlightSQLError) return false;
    throw error;
  }
}
