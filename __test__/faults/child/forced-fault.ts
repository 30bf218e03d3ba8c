// Forces faults in this process, one for each line of its input up to an empty one, and prints what the caller of a query (or an export) saw
// of it, and whether the client still worked. Argument: port.

import { once } from 'node:events';
import { type FSWatcher, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FlightSQLClient, FlightSQLError, type QueryResult } from 'flightsql';
import { eventually, settled } from '../expect/settled.js';
import { GOOD_QUERY } from '../server/good-query.js';
import { arm, disarm, type Fault, isArmed } from './fault-hooks.js';

export interface FaultCase {
  readonly fault: Fault;
  /** What runs meanwhile. */
  readonly what: keyof typeof WAYS;
  /** Default the good one. */
  readonly query?: string;
}

/** What an error says of itself. */
export interface SeenFailure {
  readonly code: string;
  readonly message: string;
  readonly endpoint: { readonly index: number; readonly location: string | null } | null;
  readonly progress: { readonly batches: number; readonly rows: number } | null;
}

export interface FaultReport {
  readonly failure: SeenFailure | null;
  /** Whether the fault happened. */
  readonly fired: boolean;
  /** Batches that were delivered before the failure. */
  readonly batches: number;
  /** Whether a second read failed as the first. */
  readonly failedAgain: boolean | null;
  readonly rowsAfterwards: number;
  /** Names that the folder of the export ever had in it. */
  readonly filesSeen: readonly string[];
  readonly filesLeft: readonly string[];
}

interface Run {
  readonly client: FlightSQLClient;
  readonly query: string;
  readonly file: string;
  arm(): void;
  batches: number;
  failedAgain: boolean | null;
}

/** Each arms the fault when its time has come. */
const WAYS = {
  query: async ({ client, query, arm }) => {
    arm();
    await (await client.query(query)).table();
  },
  execute: async ({ client, query, arm }) => {
    arm();
    await client.execute(query);
  },
  export: async ({ client, query, file, arm }) => {
    arm();
    await client.exportTo(query, file);
  },
  ipc: async ({ client, query, arm }) => {
    arm();
    await (await client.query(query)).toIPC();
  },
  'table() of a result': async ({ client, query, arm }) => {
    const result = await client.query(query);
    arm();
    await result.table();
  },
  'toIPC() of a result': async ({ client, query, arm }) => {
    const result = await client.query(query);
    arm();
    await result.toIPC();
  },
  'schema() of a result': async (run) => {
    const result = await run.client.query(run.query);
    run.arm();
    await readTwice(run, () => result.schema());
  },
  // Messages are received from the moment that there is a result: a fault that counts them is armed before it.
  'loop over a query': async (run) => {
    run.arm();
    await loop(run, await run.client.query(run.query));
  },
  'loop over a result': async (run) => {
    const result = await run.client.query(run.query);
    run.arm();
    await loop(run, result);
  },
  'collected table': async ({ client, query, arm }) => {
    await (await client.query(query)).table();
    arm();
    await eventually(client, 'the finalizer', () => !isArmed());
  },
  'collected IPC bytes': async ({ client, query, arm }) => {
    await (await client.query(query)).toIPC();
    arm();
    await eventually(client, 'the finalizer', () => !isArmed());
  },
} satisfies Record<string, (run: Run) => Promise<void>>;

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') break;
  process.stdout.write(`${JSON.stringify(await reportOf(JSON.parse(line) as FaultCase))}\n`);
}
// The pipe stays open on the other side, and would keep this process.
process.stdin.destroy();

async function reportOf({ fault, what, query = GOOD_QUERY }: FaultCase): Promise<FaultReport> {
  const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(process.argv[2]), transport: 'tcp' });
  const folder = mkdtempSync(join(tmpdir(), 'flightsql-fault-'));
  const filesSeen = new Set<string>();
  const watcher = watch(folder, (_event, name) => filesSeen.add(String(name)));
  const run: Run = { client, query, file: join(folder, 'out.parquet'), arm: () => arm(fault), batches: 0, failedAgain: null };
  // Threads and connections are there before the fault, unless it is in the making of those.
  if (fault.at !== 'connector') await goodRows(client);
  const failure = await failureOf(() => WAYS[what](run));
  const fired = !isArmed();
  disarm();
  const rowsAfterwards = await goodRows(client);
  // Twice: that the second query ends as the first shows that nothing stayed broken.
  await goodRows(client);
  await settled(client);
  await withoutParts(folder, watcher);
  const filesLeft = readdirSync(folder);
  watcher.close();
  rmSync(folder, { recursive: true });
  await client.close();
  const { batches, failedAgain } = run;
  return { failure, fired, batches, failedAgain, rowsAfterwards, filesSeen: [...filesSeen], filesLeft };
}

async function loop(run: Run, result: QueryResult): Promise<void> {
  const reading = result[Symbol.asyncIterator]();
  await readTwice(run, async () => {
    for (let next = await reading.next(); !next.done; next = await reading.next()) run.batches += 1;
  });
}

async function failureOf(attempt: () => Promise<void>): Promise<SeenFailure | null> {
  try {
    await attempt();
    return null;
  } catch (error) {
    if (!(error instanceof FlightSQLError)) throw error;
    const { code, message, endpoint, progress } = error;
    return { code, message, endpoint, progress };
  }
}

/** Reads on after the failure, which must not look like an end. */
async function readTwice(run: Run, read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (error) {
    run.failedAgain = await read().then(
      () => false,
      (repeated) => repeated === error,
    );
    throw error;
  }
}

/** Resolves once no export writes any more: one whose answer was lost ends by itself. */
async function withoutParts(folder: string, watcher: FSWatcher): Promise<void> {
  while (readdirSync(folder).some((name) => name.endsWith('.part'))) await once(watcher, 'change');
}

async function goodRows(client: FlightSQLClient): Promise<number> {
  return (await (await client.query(GOOD_QUERY)).table()).numRows;
}
