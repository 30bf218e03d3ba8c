// Runs one query, then a good one, sees to it that their memory is given back, and prints how both ended and the most that there ever was.
// Arguments: port, query, how to consume it ('loop', 'ipc', 'parquet').

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlightSQLClient, FlightSQLError } from 'flightsql';
import { settled } from '../expect/settled.js';
import { GOOD_QUERY } from '../server/good-query.js';

export interface QueryReport {
  readonly code: string | null;
  readonly message: string;
  readonly batches: number;
  readonly rowsAfterwards: number;
  /** bytes */
  readonly growth: number;
  /** ms */
  readonly took: number;
}

const [port, query = '', how = 'loop'] = process.argv.slice(2);
const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(port), transport: 'tcp' });

// What any query costs is not this one's.
await goodRows();
const before = peakBytes();
const began = performance.now();
const ended = await consumed();
const took = performance.now() - began;
const growth = peakBytes() - before;
const report: QueryReport = { ...ended, took, growth, rowsAfterwards: await goodRows() };
await settled(client);
process.stdout.write(`${JSON.stringify(report)}\n`);
await client.close();

async function consumed(): Promise<{ code: string | null; message: string; batches: number }> {
  let batches = 0;
  try {
    if (how === 'parquet') {
      const controller = new AbortController();
      const file = join(tmpdir(), `flightsql-faults-${process.pid}.parquet`);
      await client.exportTo(query, file, {
        signal: controller.signal,
        onProgress: ({ rows }) => rows > 0 && controller.abort(new Error('enough')),
      });
    } else if (how === 'ticket') {
      for await (const _chunk of client.doGet(Buffer.from(query))) {
        // Long enough for whoever reads ahead without a bound.
        if (batches === 0) await new Promise((resolve) => setTimeout(resolve, 1500));
        batches += 1;
      }
    } else if (how === 'ipc') await (await client.query(query)).toIPC();
    else for await (const _batch of await client.query(query)) batches += 1;
    return { code: null, message: '', batches };
  } catch (error) {
    const code = error instanceof FlightSQLError ? error.code : String((error as Error).name);
    return { code, message: String((error as Error).message), batches };
  }
}

async function goodRows(): Promise<number> {
  if (how === 'ticket') return (await client.doGet(Buffer.from(GOOD_QUERY)).readAll()).numRows;
  return (await (await client.query(GOOD_QUERY)).table()).numRows;
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
