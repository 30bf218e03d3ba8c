import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The folder outside the tree that installed servers live in. */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return process.env.FLIGHTSQL_TEST_CACHE || join(base, 'flightsql-tests');
}

/**
 * Builds `name` into a folder of the cache once per content of its `inputs` and returns that folder. A changed recipe
 * gets a new folder, so that two checkouts that share the cache do not rebuild each other's.
 */
export async function once(name, inputs, build) {
  const stamp = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `${name}-${stamp}`);
  const marker = join(folder, 'complete');
  if (existsSync(marker)) return folder;
  const unlock = await lock(`${folder}.lock`);
  try {
    if (existsSync(marker)) return folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await build(folder);
    writeFileSync(marker, '');
    return folder;
  } finally {
    unlock();
  }
}

// Test files run in processes of their own: the first one to need a server installs it, the others wait for it.
async function lock(path) {
  mkdirSync(cacheFolder(), { recursive: true });
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned(path)) rmSync(path, { force: true });
    else await delay(100);
  }
}

function isAbandoned(path) {
  let owner;
  try {
    owner = Number(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
  if (!owner) return false;
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
