// Reads queries in this process, and prints what they held and what was copied for it. Arguments: port, queries.

import { tableFromIPC } from 'apache-arrow';
import { FlightSQLClient } from 'flightsql';
import { settled } from '../expect/settled.js';

export interface CopyReport {
  /** Of each query how many rows there were, and the first and the last of them, as text. */
  readonly read: Readonly<Record<string, readonly [count: number, first: readonly string[], last: readonly string[]]>>;
  /** Of each query how many rows `toIPC()` had. */
  readonly ipcRows: readonly number[];
  /** Bytes of what was read as rows. */
  readonly received: number;
  readonly copied: number;
  readonly handedOut: number;
}

const [port, ...queries] = process.argv.slice(2);
const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(port), transport: 'tcp' });
const read: Record<string, CopyReport['read'][string]> = {};
for (const query of queries) {
  const rows: string[][] = [];
  for await (const row of (await client.query(query)).rows({ rowMode: 'array' })) rows.push(row.map(String));
  read[query] = [rows.length, rows[0] ?? [], rows.at(-1) ?? []];
}
const received = client.stats().memory.receivedBodyBytes;
const ipcRows: number[] = [];
for (const query of queries) ipcRows.push(tableFromIPC(await (await client.query(query)).toIPC()).numRows);
await settled(client);
const { copiedBodyBytes: copied, handedOutBytes: handedOut } = client.stats().memory;
const report: CopyReport = { read, ipcRows, received, copied, handedOut };
process.stdout.write(`${JSON.stringify(report)}\n`);
await client.close();
