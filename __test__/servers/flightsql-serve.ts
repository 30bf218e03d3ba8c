import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src-ts/cli/main.ts', import.meta.url));

export interface Serving {
  readonly child: ChildProcess;
  readonly uri: string;
}

/** Starts `flightsql serve` on a free port, and waits for the URI that it prints. It ends with the test that calls this. */
export function serving(...args: string[]): Promise<Serving> {
  return servingFrom(process.execPath, ['--import', 'tsx', MAIN], ...args);
}

/** The same with the command line of an installed package. */
export async function servingFrom(program: string, before: readonly string[], ...args: string[]): Promise<Serving> {
  const child = spawn(program, [...before, 'serve', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  after(() => ended(child, 'SIGTERM'));
  const [uri] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line')) as [string];
  return { child, uri };
}

/** Ends a process; its exit code, or that of an end before. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exit) as [number | null];
  return code;
}
