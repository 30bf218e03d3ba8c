const LEAST_THROUGHPUT = 1;

/** What the resident set may grow by while it sends, however much that is: some messages of a few MiB are under way. */
const MOST_GROWTH_BYTES = 64e6;

/** Says, a line each, where this package misses its targets; where one was not measured, that is a miss. */
export function missedTargets(cases) {
  return cases.flatMap(({ name, clients, againstBest }) => {
    const summary = clients.flightsql?.summary;
    if (!summary || againstBest === null) return [`${name}: not measured, and has a target`];
    const misses = [];
    if (againstBest < LEAST_THROUGHPUT) {
      misses.push(`${name}: ${againstBest.toFixed(2)} × the throughput of the better of the others, the target is ${LEAST_THROUGHPUT}`);
    }
    const growth = summary.peakRssBytes - summary.rssBytes;
    if (growth > MOST_GROWTH_BYTES) {
      misses.push(`${name}: the resident set grew by ${megabytes(growth)} MB, the target is ${megabytes(MOST_GROWTH_BYTES)}`);
    }
    return misses;
  });
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
