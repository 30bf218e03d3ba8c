// The schema of a result before its rows: servers tell it by GetSchema, with the FlightInfo, or not at all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { clientOf } from './expect/client.js';
import { GOOD_SCHEMA } from './server/good-stream.js';
import { refusal, results, ScriptedServer } from './server/scripted-server.js';
import { bytesField, flightInfo } from './wire/flight-data.js';
import { encapsulated, infoOf, prepared } from './wire/flight-sql.js';

const SCHEMA = encapsulated(GOOD_SCHEMA.header);
const withSchema = () => [flightInfo([{ ticket: 'good' }], SCHEMA).subarray(5)];

async function started() {
  const server = await ScriptedServer.start();
  return { server, client: clientOf(server) };
}

test('by GetSchema, and the query is not asked for', async () => {
  const { server, client } = await started();
  server.on('GetSchema', () => [bytesField(1, SCHEMA)]);
  assert.deepEqual((await client.getExecuteSchema('SELECT 1')).names, ['number', 'word']);
  assert.deepEqual((await client.getCatalogs({ format: 'schema' })).names, ['number', 'word']);
  assert.deepEqual((await client.getSchema({ path: ['a'] })).names, ['number', 'word']);
  assert.equal(server.messagesOf('GetFlightInfo').length, 0);
});

test('with the FlightInfo where the server knows no GetSchema, and by the same command', async () => {
  const { server, client } = await started();
  server.on('GetFlightInfo', withSchema);
  assert.deepEqual((await client.getExecuteSchema('SELECT 1')).names, ['number', 'word']);
  assert.deepEqual(server.lastOf('GetFlightInfo'), server.lastOf('GetSchema'));
  assert.deepEqual((await client.getTableTypes({ format: 'schema' })).names, ['number', 'word']);
});

test('where neither tells it, the error says what would', async () => {
  const { server, client } = await started();
  server.on('GetFlightInfo', () => [infoOf('good')]);
  await assert.rejects(client.getExecuteSchema('SELECT 1'), {
    code: 'UNIMPLEMENTED',
    message: 'the server does not tell the schema of a result before its rows',
    hint: 'read the result, and ask it for its schema',
  });
});

test('a GetSchema that is refused for another reason is that error', async () => {
  const { server, client } = await started();
  server.on('GetFlightInfo', withSchema);
  server.on('GetSchema', () => {
    throw refusal(status.NOT_FOUND, 'no such table');
  });
  await assert.rejects(client.getExecuteSchema('SELECT 1'), { code: 'NOT_FOUND', message: 'no such table' });
  assert.equal(server.messagesOf('GetFlightInfo').length, 0);
});

test('a result whose FlightInfo has a schema, and no endpoint, is that schema without rows', async () => {
  const { server, client } = await started();
  server.on('GetFlightInfo', () => [flightInfo([], SCHEMA).subarray(5)]);
  const table = await (await client.query('SELECT 1')).table();
  assert.deepEqual([table.numRows, table.schema.names], [0, ['number', 'word']]);
});

test('of a prepared query: by GetSchema, with the FlightInfo, or as an error', async () => {
  const { server, client } = await started();
  server.on('CreatePreparedStatement', () => results(prepared('first')));
  server.on('ClosePreparedStatement', () => []);
  await using statement = await client.prepare('SELECT ?');
  server.on('GetFlightInfo', () => [infoOf('good')]);
  await assert.rejects(statement.getSchema(), { code: 'UNIMPLEMENTED' });
  server.on('GetFlightInfo', withSchema);
  assert.deepEqual((await statement.getSchema()).names, ['number', 'word']);
  assert.deepEqual(server.lastOf('GetFlightInfo'), server.lastOf('GetSchema'), 'by the same command');
  server.on('GetSchema', () => [bytesField(1, SCHEMA)]);
  const before = server.messagesOf('GetFlightInfo').length;
  assert.deepEqual((await statement.getSchema()).names, ['number', 'word']);
  assert.equal(server.messagesOf('GetFlightInfo').length, before);
});
