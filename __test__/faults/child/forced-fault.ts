// Forces one fault in this process, and prints what the caller of a query (or an export) saw of it, and whether the client still worked.
// Arguments: port, place of the panic ('allocation' for a refused allocation), what to run ('query', 'normalise', 'export', 'execute').

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlightSQLClient, FlightSQLError } from 'flightsql';
import binding from '#binding';
import { settled } from '../expect/settled.js';
import { GOOD_QUERY } from '../server/good-query.js';

export interface FaultReport {
  readonly code: string | null;
  readonly message: string;
  readonly endpoint: { readonly index: number; readonly location: string | null } | null;
  readonly rowsAfterwards: number;
  readonly filesLeft: readonly string[];
}

interface Hooks {
  __armPanic(place: number): void;
  __failNextAllocation(): void;
}

/** The numbers of `faults::Place`. */
const PLACES: Record<string, number> = { stream: 1, decode: 2, export: 3, call: 4, completion: 5, finalizer: 6 };

const [port, place = '', what = 'query'] = process.argv.slice(2);
const hooks = binding as unknown as Hooks;
const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(port), transport: 'tcp' });
const folder = mkdtempSync(join(tmpdir(), 'flightsql-fault-'));

// Threads and connections are there before the fault.
await goodRows();
if (place === 'finalizer') await finalized();
else arm();
const seen = await outcome();
const rowsAfterwards = await goodRows();
// Twice: that the second query ends as the first shows that nothing stayed broken.
await goodRows();
await settled(client);
const report: FaultReport = { ...seen, rowsAfterwards, filesLeft: readdirSync(folder) };
process.stdout.write(`${JSON.stringify(report)}\n`);
rmSync(folder, { recursive: true });
await client.close();

function arm(): void {
  if (place === 'allocation') hooks.__failNextAllocation();
  else hooks.__armPanic(PLACES[place] ?? Number.NaN);
}

async function outcome(): Promise<Pick<FaultReport, 'code' | 'message' | 'endpoint'>> {
  try {
    if (what === 'export') await client.exportTo(GOOD_QUERY, join(folder, 'out.parquet'));
    else if (what === 'execute') await client.execute(GOOD_QUERY);
    else if (what === 'ipc') await (await client.query(GOOD_QUERY)).toIPC();
    else if (what === 'schema') await (await client.query(GOOD_QUERY)).schema();
    else await (await client.query(what === 'query' ? GOOD_QUERY : what)).table();
    return { code: null, message: '', endpoint: null };
  } catch (error) {
    if (!(error instanceof FlightSQLError)) throw error;
    return { code: error.code, message: error.message, endpoint: error.endpoint };
  }
}

/** A finalizer panics while a table is collected. */
async function finalized(): Promise<void> {
  await (async () => {
    await (await client.query(GOOD_QUERY)).table();
  })();
  arm();
  await settled(client);
}

async function goodRows(): Promise<number> {
  return (await (await client.query(GOOD_QUERY)).table()).numRows;
}
