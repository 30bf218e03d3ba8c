import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CallOptions,
  resolveCallOptions,
  resolveDoGetOptions,
  resolveQueryOptions,
  resolveStatementOptions,
  resolveUploadOptions,
} from '../../src-ts/options/call-options.js';

const wrong = (options: unknown) => options as CallOptions;

test('without options a call has no limit, no headers and no signal', () => {
  const none = { timeout: 0, headers: [], signal: null, reading: null, maxMessageBytes: null, compression: null };
  for (const options of [undefined, {}, { timeout: undefined }]) assert.deepEqual(resolveCallOptions(options), none);
  assert.deepEqual(resolveUploadOptions(undefined), none);
});

test('every option is taken', () => {
  const { signal } = new AbortController();
  const options = { timeout: 1.2, headers: { A: 'b' }, signal, maxMessageBytes: 1 };
  const resolved = { timeout: 2, headers: ['a', 'b'], signal, reading: null, maxMessageBytes: 1 };
  assert.deepEqual(resolveCallOptions(options), { ...resolved, compression: null });
  assert.deepEqual(resolveUploadOptions({ ...options, compression: 'zstd' }), { ...resolved, compression: 'zstd' });
});

test('a query says how its result is read, and what it does not say is left to the client', () => {
  const reading = { concurrency: 2, ordered: false, schemaCheck: 'off', renew: false } as const;
  assert.deepEqual(resolveQueryOptions({ timeout: 3, ...reading }).call.reading, reading);
  const others = { concurrency: null, schemaCheck: null, renew: null };
  assert.deepEqual(resolveQueryOptions({ ordered: false }).call.reading, { ...others, ordered: false });
  assert.equal(resolveQueryOptions({ timeout: 3 }).call.reading, null);
  assert.equal(resolveQueryOptions(undefined).call.reading, null);
  assert.equal(resolveDoGetOptions({ renew: false }).reading?.renew, false);
});

test('what only a query can be told is refused elsewhere', () => {
  for (const resolve of [resolveCallOptions, resolveStatementOptions, resolveDoGetOptions, resolveUploadOptions]) {
    assert.throws(() => resolve({ ordered: false }), { code: 'INVALID_OPTION', message: /unknown option 'ordered'/ });
  }
});

test('what only an upload can be told is refused elsewhere', () => {
  for (const resolve of [resolveCallOptions, resolveStatementOptions, resolveDoGetOptions, resolveQueryOptions]) {
    assert.throws(() => resolve({ compression: 'lz4' }), { code: 'INVALID_OPTION', message: /unknown option 'compression'/ });
  }
  const says = /compression must be one of 'lz4', 'zstd', not 'gzip'/;
  assert.throws(() => resolveUploadOptions({ compression: 'gzip' }), { code: 'INVALID_OPTION', message: says });
});

const refused: readonly [what: string, options: unknown, says: RegExp][] = [
  ['a mistyped option', { timout: 1 }, /unknown option 'timout': did you mean 'timeout'\?/],
  ['a negative timeout', { timeout: -1 }, /timeout must be a number of milliseconds, 0 for no limit, not -1/],
  ['an endless timeout', { timeout: Number.POSITIVE_INFINITY }, /not Infinity/],
  ['a message of no bytes', { maxMessageBytes: 0 }, /maxMessageBytes must be a whole number of bytes, 1 or more, not 0/],
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
