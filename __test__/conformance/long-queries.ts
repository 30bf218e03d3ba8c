import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Profile } from './profile.js';
import { assertLacking, assertRefused } from './refused.js';

/** Queries that take their time: polled, cancelled, and held valid. */
export function longQueries({ client, supports, table, column }: Profile): void {
  const query = `SELECT ${column} FROM ${table}`;

  if (supports.poll) {
    test('pollExecute: a query is polled to its end, and its result read', async () => {
      const expected = (await (await client().query(query)).table()).numRows;
      const poll = await (await client().pollExecute(query)).wait();
      assert.equal(poll.complete, true);
      assert(poll.info !== null);
      assert.equal((await client().read(poll.info).table()).numRows, expected);
      assert.equal(await poll.next(), poll);
      await assertRefused(async () => (await client().pollExecute('this is no SQL')).wait());
    });
  } else {
    test('pollExecute is refused', () => assertLacking(() => client().pollExecute(query)));
  }

  if (supports.cancel) {
    test('cancel: a query that was executed is read no more', async () => {
      const info = await client().execute(query);
      assert.equal(await client().cancel(info), 'CANCELLED');
      await assertRefused(() => client().read(info).table());
    });
  } else {
    test('cancel is refused', async () => {
      const info = await client().execute(query);
      await assertRefused(() => client().cancel(info));
      // Nothing has become of it.
      await client().read(info).table();
    });
  }

  if (!supports.renew) {
    test('renewEndpoint is refused', async () => {
      const [endpoint] = (await client().execute(query)).endpoints;
      assert(endpoint !== undefined);
      await assertRefused(() => client().renewEndpoint(endpoint));
    });
  }
}
