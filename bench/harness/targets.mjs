import { YARDSTICKS } from './results.mjs';

const LEAST_THROUGHPUT = 1.3;
const MOST_CPU = 0.5;

/** The cases that the targets are for: the bench's own server, which costs so little that the client is measured. */
const TARGET = /^rust\/(numeric|mixed)\/65536\//;

/** Says, a line each, where this package in Node misses its targets; where one was not measured, that is a miss. */
export function missedTargets(cases) {
  const aimed = cases.filter(({ name }) => TARGET.test(name));
  if (aimed.length === 0) return ['no case that has a target was measured'];
  return aimed.flatMap(({ name, clients }) => YARDSTICKS.flatMap((other) => missed(name, clients.flightsql, other)));
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
