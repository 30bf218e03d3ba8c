import { parseArgs } from 'node:util';
import { flag, SHARED, sharedOptions, someOf, text, wholeNumber } from '../option-values.mjs';
import { clients } from './clients.mjs';

export const SHAPES = ['numeric', 'mixed'];
export const BATCH_ROWS = [8_192, 65_536];

export const USAGE = `npm run bench -- ingest [options]

  --quick              200 MB a run, 2 rounds
  --rounds N           how often every client runs every case (5)
  --bytes N            bytes a run, by the bodies of the batches (1000000000)
  --shapes A,B         ${SHAPES.join(', ')}
  --rows A,B           rows a batch: ${BATCH_ROWS.join(', ')}
  --clients A,B        ${Object.keys(clients).join(', ')}
  --seed N             of the order in which the clients take turns
  --output FILE        the JSON (bench/results/ingest.json)
  --report FILE        measure nothing, print what an earlier run wrote
  --markdown           print tables in Markdown
  --assert             end with status 1 when this package misses its targets
  --no-build           measure the addon, the JavaScript and the Rust programs that are there
  --help`;

const SPEC = {
  ...SHARED,
  quick: flag,
  bytes: text,
  shapes: text,
  rows: text,
};

/** The command line, checked and with its defaults filled in. */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: SPEC });
  return Object.freeze({
    ...sharedOptions(values, clients, values.quick ? 2 : 5),
    bytes: wholeNumber('bytes', values.bytes, values.quick ? 200e6 : 1e9),
    shapes: someOf('shapes', values.shapes, SHAPES, SHAPES),
    rows: someOf('rows', values.rows, BATCH_ROWS.map(String), BATCH_ROWS.map(String)).map(Number),
  });
}
