import { printedBy } from '../child.mjs';
import { clients } from './clients.mjs';

/** Beyond it, a run has hung. */
const LIMIT_MS = 120_000;

/**
 * Runs one client once on one case. Resolves to the measured figures, to `{ unavailable }` where the client cannot do the case by its own account, or to
 * `{ failure }`. Every client holds the value of each row against what it asked for.
 */
export async function runClient(name, path, { kind, atOnce, queries }, server) {
  const args = ['--uri', `grpc://127.0.0.1:${server.port}`, '--kind', kind, '--at-once', String(atOnce)];
  // Enough for the connection to be open, and for what a client runs to be compiled.
  args.push('--queries', String(queries), '--warmup', String(Math.max(atOnce, Math.ceil(queries / 4))));
  const printed = await printedBy(clients[name], path, args, LIMIT_MS);
  if (printed.failure !== undefined || printed.unavailable !== undefined) return printed;
  if (printed.queries < queries) return { failure: `it asked ${printed.queries} queries of ${queries}` };
  const { medianMs, p99Ms, seconds, cpuSeconds } = printed;
  return { queries: printed.queries, medianMs, p99Ms, seconds, cpuSeconds };
}
