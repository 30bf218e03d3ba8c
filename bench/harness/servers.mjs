import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inBench } from './programs.mjs';

/** The servers by name: the program that each needs and the command that starts it. */
export const servers = {
  rust: { kind: 'rust', command: (folder) => [join(folder, 'bench-server')] },
  pyarrow: { kind: 'python', command: (python) => [python, inBench('python/server.py')] },
  'arrow-go': { kind: 'go', command: (binary) => [binary] },
};

/**
 * Starts a server and waits until it says where it listens. Resolves to `{ port, rawPort?, bodyBytes(shape, rows),
 * stop() }`.
 */
export async function startServer(name, path) {
  const [command, ...args] = servers[name].command(path);
  // It ends when its standard input does, so that it does not outlive this process either.
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const ready = await Promise.race([firstLine(child.stdout), ended.then(() => null)]);
  if (ready === null) throw new Error(`the ${name} server ended with status ${child.exitCode} before it listened`);
  const { port, rawPort, batches } = JSON.parse(ready);
  const sizes = new Map(batches.map(({ shape, rows, bodyBytes }) => [`${shape}/${rows}`, bodyBytes]));
  return {
    port,
    rawPort,
    bodyBytes: (shape, rows) => sizes.get(`${shape}/${rows}`),
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return line;
  return null;
}
