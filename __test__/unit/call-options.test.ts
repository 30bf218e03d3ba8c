import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallOptions, resolveCallOptions } from '../../src-ts/options/call-options.js';
import { refuseParameters } from '../../src-ts/options/parameters.js';

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

test('no parameters, in every form, are no parameters', () => {
  for (const params of [undefined, null, [], {}]) refuseParameters(params, false);
});

test('parameters are refused, never dropped', () => {
  for (const params of [[1], [null], [undefined], { a: 0 }]) {
    assert.throws(() => refuseParameters(params, false), { code: 'UNIMPLEMENTED', message: /1 parameters/, hint: /prepared statements/ });
  }
});

test('call options in the place of parameters are told where they belong', () => {
  assert.throws(() => refuseParameters({ timeout: 5, signal: null }, false), {
    code: 'INVALID_OPTION',
    message: /holds timeout, signal: call options are the third/,
    hint: /query\(sql, undefined, \{ … \}\)/,
  });
});

test('a parameter with the name of a call option is a parameter if options are given too', () => {
  assert.throws(() => refuseParameters({ timeout: 5 }, true), { code: 'UNIMPLEMENTED' });
});

test('parameters that are neither array nor object are refused', () => {
  for (const params of ['x', 1, true, Uint8Array.of(1)]) {
    assert.throws(() => refuseParameters(params, false), { code: 'INVALID_OPTION', message: /an array, or an object by name/ });
  }
});
