// Builds everything that changed: the native addon and the TypeScript.

import { buildNative } from './build-native.mjs';
import { buildTs } from './build-ts.mjs';
import { install } from './install.mjs';

export async function build() {
  await install();
  await buildNative();
  await buildTs();
}

if (process.argv[1]?.endsWith('build.mjs')) await build();
