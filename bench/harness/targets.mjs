import { YARDSTICKS } from './results.mjs';

const LEAST_THROUGHPUT = 1.3;
const MOST_CPU = 0.5;

/** The cases that the targets are for: the bench's own server, which costs so little that the client is measured. */
const AIMED = ['numeric', 'mixed'].flatMap((shape) => ['stream', 'table'].map((mode) => `rust/${shape}/65536/${mode}`));

/** Says, a line each, where this package in Node misses its targets; where one was not measured, that is a miss. */
export function missedTargets(cases) {
  return AIMED.flatMap((name) => {
    const found = cases.find((one) => one.name === name);
    return found === undefined ? [`${name}: not measured, and has a target`] : missedIn(found);
  });
}

function missedIn({ name, clients }) {
  return YARDSTICKS.flatMap((other) => missed(name, clients.flightsql, other));
}

function missed(name, entry, other) {
  const ratio = entry?.against?.[other];
  if (!ratio) return [`${name}: not measured against ${other}`];
  const misses = [];
  if (ratio.throughput < LEAST_THROUGHPUT) {
    misses.push(`${name}: ${ratio.throughput.toFixed(2)} × the throughput of ${other}, the target is ${LEAST_THROUGHPUT}`);
  }
  if (ratio.cpu > MOST_CPU) {
    misses.push(`${name}: ${ratio.cpu.toFixed(2)} × the processor time of ${other}, the target is ${MOST_CPU}`);
  }
  return misses;
}
