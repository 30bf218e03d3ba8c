#!/usr/bin/env node
// Installs the servers that the integration tests talk to, into the cache folder: all of them, or those named.
import { cacheFolder } from './install/cache.mjs';
import { installed, whyUnavailable } from './install/installed.mjs';
import { recipes } from './install/recipes.mjs';

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(recipes);
const unknown = names.filter((name) => !(name in recipes));
if (unknown.length > 0) {
  console.error(`no server is called ${unknown.join(', ')}; there are ${Object.keys(recipes).join(', ')}`);
  process.exit(1);
}

console.log(`servers for the tests, in ${cacheFolder()}`);
for (const name of names) {
  const reason = whyUnavailable(name);
  if (reason) {
    console.log(`  skipped: ${reason}`);
    continue;
  }
  const start = Date.now();
  const folder = await installed(name);
  console.log(`  ${name}: ${folder} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}
