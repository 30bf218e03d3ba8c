import assert from 'node:assert/strict';
import type { MapRow, StructRow, Vector } from 'apache-arrow';
import { decimalString, timestampBigInt } from 'flightsql';
import type { FieldDescription, Neutral, TypeDescription } from './expectation.js';
import { expectedRowValue } from './expected-rows.js';
import { hexOfBytes } from './raw-values.js';

const MS_OF_DAY = 86_400_000;

/** apache-arrow's accessors where they are right, and this client's exact ones for what they get wrong. */
export function compareAccessors(vector: Vector, type: TypeDescription, values: readonly Neutral[]): void {
  for (const [row, value] of values.entries()) compareAt(vector, row, type, value);
}

function compareAt(vector: Vector, row: number, type: TypeDescription, expected: Neutral): void {
  const { kind } = type.kind === 'dictionary' ? valueTypeOf(type) : type;
  if (kind.startsWith('decimal')) assert.equal(decimalString(vector, row), expected, `row ${row} by decimalString()`);
  else if (kind === 'timestamp') assert.equal(textOf(timestampBigInt(vector, row)), expected, `row ${row} by timestampBigInt()`);
  else if (isReadable(type, expected)) compareValue(vector.get(row), type, expected, `row ${row} by get()`);
}

/** Whether `get()` returns the value at all: it refuses instants out of the range in which numbers are exact. */
function isReadable(type: TypeDescription, expected: Neutral): boolean {
  if (type.kind === 'dictionary') return isReadable(valueTypeOf(type), expected);
  if (type.kind === 'timestamp' || expected === null) return expected === null;
  if (type.kind === 'date64') return Number.isSafeInteger(Number(expected));
  // Lists are Vectors, and each of their values is read for itself.
  return (
    type.children === undefined || type.kind.includes('list') || partsOf(type, expected as Neutral[]).every((part) => isReadable(...part))
  );
}

/** What a struct, a map or a union consists of, by type. */
function partsOf(type: TypeDescription, expected: Neutral[]): [TypeDescription, Neutral][] {
  const { kind, codes = [] } = type;
  if (kind.endsWith('union')) return [[childType(type, codes.indexOf(expected[0] as number)), expected[1] as Neutral]];
  const fields = kind === 'struct' ? [expected] : (expected as Neutral[][]);
  return fields.flatMap((parts) => parts.map((part, at): [TypeDescription, Neutral] => [childType(type, at), part]));
}

function childType({ children = [] }: TypeDescription, at: number): TypeDescription {
  return (children[at] as FieldDescription).type;
}

function textOf(value: bigint | null): string | null {
  return value === null ? null : String(value);
}

function valueTypeOf(type: TypeDescription): TypeDescription {
  return type.value as TypeDescription;
}

/** What `get()` returned. */
function compareValue(value: unknown, type: TypeDescription, expected: Neutral, place: string): void {
  if (type.kind === 'dictionary') compareValue(value, valueTypeOf(type), expected, place);
  else if (expected === null) assert.equal(value, null, place);
  else if (type.children === undefined) comparePlain(value, type, expected, place);
  else compareNested(value, type, expected as Neutral[], place);
}

function comparePlain(value: unknown, type: TypeDescription, expected: Neutral, place: string): void {
  const { kind } = type;
  // Nested ones cannot be read otherwise, and get() is wrong.
  if (kind.startsWith('decimal') || kind === 'timestamp') return;
  if (kind.startsWith('float')) assert(Object.is(value, expectedRowValue(type, expected)), `${place}: ${value} is not ${expected}`);
  else if (kind.startsWith('interval')) assert.deepEqual(intervalOf(kind, value as Int32Array), expected, place);
  else if (kind === 'date32') assert.equal(value, Number(expected) * MS_OF_DAY, place);
  else if (kind === 'date64') assert.equal(value, Number(expected), place);
  else if (kind.includes('binary')) assert.equal(hexOfBytes(value as Uint8Array), expected, place);
  else if (kind.includes('utf8') || kind === 'bool') assert.equal(value, expected, place);
  else {
    assert.equal(typeof value, kind.includes('64') || kind === 'duration' ? 'bigint' : 'number', place);
    assert.equal(String(value), expected, place);
  }
}

/** Months come as years and months, nanoseconds as two words. */
function intervalOf(kind: string, words: Int32Array): Neutral {
  const [first = 0, second = 0, low = 0, high = 0] = words;
  if (kind === 'interval_months') return String(first * 12 + second);
  if (kind === 'interval_day_time') return [String(first), String(second)];
  return [String(first), String(second), String((BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low)))];
}

function compareNested(value: unknown, type: TypeDescription, expected: Neutral[], place: string): void {
  if (type.kind.includes('list')) {
    const items = value as Vector;
    assert.equal(items.length, expected.length, place);
    for (const [at, item] of expected.entries()) compareAt(items, at, childType(type, 0), item);
    return;
  }
  const parts = partsOf(type, expected);
  const found = foundParts(type.kind, value);
  assert.equal(found.length, parts.length, place);
  for (const [at, part] of parts.entries()) compareValue(found[at], ...part, `${place}, part ${at}`);
}

/** The same of what `get()` returned. */
function foundParts(kind: string, value: unknown): unknown[] {
  if (kind.endsWith('union')) return [value];
  if (kind === 'struct') return [...(value as StructRow)].map(([, part]) => part);
  return [...(value as MapRow)].flat();
}
