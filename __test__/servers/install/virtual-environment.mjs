import { join } from 'node:path';
import { run } from './toolchain.mjs';

/** Makes `venv` in a folder, with what pip installs by the arguments. */
export async function virtualEnvironment(folder, pipArguments) {
  await run('python3', ['-m', 'venv', join(folder, 'venv')]);
  await run(join(folder, 'venv/bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...pipArguments]);
}
