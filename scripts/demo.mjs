// npm run demo: installs and builds what is missing, then runs the demo. Arguments go to the demo.

import { build } from './build.mjs';
import { must } from './run.mjs';
import { say } from './say.mjs';

await build();
say('running the demo (examples/demo/main.ts)');
await must(process.execPath, ['--import', 'tsx', 'examples/demo/main.ts', ...process.argv.slice(2)]);
