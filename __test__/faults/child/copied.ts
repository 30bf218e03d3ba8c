// Reads good queries in this process, and prints what they held and what was copied for it. Argument: port.

import { tableFromIPC } from 'apache-arrow';
import { FlightSQLClient } from 'flightsql';
import { settled } from '../expect/settled.js';
import { GOOD_QUERY } from '../server/good-query.js';

export interface CopyReport {
  readonly rows: readonly (readonly [string, string])[];
  readonly ipcRows: number;
  readonly received: number;
  readonly copied: number;
  readonly handedOut: number;
}

const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(process.argv[2]), transport: 'tcp' });
const rows: [string, string][] = [];
for await (const { number, word } of (await client.query(GOOD_QUERY)).rows()) rows.push([String(number), String(word)]);
const ipcRows = tableFromIPC(await (await client.query(GOOD_QUERY)).toIPC()).numRows;
await settled(client);
const { receivedBodyBytes: received, copiedBodyBytes: copied, handedOutBytes: handedOut } = client.stats().memory;
const report: CopyReport = { rows, ipcRows, received, copied, handedOut };
process.stdout.write(`${JSON.stringify(report)}\n`);
await client.close();
