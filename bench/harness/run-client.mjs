import { expectation } from './cases.mjs';
import { printedBy } from './child.mjs';
import { clients } from './clients.mjs';

/** Slower than a twentieth of what pure JavaScript manages, a run has hung. */
const SLOWEST_BYTES_PER_SECOND = 10e6;
const SHORTEST_LIMIT_MS = 60_000;

/**
 * Runs one client once on one case. Resolves to the measured figures, to `{ unavailable }` where the client cannot do
 * the case by its own account, or to `{ failure }` where it failed, hung, or did not read what the server sent.
 */
export async function runClient(name, path, measuredCase, server) {
  const client = clients[name];
  const bodyBytes = server.bodyBytes(measuredCase.shape, measuredCase.rows);
  const port = server[client.port ?? 'port'];
  const args = ['--uri', `grpc://127.0.0.1:${port}`, '--shape', measuredCase.shape, '--rows', String(measuredCase.rows)];
  args.push('--bytes', String(measuredCase.bytes), '--warmup-bytes', String(measuredCase.warmupBytes));
  args.push('--mode', measuredCase.mode);
  const limit = Math.max(SHORTEST_LIMIT_MS, ((measuredCase.bytes * 3) / SLOWEST_BYTES_PER_SECOND) * 1000);
  const printed = await printedBy(client, path, args, limit);
  if (printed.failure !== undefined || printed.unavailable !== undefined) return printed;
  return judged(printed, measuredCase, bodyBytes);
}

/** What a client printed, with the bytes that its rows stand for; or how it differs from what the server sent. */
function judged(printed, { rows, bytes, warmupBytes }, bodyBytes) {
  const warmup = expectation(rows, warmupBytes, bodyBytes);
  const measured = expectation(rows, bytes, bodyBytes);
  if (printed.rows !== measured.rows) return { failure: `it read ${printed.rows} rows of ${measured.rows}` };
  if (printed.warmup.rows !== warmup.rows) return { failure: `it read ${printed.warmup.rows} rows of ${warmup.rows}` };
  if (printed.warmup.checksum !== warmup.checksum) {
    return { failure: `its ids add up to ${printed.warmup.checksum}, those sent to ${warmup.checksum}` };
  }
  const { seconds, cpuSeconds, peakRssBytes, longestEventLoopDelayMs } = printed;
  const first = { seconds: printed.first.seconds, cpuSeconds: printed.first.cpuSeconds };
  return { rows: printed.rows, bytes: measured.bytes, seconds, cpuSeconds, first, peakRssBytes, longestEventLoopDelayMs };
}
