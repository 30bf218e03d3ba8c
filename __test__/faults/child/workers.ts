// Starts workers that use the addon, ends them in the midst of it, and shows that this thread's client still works.
// Arguments: port, what the workers do, rounds.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { FlightSQLClient } from 'flightsql';
import { settled } from '../expect/settled.js';

const [port, how = 'loop', rounds = '5'] = process.argv.slice(2);
const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(port), transport: 'tcp' });
const file = new URL('worker-reader.mjs', import.meta.url);

await goodRows();
for (let round = 0; round < Number(rounds); round++) {
  const workers = [1, 2].map(() => new Worker(file, { workerData: { port: Number(port), query: 'long', how } }));
  const exits = workers.map((worker) => once(worker, 'exit'));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  if (how !== 'idle' && how !== 'to the end') for (const worker of workers) void worker.terminate();
  await Promise.all(exits);
}
const rows = await goodRows();
await settled(client);
process.stdout.write(`${JSON.stringify({ rows })}\n`);
await client.close();

async function goodRows(): Promise<number> {
  return (await (await client.query('good')).table()).numRows;
}
