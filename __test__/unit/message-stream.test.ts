import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { DecodedMessage } from '../../src-ts/arrow/index.js';
import { deliveryOf, errorText, lastOf, streamOf, wholeOf } from './fake-native.js';

function firstId(message: DecodedMessage | null): bigint | null {
  return message?.kind === 'batch' ? message.batch.getChildAt(0)?.get(0) : null;
}

/** Until a read that began has asked the addon, which has not answered. */
async function turn(): Promise<void> {
  for (let i = 0; i < 4; i++) await null;
}

test('messages come in the order in which they were delivered, then null again and again', async () => {
  const { stream } = streamOf([deliveryOf([0, 2], [2, 3]), deliveryOf([5, 1])]);
  const ids = [await stream.next(), await stream.next(), await stream.next()].map(firstId);
  assert.deepEqual(ids, [0n, 2n, 5n]);
  assert.equal(await stream.next(), null);
  assert.equal(await stream.next(), null);
  assert.equal(stream.ended, true);
});

test('overlapping reads are answered in the order in which they were made', async () => {
  const { stream } = streamOf([deliveryOf([0, 1], [1, 1], [2, 1]), deliveryOf([3, 1]), deliveryOf([4, 1])]);
  const order: number[] = [];
  const reads = Array.from({ length: 7 }, async (_, index) => {
    const message = await stream.next();
    order.push(index);
    return firstId(message);
  });
  assert.deepEqual(await Promise.all(reads), [0n, 1n, 2n, 3n, 4n, null, null]);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
});

test('a read never takes what an earlier one waits for', async () => {
  const { stream } = streamOf([deliveryOf([0, 1], [1, 1]), deliveryOf([2, 1])]);
  const first = await stream.next();
  // The second is ready in JavaScript, the third must be fetched, the fourth finds the stream at its end.
  const rest = await Promise.all([stream.next(), stream.next(), stream.next()]);
  assert.deepEqual([first, ...rest].map(firstId), [0n, 1n, 2n, null]);
});

test('no delivery is fetched before the one at hand has been taken', async () => {
  const { stream, reader } = streamOf([deliveryOf([0, 1], [1, 1]), deliveryOf([2, 1])]);
  await stream.next();
  await setImmediate();
  assert.equal(reader.calls.next, 1);
  await stream.next();
  await setImmediate();
  assert.equal(reader.calls.next, 1);
  await stream.next();
  assert.equal(reader.calls.next, 2);
});

test('the schema is asked for once, whoever asks', async () => {
  const { stream, reader } = streamOf([deliveryOf([0, 1])]);
  const [a, b] = await Promise.all([stream.schema(), stream.schema(), stream.next()]);
  assert.equal(a, b);
  assert.equal(await stream.schema(), a);
  assert.equal(reader.calls.schema, 1);
});

test('the schema comes with the first read where nobody asked before, and nobody asks again', async () => {
  const { stream, reader } = streamOf([deliveryOf([0, 1]), deliveryOf([1, 1])]);
  const [message, schema] = await Promise.all([stream.next(), turn().then(() => stream.schema())]);
  assert.equal(firstId(message), 0n);
  assert.equal(await stream.schema(), schema);
  await stream.next();
  assert.deepEqual([reader.calls.schema, reader.calls.withSchema, reader.calls.next], [0, 1, 2]);
});

test('an error of the first read is that of the schema too', async () => {
  const { stream } = streamOf([errorText('CONNECTION_LOST', 'gone')]);
  const outcomes = await Promise.allSettled([stream.next(), turn().then(() => stream.schema())]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code),
    ['CONNECTION_LOST', 'CONNECTION_LOST'],
  );
  await assert.rejects(stream.schema(), { code: 'CONNECTION_LOST' });
});

