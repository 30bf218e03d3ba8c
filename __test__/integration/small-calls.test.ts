// Calls of a few bytes, one after another: none waits for an acknowledgement that TCP delays, which would be 40 ms each.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { collected } from '../conformance/collected.js';
import { startArrowGoSqlite } from '../servers/arrow-go-sqlite.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';

const CALLS = 60;

function smallCalls(client: () => FlightSQLClient): void {
  test('the median of small queries and updates is well below a delayed acknowledgement', async () => {
    for (const [what, call] of [
      ['queries', async () => assert.equal((await collected(await client().query('SELECT 1'))).length, 1)],
      ['queries with parameters', async () => assert.equal((await collected(await client().query('SELECT ?', [1]))).length, 1)],
      ['updates', async () => assert.equal(await client().executeUpdate('DELETE FROM small WHERE id = 0'), 0n)],
    ] as const) {
      const times: number[] = [];
      for (let at = 0; at < CALLS; at += 1) {
        const began = performance.now();
        await call();
        times.push(performance.now() - began);
      }
      const median = times.sort((one, other) => one - other)[CALLS / 2] ?? Number.POSITIVE_INFINITY;
      assert(median < 30, `${what}: ${median} ms`);
    }
  });
}

describe('the embedded server', () => {
  let server: EmbeddedServer;
  let client: FlightSQLClient;
  before(async () => {
    server = await EmbeddedServer.start({ init: 'CREATE TABLE small (id BIGINT)' });
    client = await connect(server.uri);
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });
  smallCalls(() => client);
});

describe("arrow-go's SQLite server", { skip: unlessInstallable('arrow-go-sqlite') }, () => {
  const server = useServer(startArrowGoSqlite);
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri);
    await client.executeUpdate('CREATE TABLE small (id BIGINT)');
  });
  after(() => client?.close());
  smallCalls(() => client);
});
