import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from './pack.mjs';
import { ROOT, run } from './run.mjs';

const CLIPPY = ['clippy', '--locked', '--all-targets', '--features', 'node,test-hooks', '--', '-D', 'warnings'];

/** What must hold of the sources without running them. */
export const CHECK_STEPS = [
  { name: 'rustfmt', run: () => run('cargo', ['fmt', '--check']) },
  { name: 'clippy', run: () => run('cargo', CLIPPY) },
  { name: 'Biome', run: () => run('biome', ['ci', '.']) },
  { name: 'tsc, strict, sources and tests', run: () => run('tsc', ['-p', 'tsconfig.json']) },
  { name: 'typedoc, warnings as errors', run: () => run('typedoc', ['--emit', 'none', '--treatWarningsAsErrors']) },
  { name: 'publint and are-the-types-wrong on the packed package', run: checkPackage },
];

async function checkPackage() {
  const tarball = await pack(join(ROOT, 'dist'));
  const publint = await run('publint', ['run', '--strict', tarball]);
  const types = await run('attw', [tarball, '--profile', 'node16']);
  rmSync(tarball);
  return publint || types;
}
