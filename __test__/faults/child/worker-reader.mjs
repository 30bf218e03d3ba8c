// Runs in a worker: reads a stream as told, and tells its parent of each batch.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { FlightSQLClient } from 'flightsql';

const { port, query, how } = workerData;
const client = new FlightSQLClient({ host: '127.0.0.1', port, transport: 'tcp' });
const kept = [];

if (how === 'idle') await (await client.query('good')).table();
else if (how === 'export')
  void client.exportTo(query, join(mkdtempSync(join(tmpdir(), 'flightsql-worker-')), 'never.parquet')).catch(() => {});
else {
  const result = await client.query(query);
  await result.schema();
  if (how === 'pending') void result.table().catch(() => {});
  if (how === 'unread') kept.push(result);
  if (how === 'to the end') {
    for await (const batch of result) kept.push(batch);
  }
  if (how === 'loop') {
    for await (const batch of result) {
      kept.push(batch);
      parentPort.postMessage({ batches: kept.length });
    }
  }
}
parentPort.postMessage('ready');
