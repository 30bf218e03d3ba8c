import { noteOn } from '../results.mjs';
import { median } from '../statistics.mjs';
import { clients, YARDSTICKS } from './clients.mjs';

const GB = 1e9;
const gigabytesPerSecond = (run) => run.bytes / GB / run.seconds;
const isMeasured = (run) => run?.seconds !== undefined;

/** What is kept of a case: per client its runs, its figures, its ratios, or a note on why it has none. */
export function caseResult(measuredCase, runsByClient, missing) {
  const results = {};
  for (const name of Object.keys(clients)) {
    if (missing[name] !== undefined) results[name] = { note: `not available: ${missing[name]}`, failed: false };
    const runs = runsByClient[name];
    if (runs === undefined) continue;
    const against = Object.fromEntries(YARDSTICKS.map((other) => [other, ratio(runs, [runsByClient[other] ?? []])]));
    results[name] = { summary: summarise(runs), against, ...noteOn(runs), runs };
  }
  const rivals = YARDSTICKS.map((name) => runsByClient[name]).filter((runs) => runs !== undefined);
  const againstBest = rivals.length > 0 ? ratio(runsByClient.flightsql ?? [], rivals) : null;
  return { ...measuredCase, clients: results, againstBest };
}

/** The median over the rounds of the throughput's ratio to the best of the others within a round; `null` where no round has all. */
function ratio(runs, others) {
  const rounds = runs.map((run, round) => [run, ...others.map((each) => each[round])]).filter((all) => all.every(isMeasured));
  if (rounds.length === 0) return null;
  return median(rounds.map(([run, ...rivals]) => gigabytesPerSecond(run) / Math.max(...rivals.map(gigabytesPerSecond))));
}

function summarise(runs) {
  const measured = runs.filter(isMeasured);
  if (measured.length === 0) return null;
  const throughput = measured.map(gigabytesPerSecond);
  const known = (of) => median(measured.map(of).filter((bytes) => bytes !== null));
  return {
    gigabytesPerSecond: median(throughput),
    slowest: Math.min(...throughput),
    fastest: Math.max(...throughput),
    cpuSecondsPerGigabyte: median(measured.map((run) => run.cpuSeconds / (run.bytes / GB))),
    rssBytes: known((run) => run.rssBytes),
    peakRssBytes: known((run) => run.peakRssBytes),
  };
}
