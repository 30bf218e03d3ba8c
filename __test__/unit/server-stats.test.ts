import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FlightSQLClient } from '../../src-ts/client.js';
import { connect } from '../../src-ts/connect.js';
import { EmbeddedServer } from '../../src-ts/server/index.js';
import type { ServerStats } from '../../src-ts/server/server-stats.js';

/** Resolves when the server's numbers are these. */
async function become(server: EmbeddedServer, expected: Partial<ServerStats>): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  for (;;) {
    const stats = server.stats();
    const differs = Object.entries(expected).some(([name, value]) => stats[name as keyof ServerStats] !== value);
    if (!differs) return;
    assert(!signal.aborted, `${JSON.stringify(stats)} is not ${JSON.stringify(expected)}`);
    await delay(10);
  }
}

const NOTHING = {
  openCalls: 0,
  openStatements: 0,
  computing: 0,
  waitingResults: 0,
  keptResults: 0,
  keptBytes: 0,
  preparedStatements: 0,
  preparedBytes: 0,
  polledQueries: 0,
  sessions: 0,
  openTransactions: 0,
};

test('a server that nobody has called is busy with nothing', async () => {
  await using server = await EmbeddedServer.start();
  assert.deepEqual(server.stats(), { ...NOTHING, sentBytes: 0 });
});

test('what a client holds is counted, and nothing is left when it has let go', async () => {
  await using server = await EmbeddedServer.start({ init: 'CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1), (2)' });
  await using db = await connect(server.uri);
  const statement = await db.prepare('SELECT a FROM t WHERE a > ?');
  const transaction = await db.beginTransaction();
  const { preparedStatements, openTransactions, preparedBytes } = server.stats();
  assert.deepEqual([preparedStatements, openTransactions], [1, 1]);
  assert.equal(preparedBytes, 'SELECT a FROM t WHERE a > ?'.length + 1);
  await statement.close();
  await transaction.rollback();
  await become(server, NOTHING);
});

test('a stream that is read is an open call until it is left', async () => {
  const init = `CREATE TABLE t (b BLOB);
    INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT randomblob(100000) FROM n`;
  await using server = await EmbeddedServer.start({ init });
  await using db = await connect(server.uri, { maxBufferedBytes: 2 ** 20 });
  const result = await db.query('SELECT b FROM t');
  for await (const batch of result) {
    assert(batch.numRows > 0);
    await become(server, { openCalls: 1, openStatements: 1 });
    break;
  }
  await become(server, NOTHING);
  assert(server.stats().sentBytes > 100_000);
});

test('bad input leaves nothing behind', async () => {
  await using server = await EmbeddedServer.start({ init: 'CREATE TABLE t (a BIGINT PRIMARY KEY); INSERT INTO t VALUES (1)' });
  await using db = await connect(server.uri);
  await assert.rejects(db.query('SELECT nothing FROM t'));
  await assert.rejects(db.executeUpdate('INSERT INTO t VALUES (1)'), { code: 'ALREADY_EXISTS' });
  await assert.rejects(db.executeUpdate('INSERT INTO t VALUES (?)', [Number.NaN]));
  await assert.rejects(db.transaction((tx) => tx.executeUpdate('INSERT INTO t VALUES (1)')));
  await become(server, NOTHING);
});

test('a client that is closed while its results are read, or its rows are sent, lets go of all when they end', async () => {
  const many = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n LIMIT ?';
  const begun = {
    'a query with parameters': async (db: FlightSQLClient) => {
      const result = await db.query(many, [50_000]);
      return async () => (await result.table()).numRows;
    },
    'a prepared query': async (db: FlightSQLClient) => {
      const statement = await db.prepare(many);
      const result = await statement.query([50_000]);
      await statement.close();
      return async () => (await result.table()).numRows;
    },
    'an ingest': async (db: FlightSQLClient) => {
      let goOn = () => {};
      const waiting = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      async function* rows() {
        for (let id = 0; id < 20_000; id += 1) yield { id };
        await waiting;
        for (let id = 0; id < 30_000; id += 1) yield { id };
      }
      const done = db.executeIngest('t', rows());
      await delay(50);
      return async () => {
        goOn();
        return Number(await done);
      };
    },
  };
  for (const [what, begin] of Object.entries(begun)) {
    await using server = await EmbeddedServer.start();
    const db = await connect(server.uri);
    const end = await begin(db);
    const { calls } = db.stats();
    await db.close();
    assert.equal(db.stats().calls, calls, `the session is closed before ${what} has ended`);
    assert.equal(await end(), 50_000);
    await become(server, NOTHING);
    assert(db.stats().calls > calls, `the session is not closed after ${what}`);
  }
});

test('a server that is stopped has all zeros', async () => {
  const server = await EmbeddedServer.start();
  await using db = await connect(server.uri);
  await (await db.query('SELECT 1 AS a')).table();
  await server.stop();
  assert.deepEqual(server.stats(), { ...NOTHING, sentBytes: 0 });
});
