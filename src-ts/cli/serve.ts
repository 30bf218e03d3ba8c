import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { invalidOption } from '../options/checks.js';
import type { ServerAuth, ServerOptions } from '../server/index.js';
import type { Command } from './command.js';
import { EXIT } from './exit-code.js';
import { LIMIT_OPTIONS, LIMITS_HELP, limits } from './serve-limits.js';

const DEFAULT_PORT = 31337;

const HELP = `usage: flightsql serve [options]

Serves a SQLite database by Flight SQL, not encrypted: for tests and for trying things out, not for production. It prints its URI on standard
output when it is ready, and ends on Ctrl-C or SIGTERM.

options:
  --host <address>         where to listen (127.0.0.1); any other than a loopback address can be reached from other machines
  --port <number>          ${DEFAULT_PORT} by default; 0 takes a free one
  --database <file>        a SQLite file, made if it does not exist; in memory by default
  --init <file>            SQL to run before connections are accepted
  --init-sql <sql>         the same as text
  --user <name>            a user to let in, with --password-file
  --password-file <file>   the file with the password
  --token-file <file>      a file with a bearer token to let in
  --endpoints <number>     split every result over so many endpoints
  --batch-rows <number>    rows of a record batch
  --read-only              refuse everything that changes the database
  -h, --help               this text

${LIMITS_HELP}`;

const OPTIONS = {
  host: { type: 'string' },
  port: { type: 'string' },
  database: { type: 'string' },
  init: { type: 'string' },
  'init-sql': { type: 'string' },
  user: { type: 'string' },
  'password-file': { type: 'string' },
  'token-file': { type: 'string' },
  endpoints: { type: 'string' },
  'batch-rows': { type: 'string' },
  'read-only': { type: 'boolean' },
  ...LIMIT_OPTIONS,
} as const;

/** `flightsql serve` */
export const serve: Command = {
  name: 'serve',
  summary: 'serve a SQLite database, for tests and for trying things out',
  help: HELP,
  async run(args) {
    const options = await serverOptions(args);
    // Signals that come while it starts are not lost.
    const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    const { EmbeddedServer } = await import('../server/index.js');
    const server = await EmbeddedServer.start(options);
    process.stdout.write(`${server.uri}\n`);
    process.stderr.write('Ctrl-C ends the server\n');
    // The server alone does not keep the process alive.
    const alive = setInterval(() => {}, 2 ** 30);
    await stopped;
    // Who asks twice does not wait for calls that are under way.
    process.once('SIGINT', () => process.exit(EXIT.interrupted));
    await server.stop();
    clearInterval(alive);
    return EXIT.ok;
  },
};

async function serverOptions(args: readonly string[]): Promise<ServerOptions> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  if (values.init !== undefined && values['init-sql'] !== undefined) throw invalidOption('--init and --init-sql are both given');
  const passwordFile = values['password-file'];
  const tokenFile = values['token-file'];
  if ((values.user === undefined) !== (passwordFile === undefined)) throw invalidOption('--user and --password-file belong together');
  const auth: ServerAuth = {
    user: values.user,
    password: passwordFile === undefined ? undefined : await firstLine(passwordFile),
    token: tokenFile === undefined ? undefined : await firstLine(tokenFile),
  };
  return {
    host: values.host,
    port: wholeNumber(values.port, '--port') ?? DEFAULT_PORT,
    database: values.database,
    init: values.init === undefined ? values['init-sql'] : await readFile(values.init, 'utf8'),
    auth,
    endpoints: wholeNumber(values.endpoints, '--endpoints'),
    batchRows: wholeNumber(values['batch-rows'], '--batch-rows'),
    readOnly: values['read-only'],
    ...limits(values, wholeNumber),
  };
}

function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw invalidOption(`${option} must be a whole number, not '${text}'`);
}

/** Editors end files with a line end, which is not part of a password. */
async function firstLine(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
}
