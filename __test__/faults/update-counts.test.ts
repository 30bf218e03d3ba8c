// What servers answer an update with: the count of its rows, in all the ways in which it can be said or left out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { clientOf } from './expect/client.js';
import { refusal, results, ScriptedServer } from './server/scripted-server.js';
import { varintField } from './wire/flight-data.js';
import { prepared, putResult } from './wire/flight-sql.js';

const server = await ScriptedServer.start();
const client = clientOf(server);
server.on('CreatePreparedStatement', () => results(prepared('handle')));
server.on('ClosePreparedStatement', () => []);

const counted = (count: number | bigint) => [putResult(varintField(1, count))];

const COUNTS: readonly (readonly [what: string, answers: readonly Uint8Array[], count: bigint | null])[] = [
  ['a count', counted(7), 7n],
  ['0', counted(0), 0n],
  ['the largest count that there is', counted(2n ** 63n - 1n), 2n ** 63n - 1n],
  ['a count that a double does not hold', counted(2n ** 53n + 1n), 2n ** 53n + 1n],
  ['-1, which is an unknown count', counted(-1), null],
  ['2^64 - 1, which is -1 without its sign', counted(2n ** 64n - 1n), null],
  ['the least count that there is', counted(-(2n ** 63n)), null],
  ['a message without a count, which is 0', [putResult(new Uint8Array(0))], 0n],
  ['an answer without a message, which is 0 as well', [putResult()], 0n],
  ['a count and another answer behind it', [...counted(3), ...counted(4)], 3n],
  ['a count and a field of a later version', [putResult(Buffer.concat([varintField(1, 5), varintField(99, 1)]))], 5n],
];

for (const [what, answers, count] of COUNTS) {
  test(`an update, a run of a prepared one, and an ingest are answered with ${what}`, async () => {
    server.on('DoPut', () => answers);
    assert.equal(await client.executeUpdate('UPDATE t SET a = 1'), count);
    assert.equal(await client.executeUpdate('UPDATE t SET a = ?', [1]), count);
    assert.equal(await client.executeIngest('t', [{ a: 1 }]), count);
  });
}

test('an update that is answered with nothing has an unknown count, and rows that are answered with nothing may never have been read', async () => {
  server.on('DoPut', () => []);
  assert.equal(await client.executeUpdate('UPDATE t SET a = 1'), null);
  const untold = { code: 'PROTOCOL_ERROR', message: /without saying what became of the rows/ };
  await assert.rejects(client.executeUpdate('UPDATE t SET a = ?', [1]), untold);
  await assert.rejects(client.executeIngest('t', [{ a: 1 }]), untold);
});

test('what is no count is an error that says so', async () => {
  server.on('DoPut', () => [putResult(Buffer.of(0xff))]);
  const refused = { code: 'PROTOCOL_ERROR', message: /the server's answer to an update is no DoPutUpdateResult/ };
  await assert.rejects(client.executeUpdate('UPDATE t SET a = 1'), refused);
  await assert.rejects(client.executeUpdate('UPDATE t SET a = ?', [1]), refused);
});

test('an update that the server refuses has no count', async () => {
  server.on('DoPut', () => {
    throw refusal(status.FAILED_PRECONDITION, 'the table is locked');
  });
  const refused = { code: 'FAILED_PRECONDITION', message: /^the table is locked/ };
  await assert.rejects(client.executeUpdate('UPDATE t SET a = 1'), refused);
  await assert.rejects(client.executeUpdate('UPDATE t SET a = ?', [1]), refused);
  await assert.rejects(client.executeIngest('t', [{ a: 1 }]), refused);
});

test('an update that is never answered ends with its timeout, and with its signal', async () => {
  server.on('DoPut', () => 'never');
  const late = { code: 'DEADLINE_EXCEEDED' };
  await assert.rejects(client.executeUpdate('UPDATE t SET a = 1', null, { timeout: 200 }), late);
  await assert.rejects(client.executeUpdate('UPDATE t SET a = ?', [1], { timeout: 200 }), late);
  const reason = new Error('enough');
  const signal = new AbortController();
  setTimeout(() => signal.abort(reason), 50);
  await assert.rejects(client.executeUpdate('UPDATE t SET a = 1', null, { signal: signal.signal }), reason);
});
