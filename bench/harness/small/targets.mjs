import { clients as known, YARDSTICK } from './clients.mjs';

const MOST_ABOVE_MS = 0.15;

/** Says, a line each, where this package misses its targets; where one was not measured, that is a miss. */
export function missedTargets(cases) {
  return cases.filter(({ hasTarget }) => hasTarget).flatMap(({ name, clients }) => missedIn(name, clients));
}

function missedIn(name, clients) {
  const own = clients.flightsql;
  if (own?.summary == null || own.aboveYardstickMs === null) return [`${name}: not measured, and has a target`];
  const misses = [];
  if (own.aboveYardstickMs > MOST_ABOVE_MS) {
    const above = `${own.aboveYardstickMs.toFixed(3)} ms above ${known[YARDSTICK].label}`;
    misses.push(`${name}: the median is ${above}, the target is ${MOST_ABOVE_MS}`);
  }
  for (const [other, { summary }] of Object.entries(clients)) {
    if (other === 'flightsql' || other === YARDSTICK || !summary || own.summary.medianMs <= summary.medianMs) continue;
    misses.push(
      `${name}: the median is ${own.summary.medianMs.toFixed(3)} ms, and ${known[other].label} takes ${summary.medianMs.toFixed(3)}`,
    );
  }
  return misses;
}
