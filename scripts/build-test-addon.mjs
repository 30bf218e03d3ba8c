// Builds the addon that forces faults, into dist/test-hooks; tests load it by NAPI_RS_NATIVE_LIBRARY_PATH.
//
// By cargo alone and not optimised: it shares every dependency with the Rust tests' build, which the published addon's cannot.

import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { must, ROOT } from './run.mjs';
import { duration, say } from './say.mjs';

const LIBRARY = { darwin: 'libflightsql.dylib', win32: 'flightsql.dll' }[process.platform] ?? 'libflightsql.so';

/** Where tests find it. */
export const TEST_ADDON = join(ROOT, 'dist', 'test-hooks', 'flightsql.node');

export async function buildTestAddon() {
  say('building the native addon with test hooks (Rust, shared with the Rust tests)');
  const began = performance.now();
  // With --tests, cargo chooses the dependencies' features as for the tests, so that both builds are one.
  await must('cargo', ['build', '--locked', '--lib', '--tests', '--features', 'node,test-hooks']);
  mkdirSync(join(TEST_ADDON, '..'), { recursive: true });
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
  // Renamed into place: a process that has the old one loaded keeps it.
  copyFileSync(join(target, 'debug', LIBRARY), `${TEST_ADDON}.new`);
  renameSync(`${TEST_ADDON}.new`, TEST_ADDON);
  say(`the addon with test hooks is built (${duration(performance.now() - began)})`);
}
