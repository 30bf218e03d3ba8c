import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatHeaders, headers } from '../../src-ts/options/headers.js';

const read = (value: unknown) => flatHeaders(headers(value, 'headers'));

test('names become lower case, and the last of two that differ in case only wins', () => {
  assert.deepEqual(read({ Database: 'a', 'X-App': 'b', DATABASE: 'c' }), ['database', 'c', 'x-app', 'b']);
});

test('headers may be pairs, a Map or a Headers', () => {
  const expected = ['a', '1', 'b', '2'];
  assert.deepEqual(
    read([
      ['a', '1'],
      ['b', '2'],
    ]),
    expected,
  );
  assert.deepEqual(
    read(
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    ),
    expected,
  );
  assert.deepEqual(read(new Headers({ a: '1', b: '2' })), expected);
});

test('a header that is undefined is left out, an empty one is sent', () => {
  assert.deepEqual(read({ a: undefined, b: '' }), ['b', '']);
});

test('a binary header carries base64, from bytes or as it is given', () => {
  assert.deepEqual(read({ 'x-bin': Uint8Array.of(1, 2, 255) }), ['x-bin', 'AQL/']);
  assert.deepEqual(read({ 'x-bin': Uint8Array.of(9, 1, 2, 255).subarray(1) }), ['x-bin', 'AQL/']);
  assert.deepEqual(read({ 'x-bin': 'AQL/' }), ['x-bin', 'AQL/']);
});

const refused: readonly [what: string, value: unknown, says: RegExp][] = [
  ['text', 'a: b', /headers must be an object of header names and values, not 'a: b'/],
  ['nothing', null, /not null/],
  ['a list that holds no pairs', ['a', 'b'], /pairs of a header name and its value/],
  ['a name with a space', { 'a b': 'c' }, /the header name 'a b'/],
  ['a pseudo header', { ':authority': 'c' }, /the header name ':authority'/],
  ["a header of gRPC's own", { 'grpc-encoding': 'gzip' }, /names that begin with grpc- belong to gRPC/],
  ['a header that HTTP/2 sets', { 'Content-Type': 'x' }, /'Content-Type', which cannot be set/],
  ['what HTTP/1 says of a connection', { 'Keep-Alive': 'timeout=5' }, /'Keep-Alive', which cannot be set: HTTP\/2 has none/],
  ['a wish for another protocol', { upgrade: 'h2c' }, /'upgrade', which cannot be set: HTTP\/2 has none/],
  ["a proxy's connection", { 'proxy-connection': 'close' }, /'proxy-connection', which cannot be set: HTTP\/2 has none/],
  ['a number', { a: 1 }, /headers\['a'\] must be a string, not a number/],
  ['text that is not ASCII', { a: 'ä' }, /headers\['a'\] holds a character that is not printable ASCII/],
  ['a line end', { a: 'b\r\nc: d' }, /not printable ASCII/],
  ['bytes under a name for text', { a: Uint8Array.of(1) }, /headers\['a'\] must be a string, not an instance of Uint8Array/],
  ['binary text that is no base64', { 'a-bin': '***' }, /headers\['a-bin'\] must be a Uint8Array or base64 text/],
];

for (const [what, value, says] of refused) {
  test(`headers with ${what} are refused`, () => {
    assert.throws(() => read(value), { code: 'INVALID_OPTION', message: says });
  });
}

test('who sets grpc-timeout is told of the option timeout', () => {
  assert.throws(() => read({ 'grpc-timeout': '1S' }), { hint: /call option timeout/ });
});
