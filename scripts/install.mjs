import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, ROOT } from './run.mjs';
import { fail, say } from './say.mjs';

/** Sees that the npm packages of package-lock.json are installed. */
export async function install() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) fail(`Node ${process.versions.node} is too old: flightsql needs Node 20 or later`);
  if (isInstalled()) return;
  say('installing the npm packages (npm ci)');
  await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Compares versions with what npm noted when it installed, so that it is not run for nothing. */
function isInstalled() {
  const noted = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(noted)) return false;
  const installed = packagesOf(noted);
  return Object.entries(packagesOf(join(ROOT, 'package-lock.json'))).every(
    ([path, { version, optional, peer }]) =>
      path === '' || installed[path]?.version === version || (installed[path] === undefined && (optional || peer)),
  );
}

function packagesOf(lock) {
  return JSON.parse(readFileSync(lock, 'utf8')).packages;
}
