// Cancelling a query by servers that know both actions for it, the older one, or none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { CancelStatus } from 'flightsql';
import { clientOf } from './expect/client.js';
import { refusal, results, ScriptedServer } from './server/scripted-server.js';
import { bytesField, varintField } from './wire/flight-data.js';
import { answerOf, commandOf, infoOf } from './wire/flight-sql.js';
import { bytesAt } from './wire/requests.js';

const INFO = infoOf('long');
const STATUSES: readonly CancelStatus[] = ['UNSPECIFIED', 'CANCELLED', 'CANCELLING', 'NOT_CANCELLABLE'];

/** A server that answers queries, and is to be told the rest. */
async function started(): Promise<{ server: ScriptedServer; cancel: () => Promise<CancelStatus>; asked: () => string[] }> {
  const server = (await ScriptedServer.start()).on('GetFlightInfo', () => [INFO]);
  const client = clientOf(server);
  const cancel = async () => client.cancel(await client.execute('long'));
  return { server, cancel, asked: () => server.calls.map(({ name }) => name).filter((name) => name.startsWith('Cancel')) };
}

const refuse = (code: status, message: string) => () => {
  throw refusal(code, message);
};

test('CancelFlightInfo is given the FlightInfo, and its answer is told', async () => {
  const { server, cancel, asked } = await started();
  for (const [number, expected] of STATUSES.entries()) {
    server.on('CancelFlightInfo', () => results(varintField(1, number)));
    assert.equal(await cancel(), expected);
  }
  assert.deepEqual(bytesAt(server.lastOf('CancelFlightInfo'), 1), new Uint8Array(INFO));
  assert(asked().every((name) => name === 'CancelFlightInfo'));
});

test('a status of a later version is UNSPECIFIED', async () => {
  const { server, cancel } = await started();
  server.on('CancelFlightInfo', () => results(varintField(1, 9)));
  assert.equal(await cancel(), 'UNSPECIFIED');
});

// Servers answer so to an action that they do not know.
for (const code of ['UNIMPLEMENTED', 'INVALID_ARGUMENT', 'NOT_FOUND'] as const) {
  test(`a server that knows only CancelQuery, and answers ${code} to the other, is asked by it`, async () => {
    const { server, cancel, asked } = await started();
    server.on('CancelFlightInfo', refuse(status[code], 'no such action'));
    for (const [number, expected] of STATUSES.entries()) {
      server.on('CancelQuery', () => results(answerOf('ActionCancelQueryResult', varintField(1, number))));
      assert.equal(await cancel(), expected);
    }
    const { name, fields } = commandOf(server.lastOf('CancelQuery'));
    assert.equal(name, 'ActionCancelQueryRequest');
    assert.deepEqual(bytesAt(fields, 1), new Uint8Array(INFO));
    assert.deepEqual(asked().slice(0, 2), ['CancelFlightInfo', 'CancelQuery']);
  });
}

test('a server that knows neither is an error with code UNIMPLEMENTED', async () => {
  const { cancel } = await started();
  await assert.rejects(cancel(), { code: 'UNIMPLEMENTED', message: /CancelFlightInfo is not scripted/ });
});

test('what refuses the query rather than the action is not asked twice', async () => {
  const { server, cancel, asked } = await started();
  server.on('CancelFlightInfo', refuse(status.PERMISSION_DENIED, 'it is not yours'));
  await assert.rejects(cancel(), { code: 'PERMISSION_DENIED', message: 'it is not yours' });
  assert.deepEqual(asked(), ['CancelFlightInfo']);
});

test('where both refuse, the error is that of the action that the server knows', async () => {
  const { server, cancel } = await started();
  server.on('CancelQuery', refuse(status.NOT_FOUND, 'there is no such query'));
  await assert.rejects(cancel(), { code: 'NOT_FOUND', message: 'there is no such query' });
  server.on('CancelFlightInfo', refuse(status.NOT_FOUND, 'nothing runs by that ticket'));
  await assert.rejects(cancel(), { code: 'NOT_FOUND', message: 'nothing runs by that ticket' });
});

for (const [what, bodies] of [
  ['nothing', []],
  ['what is no result', [Buffer.of(0xff)]],
] as const) {
  test(`CancelFlightInfo that is answered with ${what} is an error that says so`, async () => {
    const { server, cancel } = await started();
    server.on('CancelFlightInfo', () => results(...bodies));
    await assert.rejects(cancel(), { code: 'PROTOCOL_ERROR', message: /CancelFlightInfo/ });
  });
}

test('an answer without a field is UNSPECIFIED', async () => {
  const { server, cancel } = await started();
  server.on('CancelFlightInfo', () => [bytesField(1, new Uint8Array(0))]);
  assert.equal(await cancel(), 'UNSPECIFIED');
});
