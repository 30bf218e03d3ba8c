import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Utf8 } from 'apache-arrow';
import { connect, type FlightSQLClient, FlightSQLError, type QueryParameters, type Statement } from 'flightsql';
import { collected } from '../conformance/collected.js';
import { DATAFUSION_ROWS, startDataFusion, substraitPlan } from '../servers/datafusion.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { conversation } from './foreign/conversation.js';

describe('DataFusion', { skip: unlessInstallable('datafusion') }, () => {
  const server = useServer(startDataFusion);
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri);
  });
  after(() => client?.close());

  const rowsOf = async (sql: string, params?: QueryParameters) => collected(await client.query(sql, params));

  conversation({
    client: () => client,
    known: { sql: 'SELECT id, name, amount FROM t ORDER BY id', rows: DATAFUSION_ROWS },
    none: 'SELECT id, name FROM t WHERE id < 0',
    long: { sql: 'SELECT value FROM generate_series(1, 300000)', count: 300_000 },
    unknownTable: { sql: 'SELECT * FROM absent', code: 'INTERNAL', message: /absent/ },
  });

  test('tables are listed of the catalog that is asked for, and otherwise none', async () => {
    assert.deepEqual(await client.getTables(), []);
    assert.deepEqual(await client.getDbSchemas(), []);
    assert.deepEqual(await client.getCatalogs(), [{ catalogName: 'datafusion' }]);
    const tables = await client.getTables({ catalog: 'datafusion', dbSchemaFilterPattern: 'public' });
    assert.deepEqual(tables.map(({ tableName }) => tableName).sort(), ['big', 'inttable', 't']);
  });

  describe('parameters', () => {
    test('the server types them by what they are compared with', async () => {
      await using statement = await client.prepare('SELECT id FROM t WHERE id > $1 AND name = $2 AND amount BETWEEN $3 AND $4');
      assert.deepEqual(
        statement.parameterSchema?.fields.map(({ name, type }) => [name, String(type)]),
        [
          ['$1', 'Int64'],
          ['$2', 'Utf8'],
          ['$3', 'Float64'],
          ['$4', 'Float64'],
        ],
      );
    });

    test('where nothing tells their type, the statement is refused', async () => {
      await assert.rejects(client.query('SELECT $1 AS v', [1], { types: [new Utf8()] }), (error: unknown) => {
        assert(error instanceof FlightSQLError);
        assert.equal(error.code, 'INTERNAL');
        assert.match(error.message, /unable to determine type of query parameter \$1/);
        return true;
      });
    });

    test('by name, with the sigil and without', async () => {
      const sql = 'SELECT id FROM t WHERE id >= $least AND id < $below ORDER BY id';
      await using statement = await client.prepare(sql);
      assert.deepEqual(statement.parameterSchema?.names, ['$below', '$least']);
      assert.deepEqual(await rowsOf(sql, { least: 2, below: 3 }), [[2n]]);
      assert.deepEqual(await rowsOf(sql, { $below: 3, $least: 1 }), [[1n], [2n]]);
      assert.deepEqual(await rowsOf(sql, { below: 4n, $least: 3n }), [[3n]]);
      await assert.rejects(rowsOf(sql, { least: 1, bellow: 2 }), { code: 'INVALID_ARGUMENT', message: /did you mean 'below'/ });
    });

    test('one that is used twice is given once', async () => {
      assert.deepEqual(await rowsOf('SELECT id FROM t WHERE id = $1 OR id = $1 + 1 ORDER BY id', [1]), [[1n], [2n]]);
    });

    test('more than nine, of which the server has the tenth before the second', async () => {
      const terms = Array.from({ length: 12 }, (_, index) => `SELECT ${index + 1} AS at, id FROM big WHERE id = $${index + 1}`);
      const sql = `${terms.join(' UNION ALL ')} ORDER BY at`;
      await using statement = await client.prepare(sql);
      assert.deepEqual(statement.parameterSchema?.names.slice(0, 4), ['$1', '$10', '$11', '$12']);
      const values = terms.map((_, index) => BigInt(1000 + index));
      assert.deepEqual(
        await rowsOf(sql, values),
        values.map((value, index) => [BigInt(index + 1), value]),
      );
    });

    test('several rows of them are refused by the server: it runs a query once', async () => {
      await assert.rejects(rowsOf('SELECT id FROM t WHERE id = $1', [[1], [2]]), {
        code: 'INVALID_ARGUMENT',
        message: /single row/,
      });
    });
  });

  describe('Substrait', () => {
    const rowsOfPlan = async (plan: Statement) => {
      const rows: unknown[] = [];
      for await (const row of (await client.query(plan)).rows()) rows.push(row);
      return rows;
    };

    test('the server runs plans that it makes of queries', async () => {
      const plan = await substraitPlan('SELECT id, name, amount FROM t ORDER BY id');
      assert.deepEqual(await rowsOfPlan({ plan }), DATAFUSION_ROWS);
      assert.deepEqual(await client.doGet((await client.execute({ plan })).endpoints[0] ?? null).readRows(), DATAFUSION_ROWS);
      const counted = await substraitPlan('SELECT count(*) AS rows, sum(id) AS total FROM big WHERE remainder = 7');
      assert.deepEqual(await rowsOfPlan({ plan: counted, version: '0.62.0' }), [{ rows: 1000n, total: 499_507_000n }]);
      await assert.rejects(rowsOfPlan({ plan: Uint8Array.of(0xff) }), FlightSQLError);
    });

    test('what the server does not do with plans is refused', async () => {
      const plan = { plan: await substraitPlan('SELECT id FROM t') };
      await assert.rejects(client.prepare(plan), FlightSQLError);
      await assert.rejects(client.executeUpdate(plan), FlightSQLError);
    });

    test('a query that is none has no plan', async () => {
      await assert.rejects(substraitPlan('SELECT * FROM absent'), /absent/);
    });
  });
});
