#!/usr/bin/env node
// Measures small queries of this package beside those of other Flight SQL clients, in one run, taking turns. See README.md in this folder.
import { main } from './harness/compared.mjs';
import { clients } from './harness/small/clients.mjs';
import { AT_ONCE, readOptions, USAGE } from './harness/small/options.mjs';
import { caseResult } from './harness/small/results.mjs';
import { runClient } from './harness/small/run-client.mjs';
import { notes, table } from './harness/small/table.mjs';
import { missedTargets } from './harness/small/targets.mjs';

function cases({ kinds, atOnce: numbers, queries }) {
  return kinds.flatMap((kind) => numbers.map((atOnce) => plannedCase(kind, atOnce, queries)));
}

function plannedCase(kind, atOnce, queries) {
  const planned = { name: `${kind}/${atOnce}`, kind, atOnce, queries: Math.max(queries, 5 * atOnce) };
  // So many at once are for this package, which has to answer them all; no other is held to it.
  return atOnce === Math.max(...AT_ONCE) ? { ...planned, clients: ['flightsql'] } : { ...planned, hasTarget: true };
}

const heading = ({ kind, atOnce, queries }) =>
  `${kind === 'query' ? 'one-row queries' : 'prepared one-row queries with a parameter'}, ${atOnce} at once, ${queries} a run`;

const bench = { name: 'small-queries', usage: USAGE, clients, cases, runClient, caseResult, heading, table, notes, missedTargets };

main(bench, readOptions(process.argv.slice(2))).catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
