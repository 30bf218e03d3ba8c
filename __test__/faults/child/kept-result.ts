// Reads a result into a Table and prints what V8 counted of its memory, MiB. Arguments: port, query, and
// `beside` to keep another Table meanwhile.

import { FlightSQLClient } from 'flightsql';
import { settled } from '../expect/settled.js';
import { countedMiB } from './fault-hooks.js';

export interface KeptReport {
  /** Rows of the Table, or the code of the error. */
  readonly outcome: number | string;
  /** At most, while it was read. */
  readonly growing: number;
  /** Once it was read. */
  readonly read: number;
  /** Once it was let go. */
  readonly left: number;
}

const [port, query = '', beside] = process.argv.slice(2);
const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(port), transport: 'tcp' });
await client.connect();
let other = beside === 'beside' ? await (await client.query(query)).table() : null;
if (other === null) await settled(client);
const before = countedMiB();

async function read(): Promise<Omit<KeptReport, 'left'>> {
  let growing = 0;
  const watch = setInterval(() => {
    growing = Math.max(growing, countedMiB() - before);
  }, 1);
  try {
    const table = await (await client.query(query)).table();
    return { outcome: table.numRows, growing, read: countedMiB() - before };
  } catch (error) {
    return { outcome: (error as { code: string }).code, growing, read: countedMiB() - before };
  } finally {
    clearInterval(watch);
  }
}

const report = await read();
// Used to here, so that it was kept.
if (other?.numRows === 0) throw new Error('the other Table is empty');
other = null;
await settled(client);
// V8 takes what its collector found free out of its count at the beginning of the next collection.
global.gc?.();
const whole: KeptReport = { ...report, left: countedMiB() - before };
await client.close();
console.log(JSON.stringify(whole));
