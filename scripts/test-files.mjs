import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';

/**
 * The test files under `__test__`, or those of `filters`: paths or parts of paths. Node 20's test runner expands no patterns itself.
 */
export function testFiles(filters = []) {
  const folder = join(ROOT, '__test__');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => join('__test__', name))
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter.replace(/^\.\//, ''))))
    .sort();
}
