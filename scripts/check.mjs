// npm run check: everything that tools can say of the sources without running them.

import { build } from './build.mjs';
import { CHECK_STEPS } from './check-steps.mjs';
import { runSteps } from './steps.mjs';

await build();
process.exitCode = (await runSteps(CHECK_STEPS)) ? 0 : 1;
