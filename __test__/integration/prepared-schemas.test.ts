// What a statement returns and what it takes, told when it is prepared.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { collected } from '../conformance/collected.js';

describe('the schemas of a prepared statement', () => {
  let server: EmbeddedServer;
  let client: FlightSQLClient;
  before(async () => {
    server = await EmbeddedServer.start({ init: 'CREATE TABLE home (room TEXT NOT NULL, temp DOUBLE)' });
    client = await connect(server.uri);
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  test('a query tells its columns, and a field for each parameter', async () => {
    await using statement = await client.prepare('SELECT room, temp FROM home WHERE temp > ? AND room <> ?');
    assert.deepEqual(
      statement.resultSchema?.fields.map(({ name, type }) => `${name} ${type}`),
      ['room Utf8', 'temp Float64'],
    );
    assert.equal(statement.parameterSchema?.fields.length, 2);
    assert.equal(statement.statement, 'SELECT room, temp FROM home WHERE temp > ? AND room <> ?');
  });

  test('what returns rows is a query, also where it writes, and anything else an update', async () => {
    for (const [sql, isUpdate] of [
      ['SELECT room FROM home', false],
      ["INSERT INTO home VALUES ('loft', 1) RETURNING room", false],
      ["UPDATE home SET temp = 1 WHERE room = 'loft'", true],
      ['CREATE TABLE other (a)', true],
    ] as const) {
      await using statement = await client.prepare(sql);
      assert.equal(statement.isUpdate, isUpdate, sql);
    }
  });

  test('a statement that one client has prepared is run by another, which has its handle', async () => {
    await using statement = await client.prepare('SELECT ? AS one, ? AS two');
    await using other = await connect(server.uri);
    const { handle, parameterSchema } = statement;
    const same = other.preparedStatement({ handle: structuredClone(handle), parameterSchema });
    assert.deepEqual(await collected(await same.query([1, 'x'])), [[1n, 'x']]);
    await assert.rejects(same.query([1]), { code: 'INVALID_ARGUMENT' });
  });

  test('a statement that returns nothing has no result schema', async () => {
    await using statement = await client.prepare('INSERT INTO home VALUES (?, ?)');
    assert.equal(statement.resultSchema, null);
    assert.equal(statement.parameterSchema?.fields.length, 2);
    assert.equal(
      await statement.executeUpdate([
        ['attic', 14],
        ['cellar', null],
      ]),
      2n,
    );
  });

  test('a statement without parameters has none to tell', async () => {
    await using statement = await client.prepare('SELECT 1 AS one');
    assert.equal(statement.parameterSchema?.fields.length ?? 0, 0);
    await assert.rejects(statement.query([1]), { code: 'INVALID_ARGUMENT' });
  });
});
