import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryParameters } from 'flightsql';
import { boundRows } from './bound-rows.js';
import { collected } from './collected.js';
import type { Profile } from './profile.js';

/** Updates with parameters. */
export function boundUpdates(profile: Profile): void {
  const { client, supports, placeholder: p } = profile;
  if (supports.updates !== true || !supports.parameters) return;
  const insert = `INSERT INTO conf_bound VALUES (${p(1)}, ${p(2)}, ${p(3)})`;
  const rows = boundRows(profile);
  const named = `SELECT id FROM conf_bound WHERE name = ${p(1)}`;

  test('rows are written with parameters and found by them', async () => {
    const run = (sql: string, params: QueryParameters) => client().executeUpdate(sql, params);
    await client().executeUpdate('CREATE TABLE conf_bound (id INTEGER NOT NULL, name VARCHAR(100), amount REAL)');
    try {
      assert.equal(await run(insert, [1, 'one', 1.5]), 1n);
      const many = Array.from({ length: 50 }, (_, row) => [row + 2, row % 3 === 0 ? null : `é${row}`, row / 4]);
      assert.equal(await run(insert, many), 50n);
      const all = await collected(await client().query('SELECT id, name, amount FROM conf_bound ORDER BY id'));
      assert.deepEqual(
        all.map(([id, name, amount]) => [Number(id), name, amount]),
        [[1, 'one', 1.5], ...many],
      );

      const statement = await client().prepare(`SELECT id FROM conf_bound WHERE id > ${p(1)} AND id < ${p(2)} ORDER BY id`);
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
      assert.deepEqual(await rows(named, ["o'ne"]), []);
      assert.equal((await rows(named, ['one'])).length, 1);
      assert.equal(await run(`UPDATE conf_bound SET name = ${p(1)} WHERE id <= ${p(2)}`, [null, 3]), 3n);
      assert.equal(await run(`DELETE FROM conf_bound WHERE id = ${p(1)}`, [[1], [2], [3], [400]]), 3n);
    } finally {
      await client().executeUpdate('DROP TABLE conf_bound');
    }
  });
}
