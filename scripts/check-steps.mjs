import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from './pack.mjs';
import { ROOT, run } from './run.mjs';

/** Manifests beside the package's own: what they build is not published, but kept to the same form. */
const BESIDE = ['bench/rust/Cargo.toml', 'fuzz/Cargo.toml', '__test__/servers/datafusion/Cargo.toml'];

const CLIPPY = ['clippy', '--locked', '--all-targets', '--features', 'node,test-hooks', '--', '-D', 'warnings'];

const CLIPPY_CORE = ['clippy', '--locked', '--lib', '--no-default-features', '--', '-D', 'warnings'];

/** What must hold of the sources without running them. */
export const CHECK_STEPS = [
  { name: 'rustfmt', run: checkForm },
  { name: 'clippy', run: () => run('cargo', CLIPPY) },
  { name: 'clippy on the core without Node', run: () => run('cargo', CLIPPY_CORE) },
  { name: 'Biome', run: () => run('biome', ['ci', '.']) },
  { name: 'tsc, strict, sources and tests', run: () => run('tsc', ['-p', 'tsconfig.json']) },
  { name: 'typedoc, warnings as errors', run: () => run('typedoc', ['--emit', 'none', '--treatWarningsAsErrors']) },
  { name: 'publint and are-the-types-wrong on the packed package', run: checkPackage },
];

async function checkForm() {
  const codes = [await run('cargo', ['fmt', '--check'])];
  for (const manifest of BESIDE) codes.push(await run('cargo', ['fmt', '--check', '--manifest-path', manifest]));
  return Math.max(...codes);
}

async function checkPackage() {
  const tarball = await pack(join(ROOT, 'dist'));
  const publint = await run('publint', ['run', '--strict', tarball]);
  const types = await run('attw', [tarball, '--profile', 'node16']);
  rmSync(tarball);
  return publint || types;
}
