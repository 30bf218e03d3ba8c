import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arrow from 'apache-arrow';
import { RowFormatter, StreamDecoder, tableOf } from '../../src-ts/arrow/index.js';
import type { Delivery } from '../../src-ts/native/binding-types.js';
import { DeliveryWriter, schemaTextOf } from './arrow-delivery.js';

const values = new arrow.Utf8();
const small = new arrow.Dictionary(values, new arrow.Int8(), 11);
const large = new arrow.Dictionary(values, new arrow.Uint32(), 11);
const schema = new arrow.Schema([new arrow.Field('a', small, true), new arrow.Field('b', large, true)]);

function words(...texts: (string | null)[]): arrow.Data {
  return arrow.vectorFromArray(texts, values).data[0] as arrow.Data;
}

function batch(...indices: number[]): arrow.RecordBatch {
  const dictionary = arrow.vectorFromArray([''], values);
  const a = arrow.makeData({ type: small, data: Int8Array.from(indices), dictionary });
  const b = arrow.makeData({ type: large, data: Uint32Array.from(indices).reverse(), dictionary });
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length: indices.length, nullCount: 0, children: [a, b] });
  return new arrow.RecordBatch(schema, struct);
}

const writer = (): DeliveryWriter => new DeliveryWriter(schema);

function decode(decoder: StreamDecoder, delivery: Delivery): arrow.RecordBatch[] {
  return decoder.decode(delivery).map((message) => {
    assert.ok(message.kind === 'batch');
    return message.batch;
  });
}

const column = (of: arrow.RecordBatch | arrow.Table | undefined, name: string): unknown[] => [...(of?.getChild(name) ?? [])];
const decoder = (): StreamDecoder => new StreamDecoder(arrow, schemaTextOf(schema));

