// The demo: a server with a shop's data in this process, queries to Tables, a stream, and an export to Parquet that is read back.
//
// npm run demo [-- --orders 2000000]

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, type FlightSQLClient } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { shopOf } from './data-set.js';
import { Meter } from './meter.js';
import { differences, TOTALS_SQL, type Totals, totalsOfFile } from './parquet-check.js';
import { count, heading, line, megabytes, ProgressLine } from './report.js';

const { values } = parseArgs({ options: { orders: { type: 'string', default: '2000000' } } });
const orders = Number(values.orders);
if (!Number.isInteger(orders) || orders < 10) throw new Error(`--orders must be a whole number, 10 or more, not '${values.orders}'`);

heading(`A Flight SQL server in this process, with ${count(orders)} orders`);
const began = performance.now();
const server = await EmbeddedServer.start({ init: shopOf(orders) });
line(`${server.uri}, filled in ${seconds(began)}`);

const folder = await mkdtemp(join(tmpdir(), 'flightsql-demo-'));
const db = await connect(server.uri);
try {
  await showTables(db);
  await queryToTable(db);
  await wholeTable(db);
  await stream(db);
  await exportAndCheck(db, join(folder, 'orders.parquet'));
} finally {
  await db.close();
  await server.stop();
  await rm(folder, { recursive: true });
}
heading(
  'Done. The server computes every row as it is asked for, so that these figures are mostly its own: npm run bench measures the client.',
);

async function showTables(db: FlightSQLClient): Promise<void> {
  for (const table of ['customers', 'products', 'orders', 'readings']) {
    const result = await db.query(`SELECT count(*) AS row_count FROM ${table}`);
    for await (const { row_count } of result.rows()) line(`${table.padEnd(10)} ${count(row_count as bigint).padStart(12)} rows`);
  }
}

async function queryToTable(db: FlightSQLClient): Promise<void> {
  heading('A query to an apache-arrow Table: sales by country');
  const result = await db.query(`
    SELECT c.country, count(*) AS orders, sum(o.quantity) AS pieces
    FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY c.country ORDER BY orders DESC, c.country`);
  const table = await result.table();
  line(`schema: ${table.schema}`);
  for (const row of table.toArray().slice(0, 5)) {
    line(`${row.country}  ${count(row.orders).padStart(9)} orders  ${count(row.pieces).padStart(9)} pieces`);
  }
}

async function wholeTable(db: FlightSQLClient): Promise<void> {
  heading('All orders as one Table, whose columns are views on the memory that they were received into');
  const meter = new Meter(db);
  const table = await (await db.query('SELECT * FROM orders')).table();
  line(meter.read(table.numRows));
  line(`${table.numCols} columns in ${count(table.batches.length)} batches`);
  heading('Its first rows, as rows() gives them: 64-bit integers as bigint, decimals and timestamps as exact text');
  const first = await db.query('SELECT * FROM orders LIMIT 3');
  for await (const row of first.rows()) console.log(row);
}

async function stream(db: FlightSQLClient): Promise<void> {
  heading('The readings as a stream, batch by batch, with for await');
  const meter = new Meter(db);
  const result = await db.query('SELECT sensor, at, celsius FROM readings');
  let [rows, nulls, sum] = [0, 0, 0];
  for await (const batch of result) {
    const celsius = batch.getChild('celsius');
    for (const value of celsius ?? []) if (value !== null) sum += value;
    nulls += celsius?.nullCount ?? 0;
    rows += batch.numRows;
  }
  line(meter.read(rows));
  line(`mean temperature ${(sum / (rows - nulls)).toFixed(3)} °C over ${count(rows - nulls)} readings, ${count(nulls)} are null`);
}

async function exportAndCheck(db: FlightSQLClient, file: string): Promise<void> {
  heading('An export to Parquet, encoded in Rust: no row enters JavaScript');
  const progress = new ProgressLine();
  const started = performance.now();
  const written = await db.exportTo('SELECT * FROM orders', file, {
    compression: 'zstd',
    rowGroupRows: 250_000,
    onProgress: ({ rows, bytes }) => progress.show(`${count(rows)} of ${count(orders)} rows, ${megabytes(bytes)}`),
  });
  progress.clear();
  line(`${count(written.rows)} rows, ${megabytes(Number(written.bytes))}, row groups: ${written.rowGroups}, ${seconds(started)}`);

  heading('The file, read back with another Parquet reader and compared with the database');
  const [inFile, inDatabase] = [await totalsOfFile(file), await totalsOfDatabase(db)];
  const differing = differences(inFile, inDatabase);
  if (differing.length > 0) throw new Error(`the file differs from the database: ${differing.join('; ')}`);
  line(`${count(inFile.rows)} rows, and equal sums of ids, amounts, times and notes`);
}

async function totalsOfDatabase(db: FlightSQLClient): Promise<Totals> {
  const result = await db.query(TOTALS_SQL);
  for await (const row of result.rows()) {
    const total = (name: string) => (row[name] ?? 0n) as bigint;
    return {
      rows: Number(total('row_count')),
      ids: total('ids'),
      cents: total('cents'),
      seconds: total('seconds'),
      notes: Number(total('notes')),
      letters: Number(total('letters')),
    };
  }
  throw new Error('the database returned no totals');
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
