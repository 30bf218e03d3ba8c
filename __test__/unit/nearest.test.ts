import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, suggestion } from '../../src-ts/options/nearest.js';

const KNOWN = ['host', 'port', 'token', 'transport', 'disableServerVerification', 'maxMessageBytes'];

const cases: readonly [name: string, meant: string | null][] = [
  ['tranport', 'transport'],
  ['tokn', 'token'],
  ['tokne', 'token'],
  ['Token', 'token'],
  ['prot', 'port'],
  ['disable_server_verification', 'disableServerVerification'],
  ['max-message-bytes', 'maxMessageBytes'],
  ['maxMessageSize', 'maxMessageBytes'],
  ['colour', null],
  ['x', null],
];

for (const [name, meant] of cases) {
  test(`'${name}' ${meant === null ? 'is near nothing' : `is taken for '${meant}'`}`, () => {
    assert.equal(nearest(name, KNOWN), meant);
  });
}

test('where nothing is near, everything that is known is listed', () => {
  assert.equal(suggestion('colour', ['host', 'port']), 'known are host, port');
  assert.equal(suggestion('hots', ['host', 'port']), "did you mean 'host'?");
});
