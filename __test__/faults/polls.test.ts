// Polling as servers do it that have something to tell on the way.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { clientOf } from './expect/client.js';
import { refusal, ScriptedServer } from './server/scripted-server.js';
import { bytesField, varintField } from './wire/flight-data.js';
import { doubleField, infoOf, textAt, timestamp } from './wire/flight-sql.js';
import { fieldsOf, statementOf } from './wire/requests.js';

const server = await ScriptedServer.start();
const client = clientOf(server);

const EXPIRES = new Date('2030-01-02T03:04:05Z');
const info = (ticket: string) => bytesField(1, infoOf(ticket));
/** Where the next poll is to go: a command of the server's own, rather than the query again. */
const next = (command: string) => bytesField(2, Buffer.concat([varintField(1, 2), bytesField(2, Buffer.from(command))]));
const poll = (...fields: readonly Uint8Array[]) => [Buffer.concat(fields)];

test('each poll asks by what the one before was answered with, until the query has ended', async () => {
  const answers = [
    poll(next('one')),
    poll(info('good'), next('two'), doubleField(3, 0.25), bytesField(4, timestamp(EXPIRES))),
    poll(info('good'), next('three'), doubleField(3, 1)),
    poll(info('good')),
  ];
  let asked = 0;
  server.on('PollFlightInfo', () => {
    asked += 1;
    return answers[asked - 1] ?? assert.fail('polled after the end');
  });
  const first = await client.pollExecute('SELECT 1');
  assert.deepEqual([first.complete, first.info, first.progress, first.expirationTime], [false, null, null, null]);
  const second = await first.next();
  assert.deepEqual([second.complete, second.progress, second.expirationTime], [false, 0.25, EXPIRES]);
  assert(second.info !== null);
  assert.equal((await client.read(second.info).table()).numRows, 4, 'what is there is read before the end');
  const third = await second.next();
  assert.deepEqual([third.complete, third.progress], [false, 1]);
  const last = await third.next();
  assert.deepEqual([last.complete, last.progress], [true, null]);
  assert.equal(await last.next(), last);
  assert.equal(await last.wait(), last);

  const [query, ...commands] = server.messagesOf('PollFlightInfo').map(([descriptor = Buffer.alloc(0)]) => descriptor);
  assert.equal(statementOf(query ?? assert.fail()), 'SELECT 1');
  assert.deepEqual(
    commands.map((descriptor) => textAt(descriptor, 2)),
    ['one', 'two', 'three'],
  );
});

test('wait() polls to the end', async () => {
  let left = 100;
  server.on('PollFlightInfo', () => {
    left -= 1;
    return left === 0 ? poll(info('good')) : poll(next(String(left)), doubleField(3, 1 - left / 100));
  });
  const ended = await (await client.pollExecute('SELECT 1')).wait();
  assert.deepEqual([left, ended.complete, ended.info?.endpoints.length], [0, true, 1]);
});

test('a query that fails on the way is the error of the poll that learns it', async () => {
  server.on('PollFlightInfo', (descriptor) => {
    if (textAt(descriptor ?? Buffer.alloc(0), 2) !== 'again') return poll(next('again'));
    throw refusal(status.RESOURCE_EXHAUSTED, 'out of memory');
  });
  const begun = await client.pollExecute('SELECT 1');
  await assert.rejects(begun.next(), { code: 'RESOURCE_EXHAUSTED', message: 'out of memory' });
  await assert.rejects(begun.wait(), { code: 'RESOURCE_EXHAUSTED' });
});

test('a poll that is not answered ends with its timeout, and wait() with its signal', async () => {
  let polls = 0;
  server.on('PollFlightInfo', () => {
    polls += 1;
    return polls === 1 ? poll(next('again')) : 'never';
  });
  const begun = await client.pollExecute('SELECT 1');
  await assert.rejects(begun.next({ timeout: 200 }), { code: 'DEADLINE_EXCEEDED' });
  const reason = new Error('enough');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 50);
  await assert.rejects(begun.wait({ signal: controller.signal }), reason);
});

for (const [what, answer] of [
  ['a FlightInfo that is damaged', bytesField(1, Buffer.of(0x1a, 0x7f))],
  ['what is no message', Buffer.of(0xff)],
] as const) {
  test(`a poll that is answered with ${what} is an error`, async () => {
    server.on('PollFlightInfo', () => [answer]);
    await assert.rejects(client.pollExecute('SELECT 1'), (error: { readonly name?: string; readonly code?: string }) => {
      assert.equal(error.name, 'FlightSQLError');
      assert(['PROTOCOL_ERROR', 'INTERNAL'].includes(error.code ?? ''), error.code);
      return true;
    });
  });
}

test("pollFlightInfo: by a command of the server's own, and by a path", async () => {
  server.on('PollFlightInfo', () => poll(info('good')));
  const byCommand = await client.pollFlightInfo({ command: Buffer.from('refresh') });
  assert.equal(textAt(server.lastOf('PollFlightInfo'), 2), 'refresh');
  assert.equal((await client.read(byCommand.info ?? assert.fail('no info')).table()).numRows, 4);
  await client.pollFlightInfo({ path: ['home', 'first'] });
  const byPath = server.lastOf('PollFlightInfo');
  assert.deepEqual([fieldsOf(byPath), textAt(byPath, 3)], [[1, 3, 3], 'home']);
});

test('a Substrait plan is polled for as one', async () => {
  server.on('PollFlightInfo', () => poll(info('good')));
  await client.pollExecute({ plan: Buffer.from('plan') });
  const descriptor = server.lastOf('PollFlightInfo');
  assert.match(textAt(descriptor, 2, 1), /CommandStatementSubstraitPlan$/);
  assert.equal(textAt(descriptor, 2, 2, 1, 1), 'plan');
  assert.deepEqual(fieldsOf(descriptor), [1, 2]);
});
