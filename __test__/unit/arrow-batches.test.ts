import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arrow from 'apache-arrow';
import { RowFormatter, StreamDecoder, tableOf } from '../../src-ts/arrow/index.js';
import type { Delivery } from '../../src-ts/native/binding-types.js';
import { leaves } from './arrow-columns.js';
import { DeliveryWriter, schemaTextOf } from './arrow-delivery.js';

function schemaOf(types: readonly arrow.DataType[], name = (i: number): string => `c${i}`): arrow.Schema {
  return new arrow.Schema(types.map((type, i) => new arrow.Field(name(i), type, true)));
}

function batchOf(schema: arrow.Schema, columns: readonly arrow.Data[], rows: number): arrow.RecordBatch {
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length: rows, nullCount: 0, children: [...columns] });
  // The constructor would give columns of one name the type of the last.
  const empty = arrow.makeData({ type: new arrow.Struct([]), length: 0, nullCount: 0, children: [] });
  return Object.assign(new arrow.RecordBatch(new arrow.Schema([]), empty), { schema, data: struct });
}

function decodeOne(decoder: StreamDecoder, delivery: Delivery): arrow.RecordBatch {
  const [message] = decoder.decode(delivery);
  assert.ok(message?.kind === 'batch');
  return message.batch;
}

const int32 = new arrow.Int32();
const numbers = (...data: number[]): arrow.Data => arrow.makeData({ type: int32, data: Int32Array.from(data) });

describe('a delivery', () => {
  const schema = schemaOf([int32]);
  const batch = (...data: number[]): arrow.RecordBatch => batchOf(schema, [numbers(...data)], data.length);

  it('gives its messages in order, with endpoint and application metadata', () => {
    const delivery = new DeliveryWriter(schema)
      .batch(batch(1, 2), { endpoint: 3, appMetadata: Uint8Array.of(9) })
      .metadata(Uint8Array.of(7, 8), 1)
      .batch(batch(3))
      .finish();
    const messages = new StreamDecoder(arrow, schemaTextOf(schema)).decode(delivery);
    const seen = messages.map(({ kind, endpoint, appMetadata }) => [kind, endpoint, appMetadata && [...appMetadata]]);
    assert.deepEqual(seen, [
      ['batch', 3, [9]],
      ['metadata', 1, [7, 8]],
      ['batch', 0, null],
    ]);
    const values = messages.flatMap((message) => (message.kind === 'batch' ? [...(message.batch.getChildAt(0) ?? [])] : []));
    assert.deepEqual(values, [1, 2, 3]);
  });

  it('without words has no messages', () => {
    assert.deepEqual(new StreamDecoder(arrow, schemaTextOf(schema)).decode([new Float64Array(0), [], [], 0, null, false]), []);
  });

  it('with a kind of message that is not known is refused', () => {
    const decoder = new StreamDecoder(arrow, schemaTextOf(schema));
    assert.throws(() => decoder.decode([Float64Array.of(4), [], [], 0, null, false]), { code: 'BOUNDARY_MISMATCH', message: /kind 4/ });
  });

  it('that points outside its memory is an error, not a view on something else', () => {
    const decoder = new StreamDecoder(arrow, schemaTextOf(schema));
    const beyond: Delivery = [Float64Array.of(2, -1, 0, 9, 9, 0, -1, 0, 0, 0, 0, 36), [new ArrayBuffer(32)], [], 0, null, false];
    assert.throws(() => decoder.decode(beyond), RangeError);
  });
});

