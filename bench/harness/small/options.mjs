import { parseArgs } from 'node:util';
import { SHARED, sharedOptions, someOf, text, wholeNumber } from '../option-values.mjs';
import { clients } from './clients.mjs';

export const KINDS = ['query', 'prepared'];

/** How many are under way at once. The largest is for this package alone: that there is no error. */
export const AT_ONCE = [1, 64, 1_000];

export const USAGE = `npm run bench -- small-queries [options]

  --rounds N           how often every client runs every case (5)
  --queries N          how many queries a run measures, one at a time (2000); at once it is as many, and 5 for each at least
  --kinds A,B          ${KINDS.join(', ')}
  --at-once A,B        ${AT_ONCE.join(', ')}
  --clients A,B        ${Object.keys(clients).join(', ')}
  --seed N             of the order in which the clients take turns
  --output FILE        the JSON (bench/results/small-queries.json)
  --report FILE        measure nothing, print what an earlier run wrote
  --markdown           print tables in Markdown
  --assert             end with status 1 when this package misses its targets
  --no-build           measure the addon, the JavaScript and the Rust programs that are there
  --help`;

const SPEC = {
  ...SHARED,
  queries: text,
  kinds: text,
  'at-once': text,
};

/** The command line, checked and with its defaults filled in. */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: SPEC });
  return Object.freeze({
    ...sharedOptions(values, clients, 5),
    queries: wholeNumber('queries', values.queries, 2_000),
    kinds: someOf('kinds', values.kinds, KINDS, KINDS),
    atOnce: someOf('at-once', values['at-once'], AT_ONCE.map(String), AT_ONCE.map(String)).map(Number),
  });
}
