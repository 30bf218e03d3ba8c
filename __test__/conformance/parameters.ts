import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightSQLError, type QueryParameters, type QueryResult, type RowArray } from 'flightsql';
import type { Profile } from './profile.js';
import { assertRefused } from './refused.js';

async function collected(result: QueryResult): Promise<RowArray[]> {
  const rows: RowArray[] = [];
  for await (const row of result.rows({ rowMode: 'array' })) rows.push(row);
  return rows;
}

/** Prepared statements and their parameters. */
export function parameters({ client, supports, table, column }: Profile): void {
  if (!supports.prepared) {
    test('prepared statements are refused', () => assertRefused(() => client().prepare(`SELECT ${column} FROM ${table}`)));
    return;
  }

  test('a prepared statement without parameters, run twice', async () => {
    const statement = await client().prepare(`SELECT ${column} FROM ${table}`);
    try {
      const expected = await collected(await client().query(`SELECT ${column} FROM ${table}`));
      assert.deepEqual(await collected(await statement.query()), expected);
      assert.deepEqual(await collected(await statement.query()), expected);
      const { endpoints } = await statement.execute();
      assert(endpoints.length > 0);
    } finally {
      await statement.close();
    }
    assert.equal(statement.closed, true);
    await assert.rejects(statement.query(), { code: 'CLOSED' });
  });

  if (!supports.parameters) {
    test('parameters are refused', () => assertRefused(() => client().query(`SELECT ${column} FROM ${table} WHERE ${column} = ?`, ['x'])));
    return;
  }

  test('rows are written with parameters and found by them', async () => {
    const run = (sql: string, params: QueryParameters) => client().executeUpdate(sql, params);
    await client().executeUpdate('CREATE TABLE conf_bound (id INTEGER NOT NULL, name VARCHAR(100), amount REAL)');
    try {
      assert.equal(await run('INSERT INTO conf_bound VALUES (?, ?, ?)', [1, 'one', 1.5]), 1n);
      const many = Array.from({ length: 50 }, (_, row) => [row + 2, row % 3 === 0 ? null : `é${row}`, row / 4]);
      assert.equal(await run('INSERT INTO conf_bound VALUES (?, ?, ?)', many), 50n);
      const all = await collected(await client().query('SELECT id, name, amount FROM conf_bound ORDER BY id'));
      assert.deepEqual(
        all.map(([id, name, amount]) => [Number(id), name, amount]),
        [[1, 'one', 1.5], ...many],
      );

      const statement = await client().prepare('SELECT id FROM conf_bound WHERE id > ? AND id < ? ORDER BY id');
      try {
        const ids = async (...bounds: [number | bigint, number | bigint]) =>
          (await collected(await statement.query(bounds))).map(([id]) => Number(id));
        assert.deepEqual(await ids(1, 4), [2, 3]);
        assert.deepEqual(await ids(10n, 13n), [11, 12]);
        assert.deepEqual(await ids(100, 200), []);
        // Each run has its own values, however they overlap.
        if (supports.overlappingRuns) {
          const overlapping = await Promise.all([ids(1, 3), ids(2, 4), ids(3, 5), ids(4, 6)]);
          assert.deepEqual(overlapping, [[2], [3], [4], [5]]);
          const unread = await statement.query([1, 3]);
          assert.deepEqual(await ids(2, 4), [3]);
          assert.deepEqual(
            (await collected(unread)).map(([id]) => Number(id)),
            [2],
          );
        }
      } finally {
        await statement.close();
      }
      assert.deepEqual(await collected(await client().query('SELECT id FROM conf_bound WHERE name = ?', ["o'ne"])), []);
      assert.equal((await collected(await client().query('SELECT id FROM conf_bound WHERE name = ?', ['one']))).length, 1);
      assert.equal(await run('UPDATE conf_bound SET name = ? WHERE id <= ?', [null, 3]), 3n);
      assert.equal(await run('DELETE FROM conf_bound WHERE id = ?', [[1], [2], [3], [400]]), 3n);
    } finally {
      await client().executeUpdate('DROP TABLE conf_bound');
    }
  });

  test('a wrong number of parameters is an error, and the client goes on', async () => {
    const sql = `SELECT ${column} FROM ${table} WHERE ${column} = ?`;
    // Where the server does not tell how many there are, it takes what it gets, or refuses that.
    for (const params of supports.parameterSchema ? ([[], ['a', 'b']] as const) : []) {
      await assert.rejects(
        (async () => collected(await (await client().prepare(sql)).query(params)))(),
        (error: unknown) => error instanceof FlightSQLError && error.message !== '',
      );
    }
    await assertRefused(() => client().prepare('this is no SQL'));
    assert(Array.isArray(await collected(await client().query(sql, ['x']))));
  });
}