describe('a decoded batch', () => {
  it('is made of the very classes of the apache-arrow that was given', () => {
    const schema = schemaOf([int32, new arrow.Utf8()]);
    const decoder = new StreamDecoder(arrow, schemaTextOf(schema));
    const batch = decodeOne(decoder, new DeliveryWriter(schema).batch(batchOf(schema, [numbers(1), utf8('x')], 1)).finish());
    const table = tableOf(arrow, decoder.schema, [batch]);
    assert.equal(Object.getPrototypeOf(table), arrow.Table.prototype);
    assert.equal(Object.getPrototypeOf(batch), arrow.RecordBatch.prototype);
    assert.equal(Object.getPrototypeOf(batch.data), arrow.Data.prototype);
    assert.equal(Object.getPrototypeOf(table.schema), arrow.Schema.prototype);
    assert.equal(Object.getPrototypeOf(table.schema.fields[0]), arrow.Field.prototype);
    assert.ok(table.schema.fields[0]?.type instanceof arrow.Int32);
  });

  it('has the members that one from the constructor has', () => {
    const schema = schemaOf([int32]);
    const reference = new arrow.RecordBatch(schema, batchOf(schema, [numbers(1, 2)], 2).data);
    const batch = decodeOne(new StreamDecoder(arrow, schemaTextOf(schema)), new DeliveryWriter(schema).batch(reference).finish());
    assert.deepEqual(Object.getOwnPropertyNames(batch).sort(), Object.getOwnPropertyNames(reference).sort());
    assert.deepEqual([batch.numRows, batch.numCols, batch.nullCount, batch.metadata.size], [2, 1, 0, 0]);
    assert.deepEqual(batch.toArray().map(String), reference.toArray().map(String));
    assert.deepEqual(batch.slice(1).toArray().map(String), ['{"c0": 2}']);
    assert.notEqual(
      batch.metadata,
      decodeOne(new StreamDecoder(arrow, schemaTextOf(schema)), new DeliveryWriter(schema).batch(reference).finish()).metadata,
    );
  });

  it('goes through the constructor where apache-arrow has come to keep more in a batch', () => {
    class Batch extends arrow.RecordBatch {
      readonly more = 'more';
    }
    const schema = schemaOf([int32, int32], () => 'a');
    const decoder = new StreamDecoder({ ...arrow, RecordBatch: Batch as never }, schemaTextOf(schema));
    const batch = decodeOne(decoder, new DeliveryWriter(schema).batch(batchOf(schema, [numbers(1, 2), numbers(3, 4)], 2)).finish());
    assert.equal((batch as Batch).more, 'more');
    assert.equal(batch.schema, decoder.schema);
    assert.deepEqual(new RowFormatter(schema, { rowMode: 'array' }).toArray(batch), [
      [1, 3],
      [2, 4],
    ]);
  });

  it('keeps columns of one name apart, in Table and rows too', () => {
    const schema = schemaOf([int32, new arrow.Utf8(), int32], () => 'a');
    const decoder = new StreamDecoder(arrow, schemaTextOf(schema));
    const source = batchOf(schema, [numbers(1), utf8('x'), numbers(2)], 1);
    const table = tableOf(arrow, decoder.schema, [decodeOne(decoder, new DeliveryWriter(schema).batch(source).finish())]);
    assert.deepEqual(
      [0, 1, 2].map((i) => table.getChildAt(i)?.get(0)),
      [1, 'x', 2],
    );
    assert.deepEqual(
      table.schema.fields.map((field) => String(field.type)),
      ['Int32', 'Utf8', 'Int32'],
    );
    assert.deepEqual(new RowFormatter(decoder.schema).toArray(table.batches[0] as arrow.RecordBatch), [{ a: 1, a_1: 'x', a_2: 2 }]);
  });

  it('can have rows and no columns', () => {
    const schema = schemaOf([]);
    const decoder = new StreamDecoder(arrow, schemaTextOf(schema));
    const batch = decodeOne(decoder, new DeliveryWriter(schema).batch(batchOf(schema, [], 5)).finish());
    assert.deepEqual([batch.numRows, batch.numCols], [5, 0]);
    assert.equal(tableOf(arrow, decoder.schema, [batch, batch]).numRows, 10);
    assert.deepEqual(new RowFormatter(decoder.schema).toArray(batch), [{}, {}, {}, {}, {}]);
  });

  it('lies with all its columns in one ArrayBuffer', () => {
    const schema = schemaOf([int32, new arrow.Utf8(), new arrow.Int64()]);
    const source = batchOf(
      schema,
      [numbers(1, 2), utf8('x', 'yy'), arrow.makeData({ type: new arrow.Int64(), data: BigInt64Array.of(1n, 2n) })],
      2,
    );
    const delivery = new DeliveryWriter(schema).batch(source).finish();
    const [a, b, c] = decodeOne(new StreamDecoder(arrow, schemaTextOf(schema)), delivery).data.children;
    for (const view of [a?.values, b?.values, b?.valueOffsets, c?.values]) assert.equal(view?.buffer, delivery[1][0]);
  });

  it('knows the null count of view columns, which makeData drops', () => {
    const model = leaves.find(({ type }) => arrow.DataType.isUtf8View(type));
    const data = model?.data(['a', null, 'a string that is not inline']) as arrow.Data;
    const schema = schemaOf([data.type]);
    const delivery = new DeliveryWriter(schema).batch(batchOf(schema, [data], 3)).finish();
    const column = decodeOne(new StreamDecoder(arrow, schemaTextOf(schema)), delivery).data.children[0];
    assert.equal((column as unknown as { _nullCount: number })._nullCount, 1);
  });
});

