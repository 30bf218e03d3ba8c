import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const KEEPER = fileURLToPath(new URL('keeper.mjs', import.meta.url));
/** Java on a busy machine takes several seconds. */
const START_LIMIT = 120_000;

/** A server that runs, until `stop()` or the end of this process. */
export class RunningServer {
  readonly port: number;
  /** A folder of its own, which holds the log and stays after `stop()`. */
  readonly folder: string;
  readonly #keeper: ChildProcess;
  readonly #log: string;

  constructor(keeper: ChildProcess, port: number, folder: string, log: string) {
    this.#keeper = keeper;
    this.port = port;
    this.folder = folder;
    this.#log = log;
  }

  get uri(): string {
    return `flightsql://127.0.0.1:${this.port}?transport=tcp`;
  }

  /** The end of what the server printed, and where all of it is. */
  log(): string {
    return `${this.#log}:\n${readFileSync(this.#log, 'utf8').slice(-4000)}`;
  }

  async stop(): Promise<void> {
    if (hasEnded(this.#keeper)) return;
    const ended = new Promise((resolve) => this.#keeper.once('exit', resolve));
    this.#keeper.stdin?.end();
    await ended;
  }

  /** Removes the folder of a server that was stopped. */
  forget(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What is needed to start a server on a port of this machine. */
export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  /** The folder to work in; one of the server's own unless given. */
  readonly folder?: string;
}

/** Starts a server and waits until its port accepts. */
export async function launch({ name, command, args, port, folder = serverFolder(name) }: Launch): Promise<RunningServer> {
  const log = join(folder, 'server.log');
  const output = openSync(log, 'a');
  const keeper = spawn(process.execPath, [KEEPER, command, ...args], { cwd: folder, stdio: ['pipe', output, output] });
  closeSync(output);
  const server = new RunningServer(keeper, port, folder, log);
  const deadline = Date.now() + START_LIMIT;
  while (!(await accepts(port))) {
    if (hasEnded(keeper)) throw new Error(`${name} ended before it accepted a connection; ${server.log()}`);
    if (Date.now() > deadline) {
      await server.stop();
      throw new Error(`${name} accepted no connection within ${START_LIMIT / 1000} s; ${server.log()}`);
    }
    await delay(20);
  }
  return server;
}

export function serverFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `flightsql-${name}-`));
}

/** Ports of the loopback address that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const listeners = await Promise.all(Array.from({ length: count }, listen));
  const ports = listeners.map((listener) => (listener.address() as { port: number }).port);
  await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  return ports;
}

function listen(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', () => resolve(listener));
  });
}

/** Whether something listens on a port of the loopback address. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
    socket.once('close', (failed) => resolve(!failed));
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
