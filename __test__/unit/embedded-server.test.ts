import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../src-ts/connect.js';
import { FlightSQLError } from '../../src-ts/errors.js';
import type { FlightSQLClientOptions } from '../../src-ts/options/client-options.js';
import { EmbeddedServer } from '../../src-ts/server/index.js';

async function rowsOf(uri: string, sql: string, options?: Omit<FlightSQLClientOptions, 'host'>): Promise<unknown[]> {
  await using db = await connect(uri, options);
  const rows: unknown[] = [];
  for await (const row of (await db.query(sql)).rows()) rows.push(row);
  return rows;
}

test('a server listens on a free loopback port, and its URI is all that a client needs', async () => {
  await using server = await EmbeddedServer.start({
    init: "CREATE TABLE t (id BIGINT, name TEXT); INSERT INTO t VALUES (1, 'a'), (2, NULL)",
  });
  assert.equal(server.host, '127.0.0.1');
  assert.ok(server.port > 0);
  assert.equal(server.uri, `flightsql://127.0.0.1:${server.port}?transport=tcp`);
  assert.deepEqual(await rowsOf(server.uri, 'SELECT id, name FROM t ORDER BY id'), [
    { id: 1n, name: 'a' },
    { id: 2n, name: null },
  ]);
});

test('two servers have databases of their own', async () => {
  await using one = await EmbeddedServer.start({ init: 'CREATE TABLE t AS SELECT 1 AS x' });
  await using two = await EmbeddedServer.start({ init: 'CREATE TABLE t AS SELECT 2 AS x' });
  assert.deepEqual(await rowsOf(one.uri, 'SELECT x FROM t'), [{ x: 1n }]);
  assert.deepEqual(await rowsOf(two.uri, 'SELECT x FROM t'), [{ x: 2n }]);
});

test('a server with auth lets in user and password, or the token, and nobody else', async () => {
  await using server = await EmbeddedServer.start({ auth: { user: 'me', password: 'pw', token: 'secret' } });
  assert.deepEqual(await rowsOf(server.uri, 'SELECT 1 AS x', { user: 'me', password: 'pw' }), [{ x: 1n }]);
  assert.deepEqual(await rowsOf(server.uri, 'SELECT 1 AS x', { token: 'secret' }), [{ x: 1n }]);
  for (const wrong of [{}, { user: 'me', password: 'no' }, { token: 'no' }]) {
    await assert.rejects(rowsOf(server.uri, 'SELECT 1 AS x', wrong), (error: FlightSQLError) => {
      assert.ok(error instanceof FlightSQLError);
      assert.equal(error.code, 'UNAUTHENTICATED');
      return true;
    });
  }
});

test('a server splits results over endpoints and batches as it is told', async () => {
  const init = 'CREATE TABLE t AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99) SELECT i FROM n';
  await using server = await EmbeddedServer.start({ init, endpoints: 4, batchRows: 10 });
  await using db = await connect(server.uri);
  const info = await db.execute('SELECT i FROM t ORDER BY i');
  assert.equal(info.endpoints.length, 4);
  const result = await db.query('SELECT i FROM t');
  const sizes: number[] = [];
  let sum = 0n;
  for await (const batch of result) {
    sizes.push(batch.numRows);
    for (const value of batch.getChild('i') ?? []) sum += BigInt(value);
  }
  assert.equal(sum, 4950n);
  assert.ok(sizes.length >= 10 && Math.max(...sizes) === 10);
});

test('a server that was stopped can be stopped again, and is not there any more', async () => {
  const server = await EmbeddedServer.start();
  await server.stop();
  await server.stop();
  await assert.rejects(connect(server.uri), { code: 'CONNECTION_FAILED' });
});

test('a port that is taken is an error that names it', async () => {
  await using server = await EmbeddedServer.start();
  await assert.rejects(EmbeddedServer.start({ port: server.port }), (error: FlightSQLError) => {
    assert.ok(error instanceof FlightSQLError);
    assert.match(error.message, new RegExp(String(server.port)));
    return true;
  });
});

test('SQL that fails at the start is an error, and leaves no server behind', async () => {
  await assert.rejects(EmbeddedServer.start({ init: 'CREATE TABEL t (x)' }), FlightSQLError);
});

test('the signal of a query ends it on the way', async () => {
  const init = 'CREATE TABLE n AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT i FROM n';
  await using server = await EmbeddedServer.start({ init });
  await using db = await connect(server.uri);
  const controller = new AbortController();
  const result = await db.query('SELECT a.i FROM n a, n b', undefined, { signal: controller.signal });
  const reason = new Error('seen enough');
  let batches = 0;
  await assert.rejects(
    (async () => {
      for await (const _ of result) if (++batches === 3) controller.abort(reason);
    })(),
    (error) => error === reason,
  );
  assert.equal(batches, 3);
});

test('a timeout holds for the result to its end', async () => {
  const init = 'CREATE TABLE n AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT i FROM n';
  await using server = await EmbeddedServer.start({ init });
  await using db = await connect(server.uri);
  const began = performance.now();
  await assert.rejects(
    (async () => {
      const result = await db.query('SELECT a.i FROM n a, n b, n c', undefined, { timeout: 500 });
      for await (const _ of result);
    })(),
    { code: 'DEADLINE_EXCEEDED' },
  );
  assert.ok(performance.now() - began < 10_000);
});

test('a server keeps to the limits that it is given', async () => {
  await using server = await EmbeddedServer.start({ maxTransactions: 1, maxPreparedStatements: 1, transactionTimeout: 100, writeWait: 0 });
  await using db = await connect(server.uri);
  await db.executeUpdate('CREATE TABLE t (a BIGINT)');
  await using statement = await db.prepare('SELECT a FROM t');
  assert.equal(statement.resultSchema?.fields.length, 1);
  await assert.rejects(db.prepare('SELECT 2'), { code: 'RESOURCE_EXHAUSTED', message: /at most 1 prepared statements/ });
  const transaction = await db.beginTransaction();
  await assert.rejects(db.beginTransaction(), { code: 'RESOURCE_EXHAUSTED', message: /at most 1 transactions/ });
  await transaction.executeUpdate('INSERT INTO t VALUES (1)');
  await assert.rejects(db.executeUpdate('INSERT INTO t VALUES (2)'), { code: 'UNAVAILABLE', message: /write_wait/ });
  // Nobody uses it for 100 ms.
  while (server.stats().openTransactions > 0) await delay(10);
  assert.deepEqual(await rowsOf(server.uri, 'SELECT count(*) AS n FROM t'), [{ n: 0n }]);
});
