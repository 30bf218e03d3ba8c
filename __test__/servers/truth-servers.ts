import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed } from './install/installed.mjs';
import { freePorts, launch, type RunningServer, serverFolder } from './launch.js';

/** What a truth server serves, by name: the common part of the names of the two files about each. */
export interface TruthIndex {
  readonly cases: Readonly<Record<string, string>>;
  readonly plans: Readonly<Record<string, string>>;
  readonly large: readonly { readonly name: string; readonly rows: number; readonly sha256: string }[];
}

/** The files about a case: what is expected of a client, and the stream itself. */
export interface TruthFiles {
  readonly expected: string;
  readonly stream: string;
}

/** A server of generated data, which left what it expects of a client in its folder. */
export interface TruthServer extends RunningServer {
  readonly index: TruthIndex;
  filesOf(name: string): TruthFiles;
}

/** pyarrow's Flight server with what pyarrow generates: C++ encodes it. */
export async function startPyarrowTruth(): Promise<TruthServer> {
  const python = await pythonOfTests();
  const [port = 0, elsewhere = 0] = await freePorts(2);
  const folder = serverFolder('pyarrow-truth');
  const args = ['-B', truthScript('server.py'), String(port), String(elsewhere), folder];
  return withIndex(await launch({ name: 'pyarrow-truth', command: python, args, port, folder }));
}

/** A server on pyarrow that returns the parameters that it was bound, and what it ingested. */
export function startEcho(): Promise<RunningServer> {
  return startScript('echo');
}

/** A server of plain Flight on pyarrow. */
export function startPlain(): Promise<RunningServer> {
  return startScript('plain');
}

async function startScript(name: string): Promise<RunningServer> {
  const python = await pythonOfTests();
  const [port = 0] = await freePorts(1);
  return launch({ name, command: python, args: ['-B', truthScript(`${name}.py`), String(port)], port, folder: serverFolder(name) });
}

/** arrow-go's Flight server with what arrow-go generates. */
export async function startGoTruth(): Promise<TruthServer> {
  const installation = await installed('go-truth');
  const [port = 0] = await freePorts(1);
  const folder = serverFolder('go-truth');
  const command = join(installation, 'go-truth');
  return withIndex(await launch({ name: 'go-truth', command, args: [String(port), folder], port, folder }));
}

/** The Python that has pyarrow. */
export async function pythonOfTests(): Promise<string> {
  return join(await installed('python'), 'venv/bin/python');
}

export function truthScript(name: string): string {
  return fileURLToPath(new URL(`truth/${name}`, import.meta.url));
}

function withIndex(server: RunningServer): TruthServer {
  const index = JSON.parse(readFileSync(join(server.folder, 'index.json'), 'utf8')) as TruthIndex;
  return Object.assign(server, {
    index,
    filesOf(name: string) {
      const stem = index.cases[name] ?? index.plans[name];
      if (stem === undefined) throw new Error(`the server has no case called '${name}'`);
      return { expected: join(server.folder, `${stem}.json`), stream: join(server.folder, `${stem}.arrows`) };
    },
  });
}
