import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { connect } from '../../src-ts/connect.js';
import { EmbeddedServer } from '../../src-ts/server/index.js';

const MANY = 'CREATE TABLE n AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT i FROM n';

/** Collects and turns the event loop until `done`, as finalizers need both. */
async function collectUntil(done: () => boolean, what: () => string): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (done()) return;
    (globalThis as { gc?: () => void }).gc?.();
    await setTimeout(10);
  }
  assert.fail(what());
}

test('a result that nobody holds any more is cancelled when it is collected', async () => {
  await using server = await EmbeddedServer.start({ init: MANY });
  await using db = await connect(server.uri);
  await (async () => {
    const result = await db.query('SELECT a.i FROM n a, n b');
    await result.schema();
    assert.equal(db.stats().memory.openStreams, 1);
  })();
  await collectUntil(
    () => db.stats().memory.openStreams === 0,
    () => `${db.stats().memory.openStreams} streams are open`,
  );
});

test('a signal that outlives a result does not keep it', async () => {
  await using server = await EmbeddedServer.start({ init: MANY });
  await using db = await connect(server.uri);
  const { signal } = new AbortController();
  await (async () => {
    const result = await db.query('SELECT a.i FROM n a, n b', undefined, { signal });
    await result.schema();
  })();
  await collectUntil(
    () => db.stats().memory.openStreams === 0,
    () => `${db.stats().memory.openStreams} streams are open`,
  );
});

test('memory under a Table is given back when the Table is gone, and not before', async () => {
  await using server = await EmbeddedServer.start({ init: MANY });
  await using db = await connect(server.uri);
  const handedOut = () => db.stats().memory.handedOutBytes;
  await (async () => {
    const table = await (await db.query('SELECT a.i FROM n a, n b WHERE b.i < 50')).table();
    (globalThis as { gc?: () => void }).gc?.();
    await setTimeout(20);
    assert.ok(handedOut() >= 500_000 * 8, `${handedOut()} bytes are handed out`);
    assert.equal(table.numRows, 500_000);
  })();
  await collectUntil(
    () => handedOut() === 0,
    () => `${handedOut()} bytes are handed out`,
  );
});

test('a loop that was left leaves no stream open', async () => {
  await using server = await EmbeddedServer.start({ init: MANY });
  await using db = await connect(server.uri);
  for await (const batch of await db.query('SELECT a.i FROM n a, n b')) {
    assert.ok(batch.numRows > 0);
    break;
  }
  await collectUntil(
    () => db.stats().memory.openStreams === 0,
    () => `${db.stats().memory.openStreams} streams are open`,
  );
});
