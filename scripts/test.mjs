// npm test: installs and builds what is missing, then runs every test and check.
//
// npm test -- <part of a path>… runs only the TypeScript tests whose path holds one of the parts.

import { build } from './build.mjs';
import { buildTestAddon } from './build-test-addon.mjs';
import { CHECK_STEPS } from './check-steps.mjs';
import { run } from './run.mjs';
import { fail } from './say.mjs';
import { installSlowServers } from './slow-servers.mjs';
import { runSteps } from './steps.mjs';
import { testFiles } from './test-files.mjs';

const filters = process.argv.slice(2);

const RUST_TESTS = ['test', '--locked', '--features', 'node,test-hooks'];

const RUST_STEPS = [{ name: 'Rust tests', run: (tail) => run('cargo', RUST_TESTS, { tail }) }];

function typeScriptStep() {
  const files = testFiles(filters);
  if (files.length === 0) fail(`no test file matches ${filters.join(', ')}`);
  const args = ['--expose-gc', '--import', 'tsx', '--test', '--test-reporter=spec', '--test-timeout=600000', ...files];
  const runAll = async (tail) => {
    await installSlowServers(files);
    return run(process.execPath, args, { tail });
  };
  return { name: `TypeScript tests (${files.length} files)`, run: runAll };
}

await build();
await buildTestAddon();
const steps = filters.length === 0 ? [...CHECK_STEPS, ...RUST_STEPS, typeScriptStep()] : [typeScriptStep()];
process.exitCode = (await runSteps(steps)) ? 0 : 1;
