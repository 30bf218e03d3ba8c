import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { FaultCase, FaultReport } from './child/forced-fault.js';
import { type ChildOutcome, runChild } from './child/run-child.js';
import { hooksEnvironment } from './hooks.js';

const LIMIT = 600_000;

/** A process in which faults are forced, one after another: it lives through them all. */
export class FaultHost {
  readonly #port: number;
  #process: HostProcess | null = null;

  /** `server` is who its clients ask. */
  constructor(server: { readonly port: number }) {
    this.#port = server.port;
    after(() => this.#process?.end());
  }

  /** Forces a fault, which has to happen, and leaves the client working. */
  async force(forced: FaultCase): Promise<FaultReport> {
    const report = await this.attempt(forced);
    assert(report.fired, 'the fault happened');
    return report;
  }

  /** The same for a fault that need not happen. */
  async attempt(forced: FaultCase): Promise<FaultReport> {
    this.#process ??= new HostProcess(this.#port);
    const line = await this.#process.answer(JSON.stringify(forced));
    if (line === null) {
      const { code, signal, stderr } = await this.#process.ended;
      this.#process = null;
      assert.fail(`the process ended with ${signal ?? code}:\n${stderr.split('\n').slice(-30).join('\n')}`);
    }
    const report = JSON.parse(line) as FaultReport;
    assert.equal(report.rowsAfterwards, 4, 'the client works on');
    return report;
  }
}

class HostProcess {
  readonly ended: Promise<ChildOutcome>;
  readonly #write: Promise<(line: string) => void>;
  #answered: (line: string | null) => void = () => {};

  constructor(port: number) {
    let ready: (write: (line: string) => void) => void;
    this.#write = new Promise((resolve) => {
      ready = resolve;
    });
    this.ended = runChild('forced-fault.ts', [String(port)], {
      env: hooksEnvironment() ?? {},
      limit: LIMIT,
      onLine: (line, write) => {
        // The first line says that it reads.
        ready(write);
        this.#answered(line);
      },
    });
    void this.ended.then(() => this.#answered(null));
  }

  /** What the process prints for a line; `null` if it ends instead. */
  async answer(line: string): Promise<string | null> {
    const write = await Promise.race([this.#write, this.ended.then(() => null)]);
    if (write === null) return null;
    const answer = new Promise<string | null>((resolve) => {
      this.#answered = resolve;
    });
    write(line);
    return answer;
  }

  async end(): Promise<void> {
    (await Promise.race([this.#write, this.ended.then(() => null)]))?.('');
    await this.ended;
  }
}
