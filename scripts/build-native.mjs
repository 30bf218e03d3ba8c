// Builds the native addon: dist/binding.cjs and dist/flightsql.<platform>.node.
//
// --debug       not optimised, quicker to build; the next build without it makes the optimised one again
// --force       even if nothing has changed

import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';
import { must, ROOT, run } from './run.mjs';
import { duration, fail, say } from './say.mjs';
import { contentHash, isFresh, writeStamp } from './stamp.mjs';

const SOURCES = ['src-rs', 'Cargo.toml', 'Cargo.lock', 'build.rs'];

/** @param {{ debug?: boolean, force?: boolean }} options */
export async function buildNative({ debug = false, force = false } = {}) {
  const output = 'dist';
  const features = 'node';
  const stamp = `${output}/.native`;
  const hash = contentHash(SOURCES, `${features} ${debug} ${process.platform} ${process.arch}`);
  if (!force && hasAddon(output) && isFresh(stamp, hash, [`${output}/binding.cjs`])) return;

  if ((await run('cargo', ['--version'], { quiet: true })) !== 0) {
    fail('cargo was not found: the native addon needs Rust 1.88 or later, from https://rustup.rs');
  }
  say(`building the native addon (Rust${debug ? '' : ', optimised'}); the first time takes some minutes`);
  const began = performance.now();
  mkdirSync(join(ROOT, output), { recursive: true });
  await must('napi', [
    ...['build', '--platform', '--features', features, ...(debug ? [] : ['--release'])],
    ...['--output-dir', output, '--js', 'binding.cjs', '--dts', 'binding.d.cts'],
    ...['--', '--locked'],
  ]);
  writeStamp(stamp, hash);
  say(`the native addon is built (${duration(performance.now() - began)})`);
}

function hasAddon(output) {
  const folder = join(ROOT, output);
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.node'));
}

if (process.argv[1]?.endsWith('build-native.mjs')) {
  const flag = { type: 'boolean', default: false };
  const { values } = parseArgs({ options: { debug: flag, force: flag } });
  await install();
  await buildNative({ debug: values.debug, force: values.force });
}
