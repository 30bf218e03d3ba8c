import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { runCall } from '../../src-ts/native/call.js';
import { resolveCallOptions } from '../../src-ts/options/call-options.js';
import { callOf, errorText, FakeAddon } from './fake-native.js';

test('a call carries its timeout, its headers and, where it has a signal, a cancellation', async () => {
  const options = resolveCallOptions({ timeout: 500, headers: { a: 'b' }, signal: new AbortController().signal });
  const value = await runCall(new FakeAddon(), options, async (call) => {
    assert.ok(call.timeout > 400 && call.timeout <= 500);
    assert.deepEqual(call.headers, ['a', 'b']);
    assert.equal(typeof call.cancellation?.cancel, 'function');
    return [null, 42];
  });
  assert.equal(value, 42);
});

test('a call without a signal carries a cancellation only where it is asked for one', () => {
  const addon = new FakeAddon();
  const call = callOf(addon);
  assert.equal(call.native.cancellation, null);
  const { cancellation } = call.cancellable;
  assert.equal(typeof cancellation?.cancel, 'function');
  assert.equal(call.native.cancellation, cancellation);
  call.cancel(() => new Error('enough'));
  assert.equal(addon.cancelled, 1);
});

test('a second native call of one call has what is left of its time', async () => {
  const call = callOf(new FakeAddon(), { timeout: 10_000 });
  const first = call.native.timeout;
  await setTimeout(20);
  const second = call.native.timeout;
  assert.ok(second > 0 && second <= first - 15, `${first} then ${second}`);
});

test('time that has run out is not taken for no limit', async () => {
  const call = callOf(new FakeAddon(), { timeout: 1 });
  await setTimeout(10);
  assert.equal(call.native.timeout, 1);
  assert.equal(callOf(new FakeAddon()).native.timeout, 0);
});

test('an error has the line of the caller in its stack', async () => {
  async function theCaller(): Promise<void> {
    await runCall(new FakeAddon(), resolveCallOptions(undefined), async () => [errorText('NOT_FOUND', 'no table'), undefined]);
  }
  await assert.rejects(theCaller(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'NOT_FOUND');
    assert.match(error.stack ?? '', /theCaller/);
    return true;
  });
});

test('a signal that is aborted already rejects with its reason, and nothing is sent', async () => {
  const reason = new Error('not today');
  let sent = false;
  const call = runCall(new FakeAddon(), resolveCallOptions({ signal: AbortSignal.abort(reason) }), async () => {
    sent = true;
    return [null, null];
  });
  await assert.rejects(call, (error) => error === reason);
  assert.equal(sent, false);
});

test('an abort cancels the native call and rejects with the reason of the signal', async () => {
  const addon = new FakeAddon();
  const controller = new AbortController();
  const reason = new Error('changed my mind');
  const call = runCall(addon, resolveCallOptions({ signal: controller.signal }), async () => {
    controller.abort(reason);
    return [errorText('CANCELLED_BY_CALLER'), undefined];
  });
  await assert.rejects(call, (error) => error === reason);
  assert.equal(addon.cancelled, 1);
});

test('a call that was answered before the abort reached it keeps its answer, or its own error', async () => {
  const answered = new AbortController();
  const value = runCall(new FakeAddon(), resolveCallOptions({ signal: answered.signal }), async () => {
    answered.abort();
    return [null, 'answer'];
  });
  assert.equal(await value, 'answer');
  const failed = new AbortController();
  const error = runCall(new FakeAddon(), resolveCallOptions({ signal: failed.signal }), async () => {
    failed.abort();
    return [errorText('UNAVAILABLE'), undefined];
  });
  await assert.rejects(error, { code: 'UNAVAILABLE' });
});

test('many calls share one listener of a signal, and those that ended are cancelled no more', async () => {
  const controller = new AbortController();
  const ended = new FakeAddon();
  await runCall(ended, resolveCallOptions({ signal: controller.signal }), async () => [null, null]);
  const running = Array.from({ length: 50 }, () => {
    const addon = new FakeAddon();
    callOf(addon, { signal: controller.signal });
    return addon;
  });
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  controller.abort();
  assert.equal(ended.cancelled, 0);
  assert.deepEqual(
    running.map((addon) => addon.cancelled),
    running.map(() => 1),
  );
});
