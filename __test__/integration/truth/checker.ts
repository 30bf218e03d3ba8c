import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pythonOfTests, type TruthFiles, truthScript } from '../../servers/truth-servers.js';

/** Asks pyarrow whether files that the client wrote hold what a truth server sent. */
export class Checker implements AsyncDisposable {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  private constructor(python: string) {
    this.#process = spawn(python, ['-B', truthScript('checker.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  static async start(): Promise<Checker> {
    return new Checker(await pythonOfTests());
  }

  /** What differs between a file of the client and a case of the server; null if nothing does. */
  async difference(kind: 'ipc' | 'parquet', actual: string, { expected, stream }: TruthFiles): Promise<string | null> {
    this.#process.stdin.write(`${JSON.stringify({ kind, actual, expected, source: stream })}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the checker ended without an answer');
    return (JSON.parse(value) as { difference: string | null }).difference;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin.end();
    await ended;
    this.#lines.close();
  }
}
