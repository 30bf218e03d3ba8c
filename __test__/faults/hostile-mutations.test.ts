// Streams damaged at random, by a seed: each ends as a result or as an error, and never as anything else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MutationReport } from './child/mutations.js';
import { runChild } from './child/run-child.js';

const EACH = Number(process.env['FLIGHTSQL_MUTATIONS'] ?? 1500);
/** A new one with every run finds more than the same one again; give the one that failed to see it again. */
const SEEDS = process.env['FLIGHTSQL_SEED'] === undefined ? [1, 2, Date.now() % 2 ** 31] : [Number(process.env['FLIGHTSQL_SEED'])];

for (const seed of SEEDS) {
  test(`${EACH} damaged streams`, async (context) => {
    context.diagnostic(`seed ${seed}: run again with FLIGHTSQL_SEED=${seed}`);
    const { code, signal, stdout, stderr } = await runChild('mutations.ts', [String(seed), String(EACH)], { limit: 120_000 });
    const ending = stderr.split('\n').slice(-30).join('\n');
    assert.deepEqual([code, signal], [0, null], `seed ${seed}: the process died or hung; the last streams that it was sent:\n${ending}`);
    const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as MutationReport;
    assert.deepEqual(report.defects, [], `seed ${seed}`);
    assert((report.codes['INVALID_DATA'] ?? 0) > EACH / 10 && (report.codes['read'] ?? 0) > EACH / 20, JSON.stringify(report.codes));
  });
}