test('a delivery that is the last leaves nothing to ask for', async () => {
  const { stream, reader } = streamOf([lastOf([0, 1], [1, 1])]);
  let over = 0;
  stream.whenOver(() => over++);
  assert.deepEqual([firstId(await stream.next()), firstId(await stream.next()), await stream.next()], [0n, 1n, null]);
  assert.deepEqual([reader.calls.next, over, stream.ended], [1, 1, true]);
  stream.whenOver(() => over++);
  assert.equal(over, 2);
});

test('what came with the last delivery is not read after a cancellation either', async () => {
  const { stream } = streamOf([lastOf([0, 1], [1, 1])]);
  await stream.next();
  assert.equal(stream.ended, false);
  let over = 0;
  stream.whenOver(() => over++);
  assert.equal(over, 1, 'the call is over, whoever still reads');
  stream.cancel();
  await assert.rejects(stream.next(), { code: 'CANCELLED' });
  await assert.rejects(stream.next(), { code: 'CANCELLED' });
});

test('what came with the last delivery is not read after an abort either', async () => {
  const controller = new AbortController();
  const { stream } = streamOf([lastOf([0, 1], [1, 1])], { signal: controller.signal });
  await stream.next();
  controller.abort(new Error('enough'));
  await assert.rejects(stream.next(), /enough/);
});

test('a stream that failed fails every later read in the same way, and is cancelled', async () => {
  const { stream, reader } = streamOf([deliveryOf([0, 1]), errorText('CONNECTION_LOST', 'gone'), deliveryOf([1, 1])]);
  await stream.next();
  const first = await stream.next().catch((error: unknown) => error);
  const second = await stream.next().catch((error: unknown) => error);
  assert.equal((first as { code: string }).code, 'CONNECTION_LOST');
  assert.equal(second, first);
  assert.equal(reader.calls.cancel, 1);
  assert.equal(reader.calls.next, 2);
});

test('reads that queue behind one that fails, fail', async () => {
  const { stream } = streamOf([errorText('UNAVAILABLE')]);
  const outcomes = await Promise.allSettled([stream.next(), stream.next()]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code),
    ['UNAVAILABLE', 'UNAVAILABLE'],
  );
});

test('cancel ends a read that waits, and every later one, with code CANCELLED', async () => {
  const { stream, reader } = streamOf([deliveryOf([0, 1]), 'wait']);
  await stream.next();
  const waiting = stream.next();
  await setImmediate();
  stream.cancel();
  await assert.rejects(waiting, { name: 'FlightSQLError', code: 'CANCELLED' });
  await assert.rejects(stream.next(), { code: 'CANCELLED' });
  assert.ok(reader.calls.cancel >= 1);
});

test('cancel ends a read with code CANCELLED also where the reader closed before it was asked', async () => {
  const { stream } = streamOf(['wait, closed']);
  const waiting = stream.next();
  await setImmediate();
  stream.cancel();
  await assert.rejects(waiting, { name: 'FlightSQLError', code: 'CANCELLED' });
});

test('after cancel nothing is given out that had arrived before', async () => {
  const { stream } = streamOf([deliveryOf([0, 1], [1, 1])]);
  await stream.next();
  stream.cancel();
  await assert.rejects(stream.next(), { code: 'CANCELLED' });
});

test('cancel after the end changes nothing', async () => {
  const { stream, reader } = streamOf([deliveryOf([0, 1])]);
  while ((await stream.next()) !== null);
  stream.cancel();
  assert.equal(await stream.next(), null);
  assert.equal(reader.calls.cancel, 0);
});

test('cancel before the first read sends the schema back as cancelled too', async () => {
  const { stream, reader } = streamOf([deliveryOf([0, 1])]);
  stream.cancel();
  await assert.rejects(stream.schema(), { code: 'CANCELLED' });
  assert.equal(reader.calls.schema, 0);
});

test('an abort ends a read that waits with the reason of the signal', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const { stream } = streamOf(['wait'], { signal: controller.signal });
  const waiting = stream.next();
  await setImmediate();
  controller.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
  await assert.rejects(stream.next(), (error) => error === reason);
});

