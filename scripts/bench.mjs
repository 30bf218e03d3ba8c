// npm run bench [ingest | small-queries]: installs and builds what is missing, then runs the benchmark. Arguments go to it.

import { build } from './build.mjs';
import { must } from './run.mjs';

const PROGRAMS = { ingest: 'bench/ingest.mjs', 'small-queries': 'bench/small-queries.mjs' };

const [first, ...rest] = process.argv.slice(2);
const [program, args] = first in PROGRAMS ? [PROGRAMS[first], rest] : ['bench/run.mjs', process.argv.slice(2)];
if (!args.some((argument) => ['--help', '--no-build', '--report'].includes(argument))) await build();
await must(process.execPath, [program, ...args]);
