import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '../../src-ts/native/binding-types.js';
import { FlightStreamReader } from '../../src-ts/reader.js';
import { DeliveryWriter } from './arrow-delivery.js';
import { batchOf, deliveryOf, type FakeStream, SCHEMA, streamOf } from './fake-native.js';

function readerOf(answers: (Delivery | string | null)[]): FakeStream & { stream: FakeStream['stream']; flight: FlightStreamReader } {
  const fake = streamOf(answers);
  return { ...fake, flight: new FlightStreamReader(fake.stream) };
}

test('chunks have a batch, metadata, or both, and null comes at the end and after it', async () => {
  const delivery = new DeliveryWriter(SCHEMA)
    .batch(batchOf(0, 2), { appMetadata: Uint8Array.of(1, 2) })
    .metadata(Uint8Array.of(3))
    .batch(batchOf(2, 1))
    .finish();
  const { flight } = readerOf([delivery]);
  const first = await flight.readChunk();
  assert.equal(first?.batch?.numRows, 2);
  assert.deepEqual([...(first?.appMetadata ?? [])], [1, 2]);
  const second = await flight.readChunk();
  assert.equal(second?.batch, null);
  assert.deepEqual([...(second?.appMetadata ?? [])], [3]);
  const third = await flight.readChunk();
  assert.equal(third?.batch?.numRows, 1);
  assert.equal(third?.appMetadata, null);
  assert.equal(await flight.readChunk(), null);
  assert.equal(await flight.readChunk(), null);
});

test('a batch without rows is a chunk, not the end', async () => {
  const { flight } = readerOf([deliveryOf([0, 0], [0, 1])]);
  assert.equal((await flight.readChunk())?.batch?.numRows, 0);
  assert.equal((await flight.readChunk())?.batch?.numRows, 1);
  assert.equal(await flight.readChunk(), null);
});

test('readAll() reads what readChunk() has left', async () => {
  const { flight } = readerOf([deliveryOf([0, 2], [2, 2]), deliveryOf([4, 1])]);
  await flight.readChunk();
  const table = await flight.readAll();
  assert.deepEqual([...(table.getChild('id') ?? [])], [2n, 3n, 4n]);
});

test('readRows() gives all rows at once, by its options', async () => {
  assert.deepEqual(await readerOf([deliveryOf([0, 2])]).flight.readRows(), [
    { id: 0n, name: 'n0' },
    { id: 1n, name: 'n1' },
  ]);
  assert.deepEqual(await readerOf([deliveryOf([0, 1])]).flight.readRows({ rowMode: 'array', int64: 'string' }), [['0', 'n0']]);
  assert.deepEqual(await readerOf([]).flight.readRows(), []);
});

test('a loop goes over the chunks that are left', async () => {
  const { flight } = readerOf([deliveryOf([0, 1], [1, 1]), deliveryOf([2, 1])]);
  await flight.readChunk();
  const ids = [];
  for await (const { batch } of flight) ids.push(batch?.getChildAt(0)?.get(0));
  assert.deepEqual(ids, [1n, 2n]);
});

test('a stream that was read whole refuses every further read, and says what read it', async () => {
  const { flight } = readerOf([deliveryOf([0, 1])]);
  await flight.readAll();
  const reads = [() => flight.readAll(), () => flight.readRows(), () => flight.readChunk(), async () => flight[Symbol.asyncIterator]()];
  for (const read of reads) await assert.rejects(read, { code: 'RESULT_CONSUMED', message: /readAll\(\) has read it/ });
});

test('cancel and await using end the stream', async () => {
  const { flight, reader } = readerOf([deliveryOf([0, 1], [1, 1])]);
  await flight.readChunk();
  flight.cancel();
  await assert.rejects(flight.readChunk(), { code: 'CANCELLED' });
  assert.equal(reader.calls.cancel > 0, true);
  const other = readerOf([deliveryOf([0, 1])]);
  {
    await using held = other.flight;
    assert.ok(held);
  }
  assert.equal(other.reader.calls.cancel > 0, true);
});

test('the schema is there before any chunk was read', async () => {
  const { flight, reader } = readerOf([deliveryOf([0, 1])]);
  assert.deepEqual((await flight.schema()).names, ['id', 'name']);
  assert.equal(reader.calls.next, 0);
});
