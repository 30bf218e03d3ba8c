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
  { name: 'clippy', run: (tail) => run('cargo', CLIPPY, { tail }) },
  { name: 'clippy on the core without Node', run: (tail) => run('cargo', CLIPPY_CORE, { tail }) },
  { name: 'Biome', run: (tail) => run('biome', ['ci', '.'], { tail }) },
  { name: 'tsc, strict, sources and tests', run: (tail) => run('tsc', ['-p', 'tsconfig.json'], { tail }) },
  { name: 'typedoc, warnings as errors', run: (tail) => run('typedoc', ['--emit', 'none', '--treatWarningsAsErrors'], { tail }) },
  { name: 'publint and are-the-types-wrong on the packed package', run: checkPackage },
];

async function checkForm(tail) {
  const codes = [await run('cargo', ['fmt', '--check'], { tail })];
  for (const manifest of BESIDE) codes.push(await run('cargo', ['fmt', '--check', '--manifest-path', manifest], { tail }));
  return Math.max(...codes);
}

async function checkPackage(tail) {
  const tarball = await pack(join(ROOT, 'dist'));
  const publint = await run('publint', ['run', '--strict', tarball], { tail });
  const types = await run('attw', [tarball, '--profile', 'node16'], { tail });
  rmSync(tarball);
  return publint || types;
}
