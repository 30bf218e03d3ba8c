import { installed, whyUnavailable } from '../__test__/servers/install/installed.mjs';
import { say } from './say.mjs';

/** Servers whose first build takes longer than a test may. The others are installed by the tests that need them. */
const SLOW = ['datafusion'];

/** Installs the slow servers that test files name. Where one cannot be, its tests say so. */
export async function installSlowServers(files) {
  for (const name of SLOW.filter((server) => files.some((file) => file.includes(server)))) {
    if (whyUnavailable(name) !== null) continue;
    await installed(name, () => say(`building the server ${name}, which some tests talk to (Rust; the first time some ten minutes)`));
  }
}
