/** A gigabyte here is 10⁹ bytes of Arrow body. */
const GB = 1e9;

export function median(numbers) {
  if (numbers.length === 0) return null;
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const gigabytesPerSecond = (run) => run.bytes / GB / run.seconds;
const cpuPerGigabyte = (run) => run.cpuSeconds / (run.bytes / GB);

const isMeasured = (run) => run?.seconds !== undefined;

/** The figures of one client on one case: medians of its runs', the longest delay of the event loop being each run's. */
export function summarise(runs) {
  const measured = runs.filter(isMeasured);
  if (measured.length === 0) return null;
  const throughput = measured.map(gigabytesPerSecond);
  const delays = measured.map((run) => run.longestEventLoopDelayMs).filter((delay) => delay !== null);
  const peaks = measured.map((run) => run.peakRssBytes).filter((bytes) => bytes !== null);
  return {
    gigabytesPerSecond: median(throughput),
    slowest: Math.min(...throughput),
    fastest: Math.max(...throughput),
    cpuSecondsPerGigabyte: median(measured.map(cpuPerGigabyte)),
    first: {
      gigabytesPerSecond: median(measured.map((run) => gigabytesPerSecond({ ...run, ...run.first }))),
      cpuSecondsPerGigabyte: median(measured.map((run) => cpuPerGigabyte({ ...run, ...run.first }))),
    },
    peakRssBytes: median(peaks),
    longestEventLoopDelayMs: median(delays),
  };
}

/**
 * How one client compares with another: the median over the rounds of the ratio within a round, which the machine's
 * other work, coming and going between rounds, does not touch. Null where no round has both.
 */
export function compare(runs, otherRuns) {
  const pairs = runs.map((run, round) => [run, otherRuns[round]]).filter((pair) => pair.every(isMeasured));
  if (pairs.length === 0) return null;
  return {
    throughput: median(pairs.map(([run, other]) => gigabytesPerSecond(run) / gigabytesPerSecond(other))),
    cpu: median(pairs.map(([run, other]) => cpuPerGigabyte(run) / cpuPerGigabyte(other))),
  };
}
