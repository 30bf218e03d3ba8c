import { printedBy } from '../child.mjs';
import { clients } from './clients.mjs';

/** Slower than this, a run has hung. */
const SLOWEST_BYTES_PER_SECOND = 10e6;
const SHORTEST_LIMIT_MS = 60_000;

/** What is sent and checked before anything is measured: enough that a client's way to cut batches shows. */
const WARMUP_BATCHES = 6;

/**
 * Runs one client once on one case. Resolves to the measured figures, or to `{ failure }` where it failed, hung, or sent something else than it was to:
 * the server counts the rows, and holds those of the warm-up against the ones that it sends itself.
 */
export async function runClient(name, path, { shape, rows, bytes }, server) {
  const batches = Math.max(1, Math.ceil(bytes / server.bodyBytes(shape, rows)));
  const args = ['--uri', `grpc://127.0.0.1:${server.port}`, '--shape', shape, '--rows', String(rows)];
  args.push('--batches', String(batches), '--warmup-batches', String(WARMUP_BATCHES));
  const limit = Math.max(SHORTEST_LIMIT_MS, ((bytes * 2) / SLOWEST_BYTES_PER_SECOND) * 1000);
  const printed = await printedBy(clients[name], path, args, limit);
  if (printed.failure !== undefined) return printed;
  if (printed.checkedRows !== rows * WARMUP_BATCHES) {
    return { failure: `the server took ${printed.checkedRows} rows of ${rows * WARMUP_BATCHES} in the warm-up` };
  }
  if (printed.rows !== rows * batches) return { failure: `the server took ${printed.rows} rows of ${rows * batches}` };
  const { seconds, cpuSeconds, rssBytes, peakRssBytes } = printed;
  const first = { seconds: printed.first.seconds, cpuSeconds: printed.first.cpuSeconds };
  const sent = batches * server.bodyBytes(shape, rows);
  return { rows: printed.rows, bytes: sent, seconds, cpuSeconds, first, rssBytes, peakRssBytes };
}
