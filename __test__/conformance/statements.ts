import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightSQLError } from 'flightsql';
import type { Profile } from './profile.js';
import { assertLacking, assertRefused } from './refused.js';

/** Updates, and schemas before the rows. */
export function statements({ client, supports, table, column }: Profile): void {
  const count = async (where: string) => {
    const result = await client().query(`SELECT COUNT(*) AS n FROM conf_updates WHERE ${where}`);
    for await (const row of result.rows({ rowMode: 'array' })) return Number(row[0]);
    return assert.fail('no row came');
  };

  if (supports.updates === false) {
    test('updates are refused', () => assertLacking(() => client().executeUpdate(`DELETE FROM ${table}`)));
  }

  if (supports.updates === true) {
    test('executeUpdate: how many rows a statement changed', async () => {
      // How many rows this changes is the server's to say: one repeats the count of the statement before.
      await client().executeUpdate('CREATE TABLE conf_updates (id INTEGER, name VARCHAR(20))');
      try {
        assert.equal(await client().executeUpdate("INSERT INTO conf_updates VALUES (1, 'one'), (2, 'two'), (3, 'three')"), 3n);
        assert.equal(await client().executeUpdate("UPDATE conf_updates SET name = 'more' WHERE id > 1"), 2n);
        assert.equal(await count("name = 'more'"), 2);
        assert.equal(await client().executeUpdate('DELETE FROM conf_updates WHERE id > 100'), 0n);
        assert.equal(await client().executeUpdate('DELETE FROM conf_updates'), 3n);
        assert.equal(await count('1 = 1'), 0);
      } finally {
        await client().executeUpdate('DROP TABLE conf_updates');
      }
    });

    test('executeUpdate: what the server refuses', async () => {
      await assertRefused(() => client().executeUpdate('INSERT INTO conf_absent VALUES (1)'));
      await assertRefused(() => client().executeUpdate('this is no SQL'));
    });
  }

  test(`getExecuteSchema: ${supports.executeSchema ? 'the columns of a query' : 'the server tells none before the rows'}`, async () => {
    const schema = client().getExecuteSchema(`SELECT ${column} FROM ${table}`);
    if (supports.executeSchema) {
      assert.deepEqual((await schema).names, [column]);
    } else {
      await assert.rejects(schema, (error: unknown) => error instanceof FlightSQLError && error.code === 'UNIMPLEMENTED');
    }
    await assertRefused(() => client().getExecuteSchema('this is no SQL'));
  });
}
