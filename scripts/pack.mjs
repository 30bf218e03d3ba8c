import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './run.mjs';

/** Packs a package as npm would publish it, into `folder`; returns the tarball's path. */
export async function pack(folder, source = ROOT) {
  mkdirSync(folder, { recursive: true });
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
    cwd: source,
    shell: process.platform === 'win32',
  });
  const packed = JSON.parse(stdout);
  const [{ filename }] = Array.isArray(packed) ? packed : Object.values(packed);
  return join(folder, filename);
}
