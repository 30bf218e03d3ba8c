// What every Node client of small queries does alike: the command line, the clock of each query, the line of JSON.
import { parseArgs } from 'node:util';
import { metered } from './meter.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: { uri: text, kind: text, queries: text, warmup: text, 'at-once': text },
});

export const uri = options.uri;
/** `host` and `port` of the server. */
export const { hostname: host, port } = new URL(options.uri);
export const kind = options.kind;

/** Returns one row, whose `id` is 7. */
export const ONE_ROW = 'numeric 1 1';
const ONE_ROW_ID = 7n;

/** Returns one row, whose `id` is the parameter. */
export const PREPARED = 'numeric row ?';

/** Says that the client cannot do this case at all, and why; ends the program. */
export function unavailable(reason) {
  console.log(JSON.stringify({ unavailable: reason }));
  process.exit(0);
}

/**
 * Asks the queries of the warm-up, then those that are measured, so many at once, each checked; prints the result. `query()` resolves to a table,
 * `prepare()` to a function that takes the parameter and does too; every one of those that ask at once prepares for itself.
 */
export async function measureQueries({ query, prepare }) {
  const ask = async () => (kind === 'query' ? [query, () => ONE_ROW_ID] : [await prepare(), (id) => BigInt(id)]);
  const askers = await Promise.all(Array.from({ length: Number(options['at-once']) }, ask));
  await all(askers, Number(options.warmup));
  const { tally: took, seconds, cpuSeconds } = await metered(() => all(askers, Number(options.queries)));
  took.sort((a, b) => a - b);
  const at = (part) => took[Math.min(Math.floor(took.length * part), took.length - 1)];
  console.log(JSON.stringify({ queries: took.length, medianMs: at(0.5), p99Ms: at(0.99), seconds, cpuSeconds }));
}

/** So many queries over all askers, each of which is one query at a time. Resolves to the milliseconds of each. */
async function all(askers, queries) {
  const each = Math.ceil(queries / askers.length);
  const took = [];
  const one = async ([ask, expected]) => {
    for (let id = 0; id < each; id++) {
      const began = performance.now();
      const table = await ask(id);
      took.push(performance.now() - began);
      const [row] = table.getChildAt(0).toArray();
      if (table.numRows !== 1 || row !== expected(id)) throw new Error(`the result has ${table.numRows} rows, and the id ${row}`);
    }
  };
  await Promise.all(askers.map(one));
  return took;
}
