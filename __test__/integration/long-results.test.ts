// Results that outlive a call: renewed, cancelled and polled, with the embedded server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, deserializeFlightInfo, type FlightEndpoint, type FlightSQLClient, serializeFlightInfo } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';

const QUERY = 'SELECT i FROM numbers';
const init = `CREATE TABLE numbers (i BIGINT);
  INSERT INTO numbers WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99) SELECT i FROM n`;

async function firstEndpoint(client: FlightSQLClient): Promise<FlightEndpoint> {
  const [endpoint] = (await client.execute(QUERY)).endpoints;
  return endpoint ?? assert.fail('no endpoint');
}

const expiryOf = ({ expirationTime }: FlightEndpoint) => Number(expirationTime ?? assert.fail('the server says until when'));

test('renewEndpoint: a ticket that is renewed outlives one that is not', async () => {
  await using server = await EmbeddedServer.start({ init, endpoints: 2, keptFor: 3000 });
  await using client = await connect(server.uri);
  const left = await firstEndpoint(client);
  let renewed = await firstEndpoint(client);
  const expiry = expiryOf(renewed);
  while (Date.now() < expiry + 200) {
    await delay(100);
    const again = await client.renewEndpoint(renewed);
    assert(expiryOf(again) > expiryOf(renewed));
    renewed = again;
  }
  assert.equal((await client.doGet(renewed).readAll()).numRows, 50);
  await assert.rejects(client.renewEndpoint(left), { code: 'NOT_FOUND', message: /not kept any more/ });
  await assert.rejects(client.doGet(left).readAll(), { code: 'NOT_FOUND' });
});

test('the FlightInfo of a result, as bytes, is read by another client', async () => {
  await using server = await EmbeddedServer.start({ init, endpoints: 3 });
  await using first = await connect(server.uri);
  await using second = await connect(server.uri);
  const result = await first.query(QUERY);
  const bytes = serializeFlightInfo(result.info);
  result.cancel();
  const info = await deserializeFlightInfo(bytes);
  assert.equal(info.endpoints.length, 3);
  assert.equal((await second.read(info).table()).numRows, 100);
});

test('cancel: every endpoint of the result is gone, and nothing of it is left on the server', async () => {
  await using server = await EmbeddedServer.start({ init, endpoints: 2 });
  await using client = await connect(server.uri);
  const info = await client.execute(QUERY);
  assert.deepEqual([info.endpoints.length, server.stats().keptResults], [2, 1]);
  assert.equal(await client.cancel(info), 'CANCELLED');
  for (const endpoint of info.endpoints) await assert.rejects(client.doGet(endpoint).readAll(), { name: 'FlightSQLError' });
  const { keptResults, waitingResults, openStatements } = server.stats();
  assert.deepEqual([keptResults, waitingResults, openStatements], [0, 0, 0]);
});

test('pollExecute of a prepared query: with the parameters of each run, to its end', async () => {
  await using server = await EmbeddedServer.start({ init });
  await using client = await connect(server.uri);
  await using statement = await client.prepare(`${QUERY} WHERE i < ?`);
  for (const limit of [7, 70]) {
    const poll = await (await statement.pollExecute([limit])).wait();
    assert.equal((await client.read(poll.info ?? assert.fail('it has ended')).table()).numRows, limit);
  }
  await assert.rejects(statement.pollExecute([1, 2]), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(statement.pollExecute(), { code: 'INVALID_ARGUMENT' });
  assert.equal((await (await statement.query([3])).table()).numRows, 3, 'the statement is usable');
});

test('getSchema of a prepared query: as it was told when it was prepared', async () => {
  await using server = await EmbeddedServer.start({ init });
  await using client = await connect(server.uri);
  const statement = await client.prepare('SELECT i, i * 2 AS twice FROM numbers WHERE i < ?');
  const schema = await statement.getSchema();
  assert.deepEqual(schema.names, ['i', 'twice']);
  assert.deepEqual(`${schema}`, `${statement.resultSchema}`);
  await statement.close();
  await assert.rejects(statement.getSchema(), { code: 'CLOSED' });
  await assert.rejects(statement.pollExecute([1]), { code: 'CLOSED' });
});

test('pollExecute: within a transaction the query sees what that has written', async () => {
  await using server = await EmbeddedServer.start({ init });
  await using client = await connect(server.uri);
  const rowsOf = async (on: Pick<FlightSQLClient, 'pollExecute'>) => {
    const { info } = await (await on.pollExecute(QUERY)).wait();
    return (await client.read(info ?? assert.fail('no info at the end')).table()).numRows;
  };
  const tx = await client.beginTransaction();
  await tx.executeUpdate('INSERT INTO numbers VALUES (100), (101)');
  assert.deepEqual([await rowsOf(tx), await rowsOf(client)], [102, 100]);
  await tx.rollback();
  assert.equal(await rowsOf(client), 100);
});
