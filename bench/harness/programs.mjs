// Builds and installs what the bench runs: once, outside the tree where it is not this project's own.
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, once } from '../../__test__/servers/install/cache.mjs';
import { installed } from '../../__test__/servers/install/installed.mjs';
import { missingTools, run } from '../../__test__/servers/install/toolchain.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const inBench = (...path) => join(root, 'bench', ...path);

/** How each kind of program is made; every one resolves to the folder or file that its users need. */
const makers = {
  /** This package: dist/ of this tree. */
  node: async ({ build }) => {
    if (build) await run('npm', ['run', 'build'], { cwd: root });
    if (!existsSync(join(root, 'dist/esm/index.js'))) throw new Error('dist/ is not there: run `npm run build`');
    return root;
  },

  /** The folder of the Rust binaries. Cargo itself knows what is up to date. */
  rust: async ({ build }) => {
    const target = process.env.CARGO_TARGET_DIR ?? join(cacheFolder(), 'bench-target');
    const env = { ...process.env, CARGO_TARGET_DIR: target };
    if (build) await run('cargo', ['build', '--release', '--bins'], { cwd: inBench('rust'), env });
    if (!existsSync(join(target, 'release/bench-server'))) throw new Error(`the Rust programs are not in ${target}`);
    return join(target, 'release');
  },

  /** The Python interpreter with pyarrow, flightsql-dbapi and ADBC: the one that the tests use. */
  python: async () => {
    requireTools('python3');
    return join(await installed('python'), 'venv/bin/python');
  },

  /** The arrow-go server. */
  go: async () => {
    requireTools('go');
    const sources = readdirSync(inBench('go')).sort();
    const contents = sources.map((name) => [name, readFileSync(inBench('go', name), 'utf8')]);
    const folder = await once('bench-go', contents, async (into) => {
      const env = { ...process.env, GOWORK: 'off' };
      await run('go', ['build', '-trimpath', '-o', join(into, 'arrow-go-server'), '.'], { cwd: inBench('go'), env });
    });
    return join(folder, 'arrow-go-server');
  },

  /** The folder with the other npm clients' node_modules. */
  peers: async () => {
    const manifests = ['package.json', 'package-lock.json'];
    const contents = manifests.map((name) => readFileSync(inBench('peers', name), 'utf8'));
    return once('bench-peers', [process.version, ...contents], async (into) => {
      for (const name of manifests) copyFileSync(inBench('peers', name), join(into, name));
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: into });
    });
  },
};

function requireTools(...tools) {
  const missing = missingTools(tools);
  if (missing.length > 0) throw new Error(`this machine lacks ${missing.join(', ')}`);
}

/**
 * Makes every program of `kinds`, one after another, and maps each kind to `{ path }`, or to `{ reason }` where it
 * cannot be had here.
 */
export async function makePrograms(kinds, options) {
  const programs = {};
  for (const kind of new Set(kinds)) {
    const began = Date.now();
    try {
      programs[kind] = { path: await makers[kind](options) };
      console.error(`  ${kind}: ready (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      programs[kind] = { reason: error.message };
      console.error(`  ${kind}: not available: ${error.message}`);
    }
  }
  return programs;
}