test('an abort also holds back what had arrived', async () => {
  const controller = new AbortController();
  const { stream } = streamOf([deliveryOf([0, 1], [1, 1])], { signal: controller.signal });
  await stream.next();
  controller.abort();
  await assert.rejects(stream.next(), { name: 'AbortError' });
});

test('an abort after the end changes nothing', async () => {
  const controller = new AbortController();
  const { stream, addon } = streamOf([deliveryOf([0, 1])], { signal: controller.signal });
  while ((await stream.next()) !== null);
  controller.abort();
  assert.equal(await stream.next(), null);
  assert.equal(addon.cancelled, 0);
});

test('a signal that is aborted already sends nothing, and the first read rejects with its reason', async () => {
  const reason = new Error('too late');
  const { stream, calls } = streamOf([deliveryOf([0, 1])], { signal: AbortSignal.abort(reason) });
  assert.equal(calls.length, 0);
  await assert.rejects(stream.next(), (error) => error === reason);
  await assert.rejects(stream.schema(), (error) => error === reason);
  await assert.rejects(stream.toIpc(), (error) => error === reason);
});

test('where much memory is handed out the event loop turns before rows are given out, and reading goes on', async () => {
  const [words, allocations, appMetadata] = deliveryOf([0, 1]);
  let turns = 0;
  let counting = true;
  (async () => {
    for (; counting; turns++) await setImmediate();
  })();
  const turnsFor = async (handedOut: number): Promise<number> => {
    const { stream } = streamOf([[words, allocations, appMetadata, handedOut, null, false]]);
    await stream.schema();
    const before = turns;
    assert.notEqual(await stream.next(), null);
    return turns - before;
  };
  const few = await turnsFor(1_000_000);
  const many = await turnsFor(300 * 2 ** 20);
  counting = false;
  assert.ok(many >= few + 2, `${few} turns with little handed out, ${many} with much`);
});

test('the bytes of an IPC stream come without decoding', async () => {
  const { stream, reader } = streamOf([deliveryOf([0, 1])]);
  const bytes = await stream.toIpc();
  assert.ok(bytes instanceof Uint8Array);
  assert.equal(bytes.byteLength, 3);
  assert.deepEqual(reader.calls, { schema: 0, withSchema: 0, next: 0, collected: 0, taken: 0, toIpc: 1, cancel: 0 });
});

test('a delivery that cannot be decoded fails the stream', async () => {
  const { stream } = streamOf([[Float64Array.of(9), [], [], 0, null, false]]);
  await assert.rejects(stream.next(), { code: 'BOUNDARY_MISMATCH' });
  await assert.rejects(stream.next(), { code: 'BOUNDARY_MISMATCH' });
});

test('a result that came whole with its reader is read without asking the reader', async () => {
  const { stream, reader } = wholeOf([0, 1], [1, 1]);
  assert.equal((await stream.schema()).fields.length, 2);
  assert.deepEqual([firstId(await stream.next()), firstId(await stream.next()), await stream.next()], [0n, 1n, null]);
  assert.deepEqual(reader.calls, { schema: 0, withSchema: 0, next: 0, collected: 0, taken: 1, toIpc: 0, cancel: 0 });
});

test('a result that came whole and is wanted as IPC bytes is asked of the reader, which has it too', async () => {
  const { stream, reader } = wholeOf([0, 1]);
  assert.equal((await stream.toIpc()).byteLength, 3);
  assert.deepEqual([reader.calls.taken, reader.calls.toIpc, reader.calls.next], [0, 1, 0]);
  assert.equal(await stream.next(), null);
});

test('a result that came whole is not read after a cancellation', async () => {
  const { stream, reader } = wholeOf([0, 1]);
  stream.cancel();
  await assert.rejects(stream.next(), { code: 'CANCELLED' });
  await assert.rejects(stream.schema(), { code: 'CANCELLED' });
  assert.deepEqual([reader.calls.taken, reader.calls.cancel], [0, 1]);
});
