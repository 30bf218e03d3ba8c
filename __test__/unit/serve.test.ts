import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../../src-ts/connect.js';
import { ended, serving } from '../servers/flightsql-serve.js';
import { temporaryFolder } from '../temporary-folder.js';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`serve prints its URI, serves, and ends cleanly on ${signal}`, async () => {
    const { child, uri } = await serving('--init-sql', 'CREATE TABLE t AS SELECT 7 AS x');
    await using db = await connect(uri);
    assert.equal((await (await db.query('SELECT x FROM t')).table()).numRows, 1);
    assert.equal(await ended(child, signal), 0);
  });
}

test('serve takes SQL, password and token from files', async () => {
  const folder = temporaryFolder();
  const files = { init: join(folder, 'init.sql'), password: join(folder, 'password'), token: join(folder, 'token') };
  await writeFile(files.init, 'CREATE TABLE t AS SELECT 1 AS x;\nINSERT INTO t VALUES (2);\n');
  await writeFile(files.password, 'pw\n');
  await writeFile(files.token, 'secret\n');
  const { uri } = await serving('--init', files.init, '--user', 'me', '--password-file', files.password, '--token-file', files.token);
  for (const credentials of [{ user: 'me', password: 'pw' }, { token: 'secret' }]) {
    await using db = await connect(uri, credentials);
    assert.equal((await (await db.query('SELECT x FROM t')).table()).numRows, 2);
  }
  await assert.rejects(
    connect(uri, { token: 'no' }).then((db) => db.execute('SELECT 1')),
    { code: 'UNAUTHENTICATED' },
  );
});

test('serve keeps to the limits that it is given', async () => {
  const { uri } = await serving('--max-transactions', '1', '--max-prepared-statements', '0', '--max-message-bytes', '100000');
  await using db = await connect(uri);
  const transaction = await db.beginTransaction();
  await assert.rejects(db.beginTransaction(), { code: 'RESOURCE_EXHAUSTED' });
  await transaction.rollback();
  await assert.rejects(db.prepare('SELECT 1'), { code: 'RESOURCE_EXHAUSTED' });
});
