// Results whose parts expire while they wait to be read: the embedded server keeps them for a second.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { tableFromIPC } from 'apache-arrow';
import { connect } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { temporaryFolder } from '../temporary-folder.js';

const server = await EmbeddedServer.start({ endpoints: 5, batchRows: 40, keptFor: 1000 });
after(() => server.stop());
const client = await connect(server.uri);
after(() => client.close());

const ROWS = 1000;
const NUMBERS = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT i FROM n`;
const ALL = Array.from({ length: ROWS }, (_, at) => at + 1);

const numbersOf = (column: Iterable<unknown> | null) => Array.from(column ?? [], Number);

for (const concurrency of [1, 2]) {
  test(`a slow consumer reads every row, in order, of endpoints that expire before their turn: ${concurrency} at a time`, async () => {
    const seen: number[] = [];
    const began = performance.now();
    for await (const batch of await client.query(NUMBERS, null, { concurrency })) {
      seen.push(...numbersOf(batch.getChild('i')));
      await delay(150);
    }
    assert.deepEqual(seen, ALL);
    assert(performance.now() - began > 3000, 'three times as long as the parts are kept');
  });
}

test('unordered, a slow consumer reads every row once', async () => {
  const seen: number[] = [];
  const headers = { 'x-flightsql-ordered': 'false' };
  for await (const batch of await client.query(NUMBERS, null, { headers, ordered: false, concurrency: 2 })) {
    seen.push(...numbersOf(batch.getChild('i')));
    await delay(100);
  }
  assert.notDeepEqual(seen, ALL, 'two endpoints took turns');
  assert.deepEqual(
    seen.sort((one, other) => one - other),
    ALL,
  );
});

test('with renew: false the server says that the part is gone', async () => {
  const reading = async () => {
    for await (const _batch of await client.query(NUMBERS, null, { concurrency: 1, renew: false })) await delay(300);
  };
  await assert.rejects(reading(), { code: 'NOT_FOUND', endpoint: { index: 1, location: null } });
});

test('an endpoint that was kept aside is good as long as its time is, and no longer', async () => {
  const [endpoint] = (await client.execute(NUMBERS)).endpoints;
  assert(endpoint?.expirationTime instanceof Date);
  const read = client.doGet(endpoint);
  await delay(2500);
  assert.equal((await read.readAll()).numRows, ROWS / 5, 'what is being read lasts');
  await assert.rejects(client.doGet(endpoint).readAll(), { code: 'NOT_FOUND' });
});

test('table(), toIPC() and exportTo() have every row', async () => {
  const options = { concurrency: 1 };
  assert.deepEqual(numbersOf((await (await client.query(NUMBERS, null, options)).table()).getChild('i')), ALL);
  assert.deepEqual(numbersOf(tableFromIPC(await (await client.query(NUMBERS, null, options)).toIPC()).getChild('i')), ALL);
  assert.equal((await client.exportTo(NUMBERS, join(temporaryFolder(), 'out.parquet'), options)).rows, BigInt(ROWS));
});
