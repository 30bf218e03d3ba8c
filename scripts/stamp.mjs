// Whether something that was built is still that of its sources: by their content, as a checkout gives every file a new time.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './run.mjs';

/** A hash of files and whole folders, given from the top of the repository, and of `extra` text. */
export function contentHash(paths, extra = '') {
  const hash = createHash('sha256').update(extra);
  for (const file of paths.flatMap((path) => filesUnder(path)).sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** Whether `stamp` holds `hash` and every output is there. */
export function isFresh(stamp, hash, outputs) {
  const file = join(ROOT, stamp);
  return existsSync(file) && readFileSync(file, 'utf8') === hash && outputs.every((output) => existsSync(join(ROOT, output)));
}

export function writeStamp(stamp, hash) {
  const file = join(ROOT, stamp);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}

function filesUnder(path) {
  const full = join(ROOT, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length));
}
