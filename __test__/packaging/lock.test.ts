import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
const packages = (JSON.parse(text) as { packages: Readonly<Record<string, LockedPackage>> }).packages;

/** What Node would find as `name` from the package at `path`: its own, or one of a folder further up. */
function lockedFor(path: string, name: string): LockedPackage | undefined {
  const found = packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`];
  if (found !== undefined || path === '') return found;
  return lockedFor(path.includes('/node_modules/') ? path.slice(0, path.lastIndexOf('/node_modules/')) : '', name);
}

test('the lock file holds every optional package of every platform: npm ci refuses one that is not complete', () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies = {}, optionalDependencies = {} }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => lockedFor(path, name)?.version === undefined),
  );
  assert.deepEqual(missing, []);
});

test('the lock file names no host: it resolves wherever the packages come from', () => {
  const resolved = Object.entries(packages).filter(([, { resolved: url }]) => url !== undefined);
  assert.deepEqual(resolved, []);
});
