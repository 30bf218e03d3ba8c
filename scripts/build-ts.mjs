// Builds the TypeScript: ESM into dist/esm, CommonJS into dist/cjs, each with its declarations.

import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from './install.mjs';
import { must, ROOT } from './run.mjs';
import { duration, fail, say } from './say.mjs';
import { contentHash, isFresh, writeStamp } from './stamp.mjs';

const SOURCES = [
  'src-ts',
  'tsconfig.json',
  'tsconfig.esm.json',
  'tsconfig.cjs.json',
  'package.json',
  'package-lock.json',
  'scripts/build-ts.mjs',
];
const OUTPUTS = ['dist/esm/index.js', 'dist/esm/index.d.ts', 'dist/cjs/index.js', 'dist/cjs/index.d.ts'];
const STAMP = 'dist/.ts';

export async function buildTs({ force = false } = {}) {
  const hash = contentHash(SOURCES);
  if (!force && isFresh(STAMP, hash, OUTPUTS)) return;
  say('building the TypeScript');
  const began = performance.now();
  for (const format of ['esm', 'cjs']) {
    // Files whose sources are gone must not be packed.
    rmSync(join(ROOT, 'dist', format), { recursive: true, force: true });
    await must('tsc', ['-p', `tsconfig.${format}.json`]);
    describe(format);
    linkBinding(format);
  }
  chmodSync(join(ROOT, 'dist/esm/cli/main.js'), 0o755);
  writeStamp(STAMP, hash);
  say(`the TypeScript is built (${duration(performance.now() - began)})`);
}

/** Each folder says what its files are: the package's own `type` would make both ESM. */
function describe(format) {
  const type = format === 'esm' ? 'module' : 'commonjs';
  writeFileSync(join(ROOT, 'dist', format, 'package.json'), `${JSON.stringify({ type }, null, 2)}\n`);
}

/**
 * Sources load the addon as `#binding`, which only the top package.json can resolve; what is built loads it by its place beside the builds.
 */
function linkBinding(format) {
  const file = join(ROOT, 'dist', format, 'native/addon.js');
  const [before, after, ...more] = readFileSync(file, 'utf8').split('#binding');
  if (after === undefined || more.length > 0) fail(`dist/${format}/native/addon.js was expected to load #binding once`);
  writeFileSync(file, `${before}../../binding.cjs${after}`);
}

if (process.argv[1]?.endsWith('build-ts.mjs')) {
  await install();
  await buildTs({ force: process.argv.includes('--force') });
}
