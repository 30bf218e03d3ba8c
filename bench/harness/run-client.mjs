import { spawn } from 'node:child_process';
import { expectation } from './cases.mjs';
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
  const [command, ...args] = client.command(path);
  args.push('--uri', `grpc://127.0.0.1:${port}`, '--shape', measuredCase.shape, '--rows', String(measuredCase.rows));
  args.push('--bytes', String(measuredCase.bytes), '--warmup-bytes', String(measuredCase.warmupBytes));
  args.push('--mode', measuredCase.mode);
  const environment = { ...process.env, ...client.environment?.(path) };
  const limit = Math.max(SHORTEST_LIMIT_MS, ((measuredCase.bytes * 3) / SLOWEST_BYTES_PER_SECOND) * 1000);
  const { status, stdout, stderr } = await finished(command, args, environment, limit);
  if (status !== 0) return { failure: lastLine(stderr) || `it ended with ${status}` };
  const printed = JSON.parse(lastLine(stdout));
  if (printed.unavailable !== undefined) return { unavailable: printed.unavailable };
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

function finished(command, args, env, limit) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (text) => {
        output[stream] = (output[stream] + text).slice(-20_000);
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), limit);
    child.once('error', (error) => resolve({ ...output, status: error.code, stderr: error.message }));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const hung = signal === 'SIGKILL' ? `${output.stderr}\nit was not done after ${limit / 1000} s` : output.stderr;
      resolve({ status: code ?? signal, stdout: output.stdout, stderr: hung });
    });
  });
}

/** The last line that says something: of a stack trace that Node prints, the error and not its version. */
function lastLine(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^Node\.js v/.test(line));
  const error = lines.findLast((line) => /^\S*(Error|Exception)\b.*:/.test(line));
  return (error ?? lines.at(-1) ?? '').trim();
}
