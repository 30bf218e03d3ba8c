// What a statement returns and what it takes, told when it is prepared.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';

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
