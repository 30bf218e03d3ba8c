import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallOptions, resolveCallOptions } from '../../src-ts/options/call-options.js';

const wrong = (options: unknown) => options as CallOptions;

test('without options a call has no limit, no headers and no signal', () => {
  assert.deepEqual(resolveCallOptions(undefined), { timeout: 0, headers: [], signal: null });
  assert.deepEqual(resolveCallOptions({ timeout: undefined }), { timeout: 0, headers: [], signal: null });
});

test('every option is taken', () => {
  const { signal } = new AbortController();
  assert.deepEqual(resolveCallOptions({ timeout: 1.2, headers: { A: 'b' }, signal }), { timeout: 2, headers: ['a', 'b'], signal });
});

const refused: readonly [what: string, options: unknown, says: RegExp][] = [
  ['a mistyped option', { timout: 1 }, /unknown option 'timout': did you mean 'timeout'\?/],
  ['a negative timeout', { timeout: -1 }, /timeout must be a number of milliseconds, 0 for no limit, not -1/],
  ['an endless timeout', { timeout: Number.POSITIVE_INFINITY }, /not Infinity/],
  ['a timeout as text', { timeout: '5s' }, /not '5s'/],
  ['a controller for its signal', { signal: new AbortController() }, /signal must be an AbortSignal, not an instance of AbortController/],
  ['null', null, /call options must be an object, not null/],
  ['a number', 5000, /call options must be an object, not 5000/],
];

for (const [what, options, says] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(() => resolveCallOptions(wrong(options)), { code: 'INVALID_OPTION', message: says });
  });
}