describe('a dictionary of a stream', () => {
  it('is one object for all its columns', () => {
    const [read] = decode(
      decoder(),
      writer()
        .dictionary(11, words('x', 'y'))
        .batch(batch(0, 1, 1))
        .finish(),
    );
    assert.deepEqual(
      [column(read, 'a'), column(read, 'b')],
      [
        ['x', 'y', 'y'],
        ['y', 'y', 'x'],
      ],
    );
    assert.equal(read?.data.children[0]?.dictionary, read?.data.children[1]?.dictionary);
  });

  it('stays from one delivery to the next', () => {
    const stream = decoder();
    const [before] = decode(stream, writer().dictionary(11, words('x', 'y')).batch(batch(0)).finish());
    const [after] = decode(stream, writer().batch(batch(1)).finish());
    assert.deepEqual(column(after, 'a'), ['y']);
    assert.equal(before?.data.children[0]?.dictionary, after?.data.children[0]?.dictionary);
  });

  it('is replaced for later batches, not for earlier ones', () => {
    const delivery = writer().dictionary(11, words('x')).batch(batch(0)).dictionary(11, words('y')).batch(batch(0)).finish();
    const [before, after] = decode(decoder(), delivery);
    assert.deepEqual([column(before, 'a'), column(after, 'a')], [['x'], ['y']]);
  });

  it('grows by deltas for later batches, sharing what was there', () => {
    const delivery = writer()
      .dictionary(11, words('x'))
      .batch(batch(0))
      .dictionary(11, words('y', null), true)
      .dictionary(11, words('z'), true)
      .batch(batch(0, 1, 2, 3))
      .finish();
    const [before, after] = decode(decoder(), delivery);
    assert.deepEqual([column(before, 'a'), column(after, 'a')], [['x'], ['x', 'y', null, 'z']]);
    const [old, grown] = [before, after].map((read) => read?.data.children[0]?.dictionary as arrow.Vector);
    assert.deepEqual([old?.data.length, grown?.data.length], [1, 3]);
    assert.equal(old?.data[0], grown?.data[0]);
  });

  it('can begin with a delta, take an empty one, and be replaced after deltas', () => {
    const delivery = writer()
      .dictionary(11, words('x'), true)
      .dictionary(11, words(), true)
      .batch(batch(0))
      .dictionary(11, words())
      .dictionary(11, words('y'), true)
      .batch(batch(0))
      .finish();
    const [before, after] = decode(decoder(), delivery);
    assert.deepEqual([column(before, 'a'), column(after, 'a')], [['x'], ['y']]);
  });

  it('that never came is empty', () => {
    const [read] = decode(decoder(), writer().batch(batch()).finish());
    assert.equal(read?.numRows, 0);
    assert.equal(read?.data.children[0]?.dictionary?.length, 0);
    assert.deepEqual(new RowFormatter((read as arrow.RecordBatch).schema).toArray(read as arrow.RecordBatch), []);
  });

  it('makes a Table of batches with different versions, which IPC carries on', () => {
    const stream = decoder();
    const delivery = writer()
      .dictionary(11, words('x'))
      .batch(batch(0))
      .dictionary(11, words('y'), true)
      .batch(batch(1, 0))
      .dictionary(11, words('z'))
      .batch(batch(0))
      .finish();
    const table = tableOf(arrow, stream.schema, decode(stream, delivery));
    const again = arrow.tableFromIPC(arrow.tableToIPC(table, 'stream'));
    for (const name of ['a', 'b']) assert.deepEqual(column(again, name), column(table, name));
    assert.deepEqual(column(table, 'a'), ['x', 'y', 'x', 'z']);
  });

  it('gives rows the values of its version', () => {
    const stream = decoder();
    const delivery = writer()
      .dictionary(11, words('x'))
      .batch(batch(0, 0))
      .dictionary(11, words('y'), true)
      .batch(batch(1, 0))
      .dictionary(11, words('z'))
      .batch(batch(0))
      .finish();
    const formatter = new RowFormatter(stream.schema, { rowMode: 'array' });
    assert.deepEqual(
      decode(stream, delivery).flatMap((read) => formatter.toArray(read)),
      [
        ['x', 'x'],
        ['x', 'x'],
        ['y', 'x'],
        ['x', 'y'],
        ['z', 'z'],
      ],
    );
  });

  it('keeps read values only where it is short', () => {
    const texts = Array.from({ length: 70_000 }, (_, i) => String(i));
    const [short, long] = decode(
      decoder(),
      writer()
        .dictionary(11, words('x'))
        .batch(batch(0))
        .dictionary(11, words(...texts))
        .batch(batch(7))
        .finish(),
    );
    assert.equal(short?.getChild('b')?.isMemoized, true);
    assert.equal(long?.getChild('b')?.isMemoized, false);
    assert.deepEqual(new RowFormatter(schema, { rowMode: 'array' }).toArray(long as arrow.RecordBatch), [['7', '7']]);
  });

  it('of a slot that the schema has not got is an error', () => {
    const stray: Delivery = [Float64Array.of(1, 9, 0, 0, 0), [], [], 0, null, false];
    assert.throws(() => decoder().decode(stray), { code: 'INVALID_DATA', message: /slot 9/ });
  });

  it('may hold values that use another dictionary', () => {
    const inner = new arrow.Dictionary(new arrow.Int32(), new arrow.Int8(), 21);
    const pair = new arrow.Struct([new arrow.Field('n', inner, true)]);
    const outer = new arrow.Dictionary(pair, new arrow.Int8(), 22);
    const nested = new arrow.Schema([new arrow.Field('o', outer, true)]);
    const innerVector = arrow.makeVector(Int32Array.of(70, 80));
    const innerData = arrow.makeData({ type: inner, data: Int8Array.of(1, 0), dictionary: innerVector } as never);
    const dictionary = new arrow.Vector([arrow.makeData({ type: pair, length: 2, children: [innerData] } as never) as arrow.Data]);
    const data = arrow.makeData({ type: outer, data: Int8Array.of(1, 0, 1), dictionary } as never) as arrow.Data;
    const struct = arrow.makeData({ type: new arrow.Struct(nested.fields), length: 3, nullCount: 0, children: [data] });
    const source = new arrow.RecordBatch(nested, struct);
    const stream = new StreamDecoder(arrow, schemaTextOf(nested));
    const [read] = decode(stream, new DeliveryWriter(nested).dictionariesOf(source).batch(source).finish());
    const rows = new RowFormatter(stream.schema).toArray(read as arrow.RecordBatch);
    assert.deepEqual(rows, [{ o: { n: 70 } }, { o: { n: 80 } }, { o: { n: 70 } }]);
  });
});
