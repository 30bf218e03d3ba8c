// Runs a server and ends it when standard input ends: the pipe from a test breaks however the test's process dies.
//
//   node keeper.mjs COMMAND [ARGUMENT…]
import { spawn } from 'node:child_process';

/** How long a server may take to end by itself, in milliseconds. */
const PATIENCE = 3000;

const [command, ...args] = process.argv.slice(2);
const server = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

server.once('error', (error) => {
  console.error(`${command} could not be started: ${error.message}`);
  process.exit(127);
});
server.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));

process.stdin.resume();
process.stdin.once('close', end);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);

function end() {
  server.kill('SIGTERM');
  setTimeout(() => server.kill('SIGKILL'), PATIENCE).unref();
}
