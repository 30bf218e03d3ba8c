// Reads one long stream, batch by batch, and prints how memory went. Arguments: port, query, batches in all.

import { FlightSQLClient } from 'flightsql';
import { settled } from '../expect/settled.js';

export interface LongReport {
  readonly batches: number;
  readonly bytes: number;
  /** Resident memory at its most within the second tenth of the stream, bytes. */
  readonly early: number;
  /** And after that. */
  readonly peak: number;
  readonly mostHandedOut: number;
  readonly seconds: number;
}

const [port, query = ''] = process.argv.slice(2);
const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(port), transport: 'tcp' });
const total = Number(process.argv[4]);
/** Often enough for every turn of the collector, and no more than that. */
const every = Math.max(1, Math.floor(total / 2000));
const began = performance.now();
let [batches, early, peak, mostHandedOut] = [0, 0, 0, 0];
await (async () => {
  for await (const batch of await client.query(query)) {
    batches += 1;
    // Values are looked at, as a consumer would.
    if (batch.getChildAt(0)?.get(batch.numRows - 1) === undefined) throw new Error('a value is missing');
    if (batches % every !== 0 || batches < total / 10) continue;
    const { memory } = client.stats();
    mostHandedOut = Math.max(mostHandedOut, memory.handedOutBytes);
    const rss = process.memoryUsage.rss();
    if (batches < total / 5) early = Math.max(early, rss);
    else peak = Math.max(peak, rss);
  }
})();
const seconds = (performance.now() - began) / 1000;
const bytes = client.stats().memory.receivedBodyBytes;
await settled(client);
const report: LongReport = { batches, bytes, early, peak, mostHandedOut, seconds };
process.stdout.write(`${JSON.stringify(report)}\n`);
await client.close();
