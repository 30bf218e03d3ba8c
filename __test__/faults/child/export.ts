// Exports one query, and prints what was written and the most memory that the process ever had. Arguments: URI, query, file.

import { connect } from 'flightsql';
import { settled } from '../expect/settled.js';

export interface ExportReport {
  readonly rows: string;
  readonly bytes: string;
  readonly rowGroups: number;
  /** Bodies of record batches that were received, bytes. */
  readonly received: number;
  /** Resident memory before the export, and at its most, bytes. */
  readonly before: number;
  readonly peak: number;
}

const [uri = '', query = '', file = ''] = process.argv.slice(2);
const client = await connect(uri);
const before = process.memoryUsage.rss();
const { rows, bytes, rowGroups } = await client.exportTo(query, file);
const peak = process.resourceUsage().maxRSS * 1024;
const received = client.stats().memory.receivedBodyBytes;
await settled(client);
const report: ExportReport = { rows: String(rows), bytes: String(bytes), rowGroups, received, before, peak };
process.stdout.write(`${JSON.stringify(report)}\n`);
await client.close();
