import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { clients } from './clients.mjs';
import { compare, summarise } from './statistics.mjs';

/** The clients that the others' figures are put in relation to. */
export const YARDSTICKS = ['pyarrow', 'adbc'];

/** What is kept of a case: per client its runs, its figures, its ratios, or a note on why it has none. */
export function caseResult(measuredCase, runsByClient, missing) {
  const results = {};
  for (const name of Object.keys(clients)) {
    if (missing[name] !== undefined) results[name] = { note: `not available: ${missing[name]}`, failed: false };
    const runs = runsByClient[name];
    if (runs === undefined) continue;
    const against = Object.fromEntries(YARDSTICKS.map((other) => [other, compare(runs, runsByClient[other] ?? [])]));
    results[name] = { summary: summarise(runs), against, ...noteOn(runs), runs };
  }
  return { ...measuredCase, clients: results };
}

export function noteOn(runs) {
  for (const [round, run] of runs.entries()) {
    if (run?.failure !== undefined) return { note: `failed in round ${round + 1}: ${run.failure}`, failed: true };
    if (run?.unavailable !== undefined) return { note: `cannot: ${run.unavailable}`, failed: false };
  }
  return { note: null, failed: false };
}

export function writeResults(file, results) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}

export function readResults(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
