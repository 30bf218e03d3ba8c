/**
 * Runs the clients of a case, `rounds` times. In each round every client has one turn, in an order drawn anew, so that
 * what else the machine does falls on all of them. Resolves to `{ name: runs[] }`, a run being what `runOne(name, path)`
 * resolves to, by round. A client that cannot do the case is not asked again.
 */
export async function runRounds(entrants, rounds, random, runOne, onRun) {
  const runs = Object.fromEntries(entrants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, path } of shuffled(entrants, random)) {
      if (runs[name].some(isOver)) continue;
      const run = await runOne(name, path);
      runs[name][round] = run;
      onRun(name, round, run);
    }
  }
  return runs;
}

function isOver(run) {
  return run.unavailable !== undefined || run.failure !== undefined;
}

function shuffled(items, random) {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

/** Numbers in [0, 1) that a seed decides (mulberry32), so that an order can be had again. */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
