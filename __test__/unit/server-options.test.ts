import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlightSQLError } from '../../src-ts/errors.js';
import { resolveServerOptions, type ServerOptions } from '../../src-ts/server/server-options.js';

test('without options it is an empty database in memory on a free loopback port, open to everybody', () => {
  assert.deepEqual(resolveServerOptions({}), {
    host: '127.0.0.1',
    port: 0,
    database: null,
    init: null,
    user: null,
    password: null,
    token: null,
    endpoints: 1,
    batchRows: null,
    readOnly: false,
    tokenLifetime: 86_400_000,
    maxKeptBytes: 536_870_912,
    keptFor: 300_000,
    maxPreparedStatements: 1000,
    maxPreparedBytes: 268_435_456,
    preparedFor: 1_800_000,
    maxSessions: 10_000,
    sessionIdleTimeout: 1_800_000,
    maxTransactions: 100,
    transactionTimeout: 300_000,
    writeWait: 10_000,
    maxMessageBytes: 268_435_456,
    stopTimeout: 2000,
  });
});

const limits = {
  tokenLifetime: 1000,
  maxKeptBytes: 10,
  keptFor: 1,
  maxPreparedStatements: 0,
  maxPreparedBytes: 11,
  preparedFor: 2,
  maxSessions: 3,
  sessionIdleTimeout: 4,
  maxTransactions: 0,
  transactionTimeout: 5,
  writeWait: 0,
  maxMessageBytes: 12,
  stopTimeout: 0,
};

test('every option reaches the server', () => {
  const options: ServerOptions = {
    host: '[::1]',
    port: 31337,
    database: 'a.sqlite',
    auth: { user: 'me', password: 'pw', token: 't' },
    init: 'SELECT 1',
    endpoints: 3,
    batchRows: 100,
    readOnly: true,
    ...limits,
  };
  assert.deepEqual(resolveServerOptions(options), {
    host: '::1',
    port: 31337,
    database: 'a.sqlite',
    init: 'SELECT 1',
    user: 'me',
    password: 'pw',
    token: 't',
    endpoints: 3,
    batchRows: 100,
    readOnly: true,
    ...limits,
  });
});

test(':memory: is a database in memory', () => {
  assert.equal(resolveServerOptions({ database: ':memory:' }).database, null);
});

const refused: readonly [what: string, options: unknown, says: RegExp][] = [
  ['a mistyped option', { prot: 1 }, /unknown option 'prot': did you mean 'port'\?/],
  ['a user outside auth', { user: 'me' }, /unknown option 'user': it is an option of auth/],
  ['a user without a password', { auth: { user: 'me' } }, /auth.user and auth.password belong together/],
  ['a mistyped option of auth', { auth: { tokn: 'x' } }, /unknown option 'auth.tokn': did you mean 'token'\?/],
  ['no endpoints', { endpoints: 0 }, /endpoints must be a whole number, 1 to 1024, not 0/],
  ['SQL as a list', { init: ['SELECT 1'] }, /init must be SQL text, not an array/],
  ['a time to stop below zero', { stopTimeout: -1 }, /stopTimeout must be a whole number of milliseconds, 0 to 2147483648, not -1/],
  [
    'no time for a transaction',
    { transactionTimeout: 0 },
    /transactionTimeout must be a whole number of milliseconds, 1 to 2147483648, not 0/,
  ],
  [
    'a token that ends at once',
    { tokenLifetime: 999 },
    /tokenLifetime must be a whole number of milliseconds, 1000 to 2147483648, not 999/,
  ],
  ['statements below zero', { maxPreparedStatements: -1 }, /maxPreparedStatements must be a whole number, 0 to 2147483648, not -1/],
  ['no bytes for statements', { maxPreparedBytes: 0 }, /maxPreparedBytes must be a whole number of bytes, 1 or more, not 0/],
  ['a message of half a byte', { maxMessageBytes: 0.5 }, /maxMessageBytes must be a whole number of bytes, 1 or more, not 0.5/],
  ['a wait as text', { writeWait: '1s' }, /writeWait must be a whole number of milliseconds, 0 to 2147483648, not '1s'/],
  ['a port out of range', { port: 65_536 }, /0 to 65535/],
];

for (const [what, options, says] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(() => resolveServerOptions(options as ServerOptions), { code: 'INVALID_OPTION', message: says });
  });
}

test('no error shows a password or token', () => {
  for (const auth of [{ token: ['hunter2'] }, { user: 'me', password: { hunter2: 1 } }]) {
    assert.throws(
      () => resolveServerOptions({ auth: auth as unknown as { token: string } }),
      (error: FlightSQLError) => error.code === 'INVALID_OPTION' && !/hunter2/.test(error.message),
    );
  }
});
