// Reads one long stream, batch by batch, and prints how memory went. Arguments: port, query, batches in all.

import { FlightSQLClient } from 'flightsql';
import { settled } from '../expect/settled.js';

export interface LongReport {
  readonly batches: number;
  readonly bytes: number;
  /** Resident memory at its most after the first tenth of the stream, bytes. */
  readonly peak: number;
  /** And after the first tenth. */
  readonly early: number;
  readonly mostHandedOut: number;
  readonly seconds: number;
}

const [port, query = ''] = process.argv.slice(2);
const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(port), transport: 'tcp' });
const total = Number(process.argv[4]);
const began = performance.now();
let [batches, early, peak, mostHandedOut] = [0, 0, 0, 0];
await (async () => {
  for await (const batch of await client.query(query)) {
    batches += 1;
    // Values are looked at, as a consumer would.
    if (batch.getChildAt(0)?.get(batch.numRows - 1) === undefined) throw new Error('a value is missing');
    if (batches % 16 !== 0) continue;
    const { memory } = client.stats();
    mostHandedOut = Math.max(mostHandedOut, memory.handedOutBytes);
    const rss = process.memoryUsage.rss();
    if (batches < total / 10) early = Math.max(early, rss);
    else peak = Math.max(peak, rss);
  }
})();
const seconds = (performance.now() - began) / 1000;
const bytes = client.stats().memory.receivedBodyBytes;
await settled(client);
const report: LongReport = { batches, bytes, early, peak, mostHandedOut, seconds };
process.stdout.write(`${JSON.stringify(report)}\n`);
await client.close();
