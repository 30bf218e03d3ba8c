import { noteOn } from '../results.mjs';
import { median } from '../statistics.mjs';
import { clients, YARDSTICK } from './clients.mjs';

const isMeasured = (run) => run?.medianMs !== undefined;

/** What is kept of a case: per client its runs, its figures, and how this package compares, or a note on why it has none. */
export function caseResult(measuredCase, runsByClient, missing) {
  const results = {};
  for (const name of Object.keys(clients)) {
    if (missing[name] !== undefined) results[name] = { note: `not available: ${missing[name]}`, failed: false };
    const runs = runsByClient[name];
    if (runs === undefined) continue;
    const aboveYardstickMs = difference(runs, runsByClient[YARDSTICK] ?? []);
    results[name] = { summary: summarise(runs), aboveYardstickMs, ...noteOn(runs), runs };
  }
  return { ...measuredCase, clients: results };
}

/** The median over the rounds of how far a client's median is above another's in the same round; `null` where no round has both. */
function difference(runs, others) {
  const pairs = runs.map((run, round) => [run, others[round]]).filter((pair) => pair.every(isMeasured));
  return median(pairs.map(([run, other]) => run.medianMs - other.medianMs));
}

function summarise(runs) {
  const measured = runs.filter(isMeasured);
  if (measured.length === 0) return null;
  const medians = measured.map((run) => run.medianMs);
  return {
    medianMs: median(medians),
    fastestMs: Math.min(...medians),
    slowestMs: Math.max(...medians),
    p99Ms: median(measured.map((run) => run.p99Ms)),
    queriesPerSecond: median(measured.map((run) => run.queries / run.seconds)),
    cpuMsPerQuery: median(measured.map((run) => (run.cpuSeconds * 1e3) / run.queries)),
  };
}
