import { clients, YARDSTICK } from './clients.mjs';

const HEADINGS = ['client', 'median ms', '(range)', 'p99 ms', 'queries/s', 'CPU ms', `median − ${YARDSTICK}`];

/** The cells of one case: its headings, and a line a client. */
export function table({ clients: results }) {
  const lines = Object.entries(results).filter(([, { summary }]) => summary);
  return [
    HEADINGS,
    ...lines.map(([name, { summary, aboveYardstickMs }]) => [
      clients[name].label,
      summary.medianMs.toFixed(3),
      `${summary.fastestMs.toFixed(3)}–${summary.slowestMs.toFixed(3)}`,
      summary.p99Ms.toFixed(3),
      summary.queriesPerSecond.toFixed(0),
      summary.cpuMsPerQuery.toFixed(3),
      aboveYardstickMs === null ? '' : `${aboveYardstickMs < 0 ? '−' : '+'}${Math.abs(aboveYardstickMs).toFixed(3)}`,
    ]),
  ];
}

/** What is to be said beneath the table of a case. */
export function notes({ clients: results }) {
  const why = Object.entries(results).filter(([, { note }]) => note !== null);
  return why.map(([name, { note }]) => `${clients[name].label}: ${note}`);
}
