import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FlightInfo } from '../../src-ts/flight-info.js';
import type { Delivery } from '../../src-ts/native/binding-types.js';
import type { CallOptions } from '../../src-ts/options/call-options.js';
import { QueryResult } from '../../src-ts/result.js';
import { deliveryOf, errorText, type FakeStream, streamOf } from './fake-native.js';

function resultOf(answers: (Delivery | string | null)[], options?: CallOptions): FakeStream & { result: QueryResult } {
  const fake = streamOf(answers, options);
  return { ...fake, result: new QueryResult(() => ({}) as FlightInfo, fake.stream) };
}

const DELIVERIES = () => [deliveryOf([0, 2], [2, 0], [2, 1]), deliveryOf([3, 2])];

test('a loop gives every batch with rows, in order', async () => {
  const { result } = resultOf(DELIVERIES());
  const ids: bigint[] = [];
  for await (const batch of result) ids.push(...(batch.getChildAt(0)?.toArray() ?? []));
  assert.deepEqual(ids, [0n, 1n, 2n, 3n, 4n]);
});

test('leaving a loop cancels the native reader', async () => {
  const { result, reader } = resultOf(DELIVERIES());
  for await (const batch of result) {
    assert.equal(batch.numRows, 2);
    break;
  }
  assert.equal(reader.calls.cancel > 0, true);
});

test('an error thrown in a loop cancels the native reader and is the error that comes out', async () => {
  const { result, reader } = resultOf(DELIVERIES());
  const mine = new Error('mine');
  await assert.rejects(
    (async () => {
      for await (const _ of result) throw mine;
    })(),
    (error) => error === mine,
  );
  assert.equal(reader.calls.cancel > 0, true);
});

test('throw() of the iterator cancels and throws', async () => {
  const { result, reader } = resultOf(DELIVERIES());
  const iterator = result[Symbol.asyncIterator]();
  const mine = new Error('mine');
  await assert.rejects(iterator.throw?.(mine) as Promise<unknown>, (error) => error === mine);
  assert.equal(reader.calls.cancel > 0, true);
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test('return() ends a read that waits at once, rather than after it', async () => {
  const { result } = resultOf(['wait']);
  const iterator = result[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await setImmediate();
  const rejected = assert.rejects(waiting, { code: 'CANCELLED' });
  assert.deepEqual(await iterator.return?.(), { done: true, value: undefined });
  await rejected;
});

test('overlapping next() calls of a loop queue in order', async () => {
  const { result } = resultOf(DELIVERIES());
  const iterator = result[Symbol.asyncIterator]();
  const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
  assert.deepEqual(
    steps.map(({ done, value }) => (done ? null : value?.getChildAt(0)?.get(0))),
    [0n, 2n, 3n, null],
  );
});

test('a table has all rows under the schema, and no batches without rows', async () => {
  const { result } = resultOf(DELIVERIES());
  const table = await result.table();
  assert.equal(table.numRows, 5);
  assert.equal(table.batches.length, 3);
  assert.deepEqual([...(table.getChild('name') ?? [])], ['n0', 'n1', 'n2', 'n3', 'n4']);
});

test('a result without batches is a table with the schema and no rows', async () => {
  const table = await resultOf([]).result.table();
  assert.equal(table.numRows, 0);
  assert.deepEqual(table.schema.names, ['id', 'name']);
});

test('rows come one by one, as objects with bigint and text', async () => {
  const { result } = resultOf(DELIVERIES());
  const rows = [];
  for await (const row of result.rows()) rows.push(row);
  assert.deepEqual(
    rows,
    [0n, 1n, 2n, 3n, 4n].map((id) => ({ id, name: `n${id}` })),
  );
});

test('rows take row options', async () => {
  const { result } = resultOf([deliveryOf([7, 1])]);
  for await (const row of result.rows({ rowMode: 'array', int64: 'number' })) assert.deepEqual(row, [7, 'n7']);
});

test('row options that are not known are refused, and the result can still be read', async () => {
  const { result } = resultOf(DELIVERIES());
  assert.throws(() => result.rows({ int46: 'number' } as object), { code: 'INVALID_OPTION' });
  assert.equal((await result.table()).numRows, 5);
});

test('overlapping reads of rows lose none and keep their order', async () => {
  const { result } = resultOf(DELIVERIES());
  const rows = result.rows();
  const steps = await Promise.all(Array.from({ length: 7 }, () => rows.next()));
  assert.deepEqual(
    steps.map(({ value }) => value?.['id']),
    [0n, 1n, 2n, 3n, 4n, undefined, undefined],
  );
});

test('leaving a loop over rows cancels the native reader', async () => {
  const { result, reader } = resultOf(DELIVERIES());
  for await (const row of result.rows()) {
    assert.equal(row['id'], 0n);
    break;
  }
  assert.equal(reader.calls.cancel > 0, true);
});

test('a result is read once, whatever the first and the second way', async () => {
  const ways: readonly [name: string, read: (result: QueryResult) => unknown][] = [
    ['a loop', (result) => result[Symbol.asyncIterator]()],
    ['table()', (result) => result.table()],
    ['rows()', (result) => result.rows()],
    ['toIPC()', (result) => result.toIPC()],
  ];
  for (const [first, readFirst] of ways) {
    for (const [second, readSecond] of ways) {
      const { result } = resultOf(DELIVERIES());
      await readFirst(result);
      await assert.rejects(
        async () => readSecond(result),
        (error: { code: string; message: string }) => {
          assert.equal(error.code, 'RESULT_CONSUMED');
          assert.ok(error.message.startsWith(`${second} cannot read this result: ${first} has read it`), error.message);
          return true;
        },
      );
    }
  }
});

test('the schema may be asked for before, while and after reading', async () => {
  const { result } = resultOf(DELIVERIES());
  const before = await result.schema();
  const table = await result.table();
  assert.equal(table.schema, before);
  assert.equal(await result.schema(), before);
});

test('a table of a result that is cancelled meanwhile is no half table but an error', async () => {
  const { result } = resultOf([deliveryOf([0, 2]), 'wait']);
  const table = result.table();
  await setImmediate();
  await setImmediate();
  result.cancel();
  await assert.rejects(table, { code: 'CANCELLED' });
});

test('a table of a result that fails midway is the error', async () => {
  const { result } = resultOf([deliveryOf([0, 2]), errorText('STREAM_RESET')]);
  await assert.rejects(result.table(), { code: 'STREAM_RESET' });
});

test('await using cancels a result that was not read to its end', async () => {
  const { result, reader } = resultOf(DELIVERIES());
  {
    await using held = result;
    await held.schema();
  }
  assert.equal(reader.calls.cancel > 0, true);
});

test('await using leaves a result that was read alone', async () => {
  const { result, reader } = resultOf(DELIVERIES());
  await result.table();
  await result[Symbol.asyncDispose]();
  assert.equal(reader.calls.cancel, 0);
});
