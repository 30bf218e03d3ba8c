import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../src-ts/index.js';
import { environmentTarget } from '../../src-ts/options/environment.js';
import { EmbeddedServer } from '../../src-ts/server/index.js';

test('the environment names the server and what its URI leaves open', () => {
  const target = environmentTarget({
    FLIGHTSQL_URI: 'flightsql://db.example.org',
    FLIGHTSQL_TOKEN: 'secret',
    FLIGHTSQL_USER: '',
    FLIGHTSQL_HEADERS: 'x-tenant=1, x-list=a%2Cb=c ,',
  });
  assert.equal(target.uri, 'flightsql://db.example.org');
  assert.deepEqual(target.options, {
    token: 'secret',
    user: undefined,
    password: undefined,
    headers: { 'x-tenant': '1', 'x-list': 'a,b=c' },
  });
});

test('without FLIGHTSQL_URI the error names it', () => {
  assert.throws(() => environmentTarget({ FLIGHTSQL_TOKEN: 'secret' }), { code: 'INVALID_OPTION', message: /FLIGHTSQL_URI.*not set/ });
});

for (const headers of ['x-tenant', '=1', 'x-tenant=%zz']) {
  test(`the headers '${headers}' are refused, and no value is shown`, () => {
    assert.throws(
      () => environmentTarget({ FLIGHTSQL_URI: 'flightsql://h', FLIGHTSQL_HEADERS: `ok=secret,${headers}` }),
      (error: { code: string; message: string }) => {
        assert.equal(error.code, 'INVALID_OPTION');
        assert.match(error.message, /FLIGHTSQL_HEADERS/);
        assert.doesNotMatch(error.message, /secret|%zz/);
        return true;
      },
    );
  });
}

test('connect() without arguments connects to what the environment names', async () => {
  const server = await EmbeddedServer.start({ auth: { token: 'secret' } });
  const before = { ...process.env };
  Object.assign(process.env, { FLIGHTSQL_URI: server.uri, FLIGHTSQL_TOKEN: 'secret' });
  try {
    const db = await connect();
    assert.equal((await (await db.query('SELECT 1 AS one')).table()).numRows, 1);
    await db.close();
  } finally {
    process.env = before;
    await server.stop();
  }
});
