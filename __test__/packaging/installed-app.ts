import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACK = new URL('../../scripts/pack.mjs', import.meta.url).href;

/** What the platform package of an app is: the built addon, or a script in its place. */
export type PlatformPackage = { readonly kind: 'addon' } | { readonly kind: 'script'; readonly text: string };

export interface AppOptions {
  readonly platform?: PlatformPackage;
  readonly arrow?: boolean;
}

/** A folder in which the packed package is installed as npm would, with its platform package and, if asked for, apache-arrow. */
export class InstalledApp {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create({ platform = { kind: 'addon' }, arrow = true }: AppOptions = {}): Promise<InstalledApp> {
    const app = new InstalledApp(mkdtempSync(join(tmpdir(), 'flightsql-app-')));
    const packages = join(app.folder, 'node_modules');
    mkdirSync(packages);
    await app.#unpack(await packed(app.folder, ROOT), 'flightsql');
    await app.#installPlatform(platform);
    if (arrow) for (const name of withDependencies('apache-arrow')) copyPackage(name, packages);
    return app;
  }

  /** Runs a script of this text in the app; resolves to what it printed, as JSON. */
  async run(name: string, text: string): Promise<unknown> {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    const { stdout } = await execute(process.execPath, [file], { cwd: this.folder, env: cleanEnvironment() });
    return JSON.parse(stdout);
  }

  /** Runs a program of the app; resolves to its exit code and output. */
  async execute(program: string, args: readonly string[]): Promise<{ code: number; output: string }> {
    try {
      const { stdout, stderr } = await execute(program, [...args], { cwd: this.folder, env: cleanEnvironment() });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  }

  /** What an installed package says of itself. */
  description(name: string): unknown {
    return JSON.parse(readFileSync(join(this.folder, 'node_modules', name, 'package.json'), 'utf8'));
  }

  /** The path of a file that npm would make executable. */
  executable(name: string): string {
    const file = join(this.folder, name);
    chmodSync(file, 0o755);
    return file;
  }

  prepend(name: string, text: string): void {
    const file = join(this.folder, name);
    writeFileSync(file, text + readFileSync(file, 'utf8'));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #unpack(tarball: string, name: string): Promise<void> {
    const into = join(this.folder, 'node_modules', name);
    mkdirSync(into, { recursive: true });
    await execute('tar', ['-xzf', tarball, '-C', into, '--strip-components=1']);
    rmSync(tarball);
  }

  /** The platform package that belongs to this machine, as `npm/` describes it, packed with the addon in it. */
  async #installPlatform(platform: PlatformPackage): Promise<void> {
    const file = builtAddon();
    const triple = file.split('.')[1] as string;
    const source = join(this.folder, `platform-${triple}`);
    cpSync(join(ROOT, 'npm', triple), source, { recursive: true });
    if (platform.kind === 'addon') cpSync(join(ROOT, 'dist', file), join(source, file));
    else {
      const description = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
      writeFileSync(join(source, 'package.json'), JSON.stringify({ ...description, main: 'index.cjs', files: ['index.cjs'] }));
      writeFileSync(join(source, 'index.cjs'), platform.text);
    }
    await this.#unpack(await packed(this.folder, source), `flightsql-${triple}`);
    rmSync(source, { recursive: true });
  }
}

/** The addon's file in dist, `flightsql.<platform>.node`. */
function builtAddon(): string {
  const file = readdirSync(join(ROOT, 'dist')).find((name) => name.endsWith('.node'));
  if (file === undefined) throw new Error('dist holds no addon: npm run build:native makes it');
  return file;
}

async function packed(folder: string, source: string): Promise<string> {
  const { pack } = (await import(PACK)) as { pack: (folder: string, source: string) => Promise<string> };
  return pack(folder, source);
}

/** A package with all that it depends on, by name. */
function withDependencies(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const { dependencies = {} } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) withDependencies(dependency, found);
  return found;
}

function copyPackage(name: string, packages: string): void {
  cpSync(join(ROOT, 'node_modules', name), join(packages, name), { recursive: true });
}

/** Without what would load another addon or another TypeScript than the app's. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NAPI_RS_NATIVE_LIBRARY_PATH: _library, NODE_OPTIONS: _options, NODE_PATH: _path, ...rest } = process.env;
  return rest;
}

/** The TypeScript compiler of this repository. */
export function compiler(): string {
  return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
}
