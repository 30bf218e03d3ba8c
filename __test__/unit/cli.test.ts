import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src-ts/cli/main.ts', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function flightsql(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test('--help prints the commands on standard output', async () => {
  const { code, stdout, stderr } = await flightsql('--help');
  assert.equal(code, 0);
  assert.match(stdout, /usage: flightsql <command>/);
  assert.match(stdout, /serve +serve a SQLite database/);
  assert.equal(stderr, '');
});

test('without a command the usage goes to standard error, with exit code 1', async () => {
  const { code, stdout, stderr } = await flightsql();
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /usage/);
});

test('an unknown command is refused with the nearest one', async () => {
  const { code, stderr } = await flightsql('serv');
  assert.equal(code, 1);
  assert.match(stderr, /unknown command 'serv': did you mean 'serve'\?/);
});

test('a command has its own help', async () => {
  const { code, stdout } = await flightsql('serve', '--port', '1', '--help');
  assert.equal(code, 0);
  assert.match(stdout, /usage: flightsql serve/);
  for (const option of ['--host', '--port', '--database', '--init', '--password-file', '--batch-rows', '--transaction-timeout'])
    assert.ok(stdout.includes(option), option);
});

const refused: readonly [what: string, args: readonly string[], code: number, says: RegExp][] = [
  ['an unknown option', ['--prot', '1'], 1, /Unknown option '--prot'/],
  ['a port that is no number', ['--port', 'x'], 1, /--port must be a whole number, not 'x'/],
  ['an option without its value', ['--port'], 1, /--port/],
  ['a password on the command line', ['--password', 'hunter2'], 1, /Unknown option '--password'/],
  ['a limit that is no number', ['--write-wait', '1s'], 1, /--write-wait must be a whole number, not '1s'/],
  ['a limit out of range', ['--prepared-for', '0'], 1, /preparedFor must be a whole number of milliseconds, 1 to/],
  ['a user without a password', ['--user', 'me'], 1, /--user and --password-file belong together/],
  ['init twice', ['--init', 'a', '--init-sql', 'b'], 1, /--init and --init-sql are both given/],
  ['an init file that is not there', ['--init', 'no-such-file.sql'], 4, /no-such-file\.sql/],
];

for (const [what, args, code, says] of refused) {
  test(`serve with ${what} ends with exit code ${code} and a message without a stack`, async () => {
    const ended = await flightsql('serve', ...args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, says);
    assert.doesNotMatch(ended.stderr, /\n {4}at /);
    assert.equal(ended.stdout, '');
  });
}
