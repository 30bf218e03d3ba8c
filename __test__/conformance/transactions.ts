import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightSQLError, type QueryResult, type Transaction } from 'flightsql';
import type { Profile } from './profile.js';
import { assertLacking } from './refused.js';

const COUNT = 'SELECT COUNT(*) AS n FROM conf_tx';

async function numberOf(result: QueryResult): Promise<number> {
  for await (const [value] of result.rows({ rowMode: 'array' })) return Number(value);
  return assert.fail('no row came');
}

/** Transactions and savepoints. */
export function transactions({ client, supports, placeholder }: Profile): void {
  if (!supports.transactions) {
    test('transactions are refused', () => assertLacking(() => client().beginTransaction()));
    return;
  }

  const insert = `INSERT INTO conf_tx VALUES (${placeholder(1)})`;
  const withTable = (name: string, work: () => Promise<void>) =>
    test(name, async () => {
      await client().executeUpdate('CREATE TABLE conf_tx (id INTEGER)');
      try {
        await work();
      } finally {
        await client().executeUpdate('DROP TABLE conf_tx');
      }
    });
  const count = async () => numberOf(await client().query(COUNT));

  withTable('a transaction is committed, or rolled back, whole', async () => {
    const tx = await client().beginTransaction();
    assert.equal(await tx.executeUpdate(insert, [1]), 1n);
    assert.equal(await tx.executeUpdate(insert, [[2], [3]]), 2n);
    assert.equal(await numberOf(await tx.query(COUNT)), 3);
    await tx.commit();
    assert.equal(tx.ended, true);
    assert.equal(await count(), 3);

    const undone = await client().beginTransaction();
    await undone.executeUpdate('DELETE FROM conf_tx');
    assert.equal(await numberOf(await undone.query(COUNT)), 0);
    await undone.rollback();
    assert.equal(await count(), 3);
    for (const use of [
      () => undone.query(COUNT),
      () => undone.executeUpdate('DELETE FROM conf_tx'),
      () => undone.commit(),
      () => undone.rollback(),
    ]) {
      await assert.rejects(use(), { code: 'CLOSED', message: /a transaction that is rolled back/ });
    }
  });

  withTable('transaction(fn) commits, and rolls back what throws', async () => {
    const value = await client().transaction(async (tx) => {
      await tx.executeUpdate(insert, [[1], [2]]);
      return 'done';
    });
    assert.equal(value, 'done');
    assert.equal(await count(), 2);
    let left: Transaction | undefined;
    const failing = client().transaction(async (tx) => {
      left = tx;
      await tx.executeUpdate(insert, [3]);
      throw new RangeError('on purpose');
    });
    await assert.rejects(failing, RangeError);
    assert.equal(left?.ended, true);
    assert.equal(await count(), 2);
    // A statement that fails is thrown on as it is.
    await assert.rejects(
      client().transaction(async (tx) => {
        await tx.executeUpdate(insert, [4]);
        await tx.executeUpdate('INSERT INTO conf_absent VALUES (1)');
      }),
      FlightSQLError,
    );
    assert.equal(await count(), 2);
  });

  withTable('a transaction that is left open is rolled back', async () => {
    {
      await using tx = await client().beginTransaction();
      await tx.executeUpdate(insert, [1]);
    }
    assert.equal(await count(), 0);
  });

  if (!supports.savepoints) {
    test('savepoints are refused', async () => {
      await using tx = await client().beginTransaction();
      await assertLacking(() => tx.savepoint('a'));
    });
    return;
  }

  withTable('savepoints', async () => {
    await client().transaction(async (tx) => {
      await tx.executeUpdate(insert, [1]);
      const first = await tx.savepoint("it's a name");
      await tx.executeUpdate(insert, [2]);
      const second = await tx.savepoint();
      await tx.executeUpdate(insert, [3]);
      await tx.rollbackToSavepoint(second);
      assert.equal(await numberOf(await tx.query(COUNT)), 2);
      // It stays, and can be returned to again.
      await tx.executeUpdate(insert, [30]);
      await tx.rollbackToSavepoint(second);
      assert.equal(await numberOf(await tx.query(COUNT)), 2);
      const third = await tx.savepoint('third');
      await tx.executeUpdate(insert, [4]);
      await tx.releaseSavepoint(third);
      assert.equal(await numberOf(await tx.query(COUNT)), 3);
      await assert.rejects(tx.releaseSavepoint(third), { code: 'INVALID_ARGUMENT' });
      await tx.rollbackToSavepoint(first);
      assert.equal(await numberOf(await tx.query(COUNT)), 1);
      await assert.rejects(tx.rollbackToSavepoint(second), { code: 'INVALID_ARGUMENT', message: /has ended/ });
    });
    assert.equal(await count(), 1);
  });

  withTable('nested transactions are savepoints', async () => {
    await client().transaction(async (tx) => {
      await tx.executeUpdate(insert, [1]);
      await tx.transaction((inner) => inner.executeUpdate(insert, [2]));
      const undone = tx.transaction(async (inner) => {
        await inner.executeUpdate(insert, [3]);
        await inner.transaction((innermost) => innermost.executeUpdate(insert, [4]));
        throw new RangeError('on purpose');
      });
      await assert.rejects(undone, RangeError);
    });
    assert.equal(await count(), 2);
  });
}