/** A node without values and, as Arrow allows, without any buffer, not even a first value offset. */
function emptyNode(type: arrow.DataType): number[] {
  if (arrow.DataType.isNull(type)) return [0, 0];
  const absent = [-1, 0, 0];
  if (/View/.test(String(type))) return [0, 0, ...absent, ...absent, 0];
  return [0, 0, ...absent, ...absent, ...(hasOffsets(type) ? absent : [])];
}

function hasOffsets(type: arrow.DataType): boolean {
  return /^(Large)?(Utf8|Binary)$/.test(String(type));
}

describe('a batch without rows', () => {
  for (const { type } of leaves) {
    const decoder = new StreamDecoder(arrow, schemaTextOf(schemaOf([type])));
    const batch = decodeOne(decoder, [Float64Array.of(2, -1, 0, 0, ...emptyNode(type)), [], [], 0, null, false]);
    const data = batch.data.children[0] as arrow.Data;

    it(`of ${type} has empty arrays of the right kind`, () => {
      assert.deepEqual([batch.numRows, data.length, data.nullCount], [0, 0, 0]);
      if (!arrow.DataType.isNull(type)) assert.equal(data.values.constructor, type.ArrayType);
      if (hasOffsets(type)) assert.deepEqual([...data.valueOffsets].map(Number), [0]);
    });

    it(`of ${type} makes no rows, and can be written as IPC`, () => {
      assert.deepEqual(new RowFormatter(decoder.schema).toArray(batch), []);
      const again = arrow.tableFromIPC(arrow.tableToIPC(tableOf(arrow, decoder.schema, [batch]), 'stream'));
      assert.deepEqual([again.numRows, String(again.schema)], [0, String(decoder.schema)]);
    });
  }
});

describe('a table', () => {
  it('of no batches has the schema and no rows, and can be read and written', () => {
    const schema = schemaOf(leaves.map(({ type }) => type));
    const decoder = new StreamDecoder(arrow, schemaTextOf(schema));
    const table = tableOf(arrow, decoder.schema, []);
    assert.deepEqual([table.numRows, table.numCols, table.toArray()], [0, leaves.length, []]);
    assert.equal(table.schema, decoder.schema);
    for (const field of table.schema.fields) assert.equal(table.getChild(field.name)?.length, 0);
    assert.equal(String(arrow.tableFromIPC(arrow.tableToIPC(table, 'stream')).schema), String(schema));
  });

  it('has the rows of its batches in order', () => {
    const schema = schemaOf([int32]);
    const decoder = new StreamDecoder(arrow, schemaTextOf(schema));
    const batches = [[1, 2], [], [3]].map((values) =>
      decodeOne(decoder, new DeliveryWriter(schema).batch(batchOf(schema, [numbers(...values)], values.length)).finish()),
    );
    const table = tableOf(arrow, decoder.schema, batches);
    assert.deepEqual([...(table.getChildAt(0) ?? [])], [1, 2, 3]);
    assert.equal(table.batches.length, 3);
  });
});

function utf8(...texts: string[]): arrow.Data {
  return arrow.vectorFromArray(texts, new arrow.Utf8()).data[0] as arrow.Data;
}
