#!/usr/bin/env node
// Measures ingests of this package beside those of other Flight SQL clients, in one run, taking turns. See README.md in this folder.
import { main } from './harness/compared.mjs';
import { clients } from './harness/ingest/clients.mjs';
import { readOptions, USAGE } from './harness/ingest/options.mjs';
import { caseResult } from './harness/ingest/results.mjs';
import { runClient } from './harness/ingest/run-client.mjs';
import { notes, table } from './harness/ingest/table.mjs';
import { missedTargets } from './harness/ingest/targets.mjs';

function cases({ shapes, rows: sizes, bytes }) {
  return shapes.flatMap((shape) => sizes.map((rows) => ({ name: `${shape}/${rows}`, shape, rows, bytes })));
}

const heading = ({ name, bytes }) => `ingest of ${name}, ${bytes / 1e6} MB a run`;

const bench = { name: 'ingest', usage: USAGE, clients, cases, runClient, caseResult, heading, table, notes, missedTargets };

main(bench, readOptions(process.argv.slice(2))).catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
