import { spawn } from 'node:child_process';

/**
 * Runs a client to its end. Resolves to what it printed, a line of JSON, which is `{ unavailable }` where it cannot do the case by its own account; or
 * to `{ failure }` where it failed, or was not done after `limit` milliseconds.
 */
export async function printedBy(client, path, args, limit) {
  const [command, ...first] = client.command(path);
  const environment = { ...process.env, ...client.environment?.(path) };
  const { status, stdout, stderr } = await finished(command, [...first, ...args], environment, limit);
  if (status !== 0) return { failure: lastLine(stderr) || `it ended with ${status}` };
  return JSON.parse(lastLine(stdout));
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
