import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { RowFormatter, StreamDecoder } from '../../src-ts/arrow/index.js';
import { type ColumnModel, leaves } from './arrow-columns.js';
import { DeliveryWriter, schemaTextOf } from './arrow-delivery.js';
import { nested, untagged } from './arrow-nested-columns.js';

const RUNS = 40;
const NESTED_RUNS = 8;

function batchOf(columns: readonly arrow.Data[]): arrow.RecordBatch {
  const fields = columns.map((column, i) => new arrow.Field(`c${i}`, column.type, true));
  const schema = new arrow.Schema(fields);
  const struct = arrow.makeData({ type: new arrow.Struct(fields), length: columns[0]?.length ?? 0, nullCount: 0, children: [...columns] });
  return new arrow.RecordBatch(schema, struct);
}

function decoded(batch: arrow.RecordBatch, allocations: number): { batch: arrow.RecordBatch; memory: Set<ArrayBufferLike> } {
  const decoder = new StreamDecoder(arrow, schemaTextOf(batch.schema));
  const delivery = new DeliveryWriter(batch.schema, allocations).dictionariesOf(batch).batch(batch).finish();
  const [message, ...more] = decoder.decode(delivery);
  assert.ok(message?.kind === 'batch' && more.length === 0);
  return { batch: message.batch, memory: new Set(delivery[1]) };
}

/** Every buffer of an array that holds bytes, with those of children and dictionaries; the one offset of an empty array may be anywhere. */
function* buffersOf(data: arrow.Data): Generator<ArrayBufferView> {
  const offsets = data.length > 0 ? data.valueOffsets : undefined;
  for (const buffer of [data.values, offsets, data.nullBitmap, data.typeIds, ...data.variadicBuffers]) {
    if (buffer !== undefined && buffer.byteLength > 0) yield buffer as ArrayBufferView;
  }
  for (const child of data.children) yield* buffersOf(child);
  for (const chunk of data.dictionary?.data ?? []) yield* buffersOf(chunk);
}

function assertSame(actual: arrow.Vector, expected: arrow.Vector): void {
  assert.equal(actual.length, expected.length);
  assert.equal(actual.nullCount, expected.nullCount);
  for (let i = 0; i < expected.length; i++) {
    assert.equal(actual.isValid(i), expected.isValid(i));
    assert.deepEqual(jsonOf(actual.get(i)), jsonOf(expected.get(i)));
  }
}

/** Row proxies and vectors as plain values, which assert can compare. */
function jsonOf(value: unknown): unknown {
  if (value instanceof arrow.Vector) return [...value].map(jsonOf);
  if (value instanceof arrow.StructRow) return [...value].map(([name, entry]) => [name, jsonOf(entry)]);
  if (value instanceof arrow.MapRow) return [...value].map(([key, entry]) => [jsonOf(key), jsonOf(entry)]);
  return ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
}

function checkColumn(model: ColumnModel, numRuns: number): void {
  const values = fc.array(fc.option(model.value, { nil: null, freq: 4 }), { maxLength: 20 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 4 }), fc.nat(20), fc.nat(20), (entries, allocations, one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const reference = batchOf([model.data(entries)]);
      const { batch, memory } = decoded(reference, allocations);
      const column = batch.getChildAt(0) as arrow.Vector;

      assert.equal(String(batch.schema), String(reference.schema));
      assertSame(column, reference.getChildAt(0) as arrow.Vector);
      for (const buffer of buffersOf(column.data[0] as arrow.Data)) {
        assert.ok(memory.has(buffer.buffer), 'a buffer was copied');
      }

      const expected = entries.map((entry) => ({ c0: untagged(entry) }));
      const formatter = new RowFormatter(batch.schema);
      assert.deepEqual(formatter.toArray(batch), expected);
      assert.deepEqual(formatter.toArray(batch.slice(from, to)), expected.slice(from, to));
    }),
    { numRuns, includeErrorInReport: true },
  );
}

function checkEach(models: Iterable<ColumnModel>): void {
  for (const model of models) {
    try {
      checkColumn(model, NESTED_RUNS);
    } catch (cause) {
      throw new Error(`a column of ${model.type}`, { cause });
    }
  }
}

describe('a decoded column reads as apache-arrow reads it, lies in the memory handed over, and makes the rows that went in', () => {
  for (const leaf of leaves) it(`of ${leaf.type}`, () => checkColumn(leaf, RUNS));

  it('of every nested type over every type', () => {
    for (const child of leaves) checkEach(nested(child, leaves[4] as ColumnModel));
  });

  it('of types nested twice', () => {
    const kinds = nested(leaves[0] as ColumnModel, leaves[0] as ColumnModel).length - 1;
    const model = fc.constantFrom(...leaves);
    const deep = fc.tuple(model, model, fc.nat(kinds), fc.nat(kinds)).map(([child, other, inner, outer]) => {
      const middle = nested(child, other)[inner] as ColumnModel;
      return nested(middle, child)[outer] as ColumnModel;
    });
    checkEach(fc.sample(deep, 150));
  });
});
