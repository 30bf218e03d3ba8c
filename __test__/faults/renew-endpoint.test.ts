// RenewFlightEndpoint: what is sent, and what may come back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { serializeEndpoint } from 'flightsql';
import { clientOf } from './expect/client.js';
import { refusal, results, ScriptedServer } from './server/scripted-server.js';
import { bytesField } from './wire/flight-data.js';
import { infoOf, timestamp } from './wire/flight-sql.js';
import { bytesAt } from './wire/requests.js';

const server = await ScriptedServer.start();
const client = clientOf(server);
server.on('GetFlightInfo', () => [infoOf('old')]);

const UNTIL = new Date('2031-05-06T07:08:09Z');
const ticket = (name: string) => bytesField(1, bytesField(1, Buffer.from(name)));

async function endpointToRenew() {
  const [endpoint] = (await client.execute('SELECT 1')).endpoints;
  return endpoint ?? assert.fail('no endpoint');
}

test('the endpoint is sent as it was received, and comes back with its time, or another ticket', async () => {
  server.on('RenewFlightEndpoint', () => results(Buffer.concat([ticket('new'), bytesField(3, timestamp(UNTIL))])));
  const endpoint = await endpointToRenew();
  const renewed = await client.renewEndpoint(endpoint);
  assert.deepEqual(bytesAt(server.lastOf('RenewFlightEndpoint'), 1), serializeEndpoint(endpoint));
  assert.deepEqual([Buffer.from(renewed.ticket ?? '').toString(), renewed.expirationTime], ['new', UNTIL]);
  assert.equal((await client.doGet(renewed).readAll()).numRows, 4);
  assert.deepEqual(Buffer.from(bytesAt(server.lastOf('DoGet'), 1)).toString(), 'new');
  // It can be renewed again, as what it has become.
  await client.renewEndpoint(renewed);
  assert.deepEqual(bytesAt(server.lastOf('RenewFlightEndpoint'), 1), serializeEndpoint(renewed));
});

test('a server that has forgotten the result says so', async () => {
  server.on('RenewFlightEndpoint', () => {
    throw refusal(status.NOT_FOUND, 'the result is not kept any more');
  });
  await assert.rejects(client.renewEndpoint(await endpointToRenew()), { code: 'NOT_FOUND', message: 'the result is not kept any more' });
});

for (const [what, bodies] of [
  ['nothing', []],
  ['what is no endpoint', [Buffer.of(0x0a, 0x7f)]],
] as const) {
  test(`an answer of ${what} is an error`, async () => {
    server.on('RenewFlightEndpoint', () => results(...bodies));
    await assert.rejects(client.renewEndpoint(await endpointToRenew()), { code: 'PROTOCOL_ERROR' });
  });
}
