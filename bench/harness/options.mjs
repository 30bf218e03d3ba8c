import { parseArgs } from 'node:util';
import { BATCH_ROWS, MODES, SERVERS, SHAPES } from './cases.mjs';
import { clients } from './clients.mjs';
import { flag, SHARED, sharedOptions, someOf, text, wholeNumber } from './option-values.mjs';

export const USAGE = `npm run bench -- [options]

  --quick              two shapes at 65,536 rows from one server, 200 MB a run, 2 rounds
  --rounds N           how often every client runs every case (5)
  --bytes N            bytes a run at 65,536 rows a batch (1000000000); smaller batches get less
  --servers A,B        ${SERVERS.join(', ')}
  --shapes A,B         ${SHAPES.join(', ')}
  --rows A,B           ${BATCH_ROWS.join(', ')}
  --modes A,B          ${MODES.join(', ')}
  --clients A,B        ${Object.keys(clients).join(', ')}
  --filter TEXT        only cases whose name (server/shape/rows/mode) contains it; may be given several times
  --seed N             of the order in which the clients take turns
  --output FILE        the JSON (bench/results/latest.json)
  --report FILE        measure nothing, print what an earlier run wrote
  --markdown           print the table of the README
  --assert             end with status 1 when this package misses its targets
  --no-build           measure the addon, the JavaScript and the Rust programs that are there
  --help`;

const SPEC = {
  ...SHARED,
  quick: flag,
  bytes: text,
  servers: text,
  shapes: text,
  rows: text,
  modes: text,
  filter: { type: 'string', multiple: true, default: [] },
};

const QUICK = { rounds: 2, bytes: 200e6, servers: ['rust'], shapes: ['numeric', 'mixed'], rows: [65_536] };
const FULL = { rounds: 5, bytes: 1e9, servers: SERVERS, shapes: SHAPES, rows: BATCH_ROWS };

/** The command line, checked and with its defaults filled in. */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: SPEC });
  const defaults = values.quick ? QUICK : FULL;
  return Object.freeze({
    ...sharedOptions(values, clients, defaults.rounds),
    bytes: wholeNumber('bytes', values.bytes, defaults.bytes),
    servers: someOf('servers', values.servers, SERVERS, defaults.servers),
    shapes: someOf('shapes', values.shapes, SHAPES, defaults.shapes),
    rows: someOf('rows', values.rows, BATCH_ROWS.map(String), defaults.rows.map(String)).map(Number),
    modes: someOf('modes', values.modes, MODES, MODES),
    filters: values.filter,
  });
}
