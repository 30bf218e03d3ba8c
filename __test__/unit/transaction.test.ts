import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../src-ts/connect.js';
import { EmbeddedServer } from '../../src-ts/server/index.js';

const init = 'CREATE TABLE t (a BIGINT)';

test('a commit whose signal is aborted already sends nothing, and the transaction goes on', async () => {
  await using server = await EmbeddedServer.start({ init });
  await using db = await connect(server.uri);
  const tx = await db.beginTransaction();
  await tx.executeUpdate('INSERT INTO t VALUES (1)');
  const reason = new Error('enough');
  await assert.rejects(tx.commit({ signal: AbortSignal.abort(reason) }), reason);
  assert.equal(tx.ended, false);
  await tx.rollback();
  assert.equal(server.stats().openTransactions, 0);
  assert.equal(await db.executeUpdate('INSERT INTO t VALUES (2)'), 1n);
});

test('a transaction whose signal is aborted while its work runs is rolled back', async () => {
  await using server = await EmbeddedServer.start({ init });
  await using db = await connect(server.uri);
  const controller = new AbortController();
  const reason = new Error('enough');
  const work = db.transaction(
    async (tx) => {
      await tx.executeUpdate('INSERT INTO t VALUES (1)');
      controller.abort(reason);
    },
    { signal: controller.signal },
  );
  await assert.rejects(work, reason);
  assert.equal(server.stats().openTransactions, 0);
  assert.equal((await (await db.query('SELECT * FROM t')).table()).numRows, 0);
});
