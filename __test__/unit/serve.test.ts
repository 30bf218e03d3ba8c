import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '../../src-ts/connect.js';

const MAIN = fileURLToPath(new URL('../../src-ts/cli/main.ts', import.meta.url));

interface Serving {
  readonly child: ChildProcess;
  readonly uri: string;
}

/** Starts `flightsql serve`, and waits for the URI that it prints. */
async function serving(...args: string[]): Promise<Serving> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'serve', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [uri] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line')) as [string];
  return { child, uri };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exit) as [number | null];
  return code;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`serve prints its URI, serves, and ends cleanly on ${signal}`, async () => {
    const { child, uri } = await serving('--init-sql', 'CREATE TABLE t AS SELECT 7 AS x');
    await using db = await connect(uri);
    assert.equal((await (await db.query('SELECT x FROM t')).table()).numRows, 1);
    assert.equal(await ended(child, signal), 0);
  });
}

test('serve takes SQL, password and token from files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flightsql-serve-'));
  const files = { init: join(folder, 'init.sql'), password: join(folder, 'password'), token: join(folder, 'token') };
  await writeFile(files.init, 'CREATE TABLE t AS SELECT 1 AS x;\nINSERT INTO t VALUES (2);\n');
  await writeFile(files.password, 'pw\n');
  await writeFile(files.token, 'secret\n');
  const { child, uri } = await serving(
    '--init',
    files.init,
    '--user',
    'me',
    '--password-file',
    files.password,
    '--token-file',
    files.token,
  );
  try {
    for (const credentials of [{ user: 'me', password: 'pw' }, { token: 'secret' }]) {
      await using db = await connect(uri, credentials);
      assert.equal((await (await db.query('SELECT x FROM t')).table()).numRows, 2);
    }
    await assert.rejects(
      connect(uri, { token: 'no' }).then((db) => db.execute('SELECT 1')),
      { code: 'UNAUTHENTICATED' },
    );
  } finally {
    await ended(child, 'SIGTERM');
    await rm(folder, { recursive: true });
  }
});
