import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ChildOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line that the child prints. */
  readonly onLine?: (line: string, write: (line: string) => void) => void;
  /** After so long it is killed, ms. Default 60,000. */
  readonly limit?: number;
}

/** Runs a program of this folder in a process of its own, so that a crash of it is an outcome and not the end of the tests. */
export async function runChild(program: string, args: readonly string[], options: ChildOptions = {}): Promise<ChildOutcome> {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', file, ...args], {
    // The test runner's own variables would make the child report as a test.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, RUST_BACKTRACE: '0', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.limit ?? 60_000,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  let line = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    line += text;
    for (let end = line.indexOf('\n'); end >= 0; end = line.indexOf('\n')) {
      options.onLine?.(line.slice(0, end), (reply) => child.stdin.write(`${reply}\n`));
      line = line.slice(end + 1);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  // A child that is gone already does not read.
  child.stdin.on('error', () => {});
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
}

/** The outcome of a child that ended well and printed one JSON value last. */
export function reportOf<T>(outcome: ChildOutcome): T {
  const { code, signal, stdout, stderr } = outcome;
  assert.equal(signal ?? code, 0, `the process ended with ${signal ?? code}:\n${stdout}\n${stderr}`);
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return JSON.parse(last) as T;
}
