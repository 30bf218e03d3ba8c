// A connection lost at every byte of a small answer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightSQLError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { settled } from './expect/settled.js';
import { CuttingProxy } from './server/cutting-proxy.js';
import { startEvilServer } from './server/evil-server.js';

const server = await startEvilServer();
const proxy = await CuttingProxy.start(server);
const client = clientOf(proxy);

const CODES = ['CONNECTION_LOST', 'CONNECTION_FAILED', 'STREAM_RESET', 'UNAVAILABLE'];

async function readOnce(): Promise<{ rows: number; error: FlightSQLError | null }> {
  let rows = 0;
  try {
    for await (const { batch } of client.doGet(Buffer.from('good'), { timeout: 10_000 })) rows += batch?.numRows ?? 0;
    return { rows, error: null };
  } catch (error) {
    assert(error instanceof FlightSQLError, String(error));
    return { rows, error };
  }
}

for (const cut of ['close', 'reset'] as const) {
  test(`a connection that is cut (${cut}) at any byte: an error, or every row`, async () => {
    proxy.cut = cut;
    proxy.limit = Number.POSITIVE_INFINITY;
    assert.deepEqual(await readOnce(), { rows: 4, error: null });
    const total = proxy.passed;
    assert(total > 300, 'the answer went through the proxy');
    let failures = 0;
    for (let limit = 0; limit < total; limit++) {
      proxy.drop();
      proxy.limit = limit;
      const { rows, error } = await readOnce();
      if (error === null) {
        assert.equal(rows, 4, `cut after ${limit} bytes of ${total}: a short result looks whole`);
        continue;
      }
      failures += 1;
      assert(CODES.includes(error.code), `cut after ${limit} bytes of ${total}: ${error.code}: ${error.message}`);
      assert.equal(error.retryable, true);
      assert.deepEqual(error.endpoint, { index: 0, location: null });
      assert.equal(error.progress?.rows, rows, `cut after ${limit} bytes of ${total}`);
    }
    // What the server sends last (its answers to SETTINGS and PING) is not needed.
    assert(failures > total / 2, `${failures} of ${total} cuts failed`);
    proxy.drop();
    proxy.limit = Number.POSITIVE_INFINITY;
    await settled(client);
    assert.deepEqual(await readOnce(), { rows: 4, error: null });
  });
}

async function executeOnce(): Promise<FlightSQLError | null> {
  try {
    const { endpoints } = await client.execute('good', { timeout: 10_000 });
    assert.deepEqual(
      endpoints.map(({ ticket }) => String(ticket && Buffer.from(ticket))),
      ['good'],
      'a short answer looks whole',
    );
    return null;
  } catch (error) {
    assert(error instanceof FlightSQLError, String(error));
    return error;
  }
}

for (const cut of ['close', 'reset'] as const) {
  test(`execute() over a connection that is cut (${cut}) at any byte: an error, or the whole answer`, async () => {
    proxy.cut = cut;
    proxy.limit = Number.POSITIVE_INFINITY;
    proxy.drop();
    assert.equal(await executeOnce(), null);
    const total = proxy.passed;
    assert(total > 100, 'the answer went through the proxy');
    let failures = 0;
    for (let limit = 0; limit < total; limit++) {
      proxy.drop();
      proxy.limit = limit;
      const error = await executeOnce();
      if (error === null) continue;
      failures += 1;
      assert(CODES.includes(error.code), `cut after ${limit} bytes of ${total}: ${error.code}: ${error.message}`);
      assert.deepEqual([error.retryable, error.grpcCode, error.endpoint], [true, null, null], `cut after ${limit} bytes of ${total}`);
    }
    assert(failures > total / 2, `${failures} of ${total} cuts failed`);
    proxy.drop();
    proxy.limit = Number.POSITIVE_INFINITY;
    assert.equal(await executeOnce(), null);
  });
}

test('a connection lost while queries are on their way: each fails or has every row', async () => {
  proxy.cut = 'reset';
  for (let round = 0; round < 20; round++) {
    proxy.limit = 50 + round * 40;
    const outcomes = await Promise.all(Array.from({ length: 8 }, readOnce));
    for (const { rows, error } of outcomes) if (error === null) assert.equal(rows, 4);
    proxy.drop();
  }
  proxy.limit = Number.POSITIVE_INFINITY;
  await settled(client);
  assert.deepEqual(await readOnce(), { rows: 4, error: null });
});
