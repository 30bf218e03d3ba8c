// npm run bench: installs and builds what is missing, then runs the benchmark. Arguments go to it.

import { build } from './build.mjs';
import { must } from './run.mjs';

const args = process.argv.slice(2);
if (!args.some((argument) => ['--help', '--no-build', '--report'].includes(argument))) await build();
await must(process.execPath, ['bench/run.mjs', ...args]);
