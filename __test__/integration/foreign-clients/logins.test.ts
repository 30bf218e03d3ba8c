import { describe } from 'node:test';
import type { ServerAuth } from 'flightsql/server';
import { againstEmbedded, type Expectations } from './both-servers.js';
import { fails } from './outcomes.js';
import { jdbc, type Program, python } from './program.js';

const WRONG_USER = /unauthenticated.* the user or the password is wrong/i;
const WRONG_TOKEN = /unauthenticated.* the bearer token is not one of this server/i;
const TOKENS_ONLY = /unauthenticated.* this server takes a bearer token, not a user and password/i;
const NOBODY = /this server asks for credentials/;

const USER = { user: 'demo', password: 'secret' };
const TOKEN = { token: 'a-token' };

const LET_IN = {
  'a user with the password': [[1]],
  'a token': [[1]],
  'a wrong password is refused': WRONG_USER,
  'an unknown user is refused': WRONG_USER,
  'a wrong token is refused': WRONG_TOKEN,
  'nobody is refused': NOBODY,
};

function letsIn(program: Program, auth: ServerAuth, expected: Expectations): void {
  againstEmbedded(program, expected, { auth, init: 'CREATE TABLE known (id INTEGER); INSERT INTO known VALUES (1)' });
}

describe('a server that asks for a user or a token', () => {
  letsIn(python('adbc_login'), { ...USER, ...TOKEN }, LET_IN);
  // The client sends a token of its own where it was given none.
  letsIn(python('dbapi_login'), { ...USER, ...TOKEN }, { ...LET_IN, 'nobody is refused': WRONG_TOKEN });
  letsIn(jdbc('JdbcLogin'), { ...USER, ...TOKEN }, LET_IN);
});

describe('a server that asks for a user', () => {
  const expected = { ...LET_IN, 'a token': fails(WRONG_TOKEN) };
  letsIn(python('adbc_login'), USER, expected);
  letsIn(jdbc('JdbcLogin'), USER, expected);
});

describe('a server that asks for a token', () => {
  const expected = {
    ...LET_IN,
    'a user with the password': fails(TOKENS_ONLY),
    'a wrong password is refused': TOKENS_ONLY,
    'an unknown user is refused': TOKENS_ONLY,
  };
  letsIn(python('adbc_login'), TOKEN, expected);
  letsIn(jdbc('JdbcLogin'), TOKEN, expected);
});
