// Many prepared statements at a time: none waits for another that is only prepared, or only half read.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type FlightSQLClient, type PreparedStatement } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { collected } from '../conformance/collected.js';

const MANY = 200;

describe('many prepared statements at a time', () => {
  let server: EmbeddedServer;
  let client: FlightSQLClient;
  before(async () => {
    server = await EmbeddedServer.start({ init: 'CREATE TABLE seen (id BIGINT)' });
    client = await connect(server.uri);
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  const each = <T>(work: (at: number) => Promise<T>) => Promise.all(Array.from({ length: MANY }, (_, at) => work(at)));

  test('prepared together, run together, closed together', { timeout: 60_000 }, async () => {
    const statements = await each((at) => client.prepare(`SELECT ? + ${at} AS sum`));
    assert.equal(server.stats().preparedStatements, MANY);
    const rows = await Promise.all(statements.map(async (statement, at) => collected(await statement.query([at]))));
    assert.deepEqual(
      rows,
      rows.map((_, at) => [[BigInt(2 * at)]]),
    );
    await Promise.all(statements.map((statement) => statement.close()));
    assert.equal(server.stats().preparedStatements, 0);
  });

  test('those that are prepared last run first', { timeout: 60_000 }, async () => {
    const statements: PreparedStatement[] = [];
    for (let at = 0; at < MANY; at += 1) statements.push(await client.prepare(`SELECT ${at} AS at`));
    for (const [index, statement] of [...statements.entries()].reverse()) {
      assert.deepEqual(await collected(await statement.query()), [[BigInt(index)]]);
    }
    await Promise.all(statements.map((statement) => statement.close()));
  });

  test('results that are not read hold up no other statement', { timeout: 60_000 }, async () => {
    const long = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n';
    const statement = await client.prepare(long);
    const unread = await Promise.all(Array.from({ length: 16 }, () => statement.query([100_000])));
    assert.deepEqual(await collected(await client.query('SELECT ?', [7])), [[7n]]);
    assert.equal(await client.executeUpdate('INSERT INTO seen VALUES (?)', [[1], [2]]), 2n);
    for (const result of unread) assert.equal((await result.table()).numRows, 100_000);
    await statement.close();
  });

  test('queries with parameters, which prepare and close by themselves', { timeout: 60_000 }, async () => {
    const rows = await each(async (at) => collected(await client.query('SELECT ? AS value', [`row ${at}`])));
    assert.deepEqual(
      rows,
      rows.map((_, at) => [[`row ${at}`]]),
    );
  });
});
