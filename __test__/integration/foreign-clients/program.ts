import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { classpathOf, installed, type ServerName } from '../../servers/install/installed.mjs';
import { pythonOfTests } from '../../servers/truth-servers.js';
import type { Outcome } from './outcomes.js';

/** A step waits for nothing but its server: a program that takes longer hangs. */
const LIMIT = 120_000;

/** What is told to a program. */
export interface Settings {
  readonly port: number;
  readonly [name: string]: unknown;
}

/** A program of `__test__/foreign-clients` that takes its steps against a server. */
export interface Program {
  readonly name: string;
  /** What has to be installed for it. */
  readonly needs: ServerName;
  readonly command: (settings: Settings) => Promise<readonly [command: string, ...args: string[]]>;
}

export function python(name: string): Program {
  const script = fileURLToPath(new URL(`../../foreign-clients/python/${name}.py`, import.meta.url));
  return { name, needs: 'python', command: async (settings) => [await pythonOfTests(), '-B', script, JSON.stringify(settings)] };
}

export function jdbc(name: string): Program {
  return {
    name,
    needs: 'jdbc',
    command: async ({ port }) => {
      // Arrow's memory reaches into java.nio.
      const jvm = ['--add-opens=java.base/java.nio=ALL-UNNAMED', '-Xmx512m', '-cp', classpathOf(await installed('jdbc'))];
      return ['java', ...jvm, name, `jdbc:arrow-flight-sql://127.0.0.1:${port}/?useEncryption=false`];
    },
  };
}

/** Runs a program to its end, and tells what came of each of its steps. */
export async function outcomes(program: Program, settings: Settings): Promise<ReadonlyMap<string, Outcome>> {
  const [command, ...args] = await program.command(settings);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT });
  const found = new Map<string, Outcome>();
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-8000);
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    const { step, ...outcome } = JSON.parse(line) as Outcome & { step: string };
    if (found.has(step)) throw new Error(`${program.name} has two steps called '${step}'`);
    found.set(step, outcome);
  }
  const [code, signal] = (await ended) as [number | null, string | null];
  if (code !== 0) throw new Error(`${program.name} ended with ${signal ?? `code ${code}`} after ${found.size} steps:\n${complaints}`);
  return found;
}
