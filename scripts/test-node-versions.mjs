// npm run test:node-versions: the tests that depend on Node and V8, on each release line of Node that is newer than the one that runs this.
// Needs what `npm test` builds. The binaries come from npm, and lie outside the tree.

import { join } from 'node:path';
import { once } from '../__test__/servers/install/cache.mjs';
import { must, run } from './run.mjs';
import { fail, say } from './say.mjs';
import { testFiles } from './test-files.mjs';

const VERSIONS = ['22.23.3', '24.21.0'];
const PARTS = [
  'unit/',
  'packaging/formats',
  'faults/cancellation',
  'faults/copy-fallback',
  'faults/forced-faults',
  'faults/kept-results',
  'faults/process-end',
  'faults/shared-memory',
  'integration/embedded-server',
  'integration/endpoints',
];

const files = testFiles(PARTS);
for (const version of VERSIONS.filter((one) => Number.parseInt(one, 10) > Number.parseInt(process.versions.node, 10))) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = await once(`node-${version}`, [name, version], (into) =>
    must('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--silent', '--prefix', into, `${name}@${version}`], { cwd: into }),
  );
  say(`${files.length} test files on Node ${version}`);
  const node = join(folder, 'node_modules', name, 'bin/node');
  const args = ['--expose-gc', '--import', 'tsx', '--test', '--test-reporter=dot', '--test-timeout=600000', ...files];
  if ((await run(node, args)) !== 0) fail(`a test failed on Node ${version}`);
}
