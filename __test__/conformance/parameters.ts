import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightSQLError } from 'flightsql';
import { boundRows } from './bound-rows.js';
import { collected } from './collected.js';
import type { Profile } from './profile.js';
import { assertRefused } from './refused.js';

/** Prepared queries and their parameters. */
export function parameters(profile: Profile): void {
  const { client, supports, table, column, placeholder: p } = profile;
  const rows = boundRows(profile);
  const all = `SELECT ${column} FROM ${table}`;
  const equal = `${all} WHERE ${column} = ${p(1)}`;

  if (!supports.prepared) {
    test('prepared statements are refused', () => assertRefused(() => client().prepare(all)));
    return;
  }

  test('a prepared statement without parameters, run twice', async () => {
    const statement = await client().prepare(all);
    try {
      const expected = await collected(await client().query(all));
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
    test('parameters are refused', () => assertRefused(() => client().query(equal, ['x'])));
    return;
  }

  test('rows are found by parameters', async () => {
    const [[value] = []] = await collected(await client().query(`${all} WHERE ${column} IS NOT NULL ORDER BY ${column}`));
    assert.equal(typeof value, 'string');
    assert.deepEqual(await rows(equal, [value]), [[value]]);
    assert.deepEqual(await rows(`${all} WHERE ${column} >= ${p(1)} AND ${column} <= ${p(2)}`, [value, value]), [[value]]);
    assert.deepEqual(await rows(equal, ["o'ne"]), []);
    assert.deepEqual(await rows(equal, [null]), []);
  });

  test('runs of one statement have values of their own', async () => {
    const values = (await collected(await client().query(`${all} WHERE ${column} IS NOT NULL`))).map(([value]) => value);
    await using statement = await client().prepare(equal);
    for (const value of [...values, 'no such value', ...values]) {
      assert.deepEqual(await collected(await statement.query([value])), value === 'no such value' ? [] : [[value]]);
    }
    if (!supports.overlappingRuns) return;
    const results = await Promise.all(values.map((value) => statement.query([value])));
    for (const [at, result] of results.entries()) assert.deepEqual(await collected(result), [[values[at]]]);
  });

  test('a wrong number of parameters is an error, and the client goes on', async () => {
    // Where the server does not tell how many there are, it takes what it gets, or refuses that.
    for (const params of supports.parameterSchema ? ([[], ['a', 'b']] as const) : []) {
      await assert.rejects(
        (async () => collected(await (await client().prepare(equal)).query(params)))(),
        (error: unknown) => error instanceof FlightSQLError && error.message !== '',
      );
    }
    await assertRefused(() => client().prepare('this is no SQL'));
    assert(Array.isArray(await rows(equal, ['x'])));
  });
}
