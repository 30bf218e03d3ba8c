import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type FlightSQLClient, type FlightSQLClientOptions } from 'flightsql';
import { ROAPI_ROWS, ROAPI_TOKEN, ROAPI_USER, type RoapiAuth, startRoapi } from '../servers/roapi.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { assertUnauthenticated, conversation } from './foreign/conversation.js';

const QUERY = 'SELECT id, name, amount FROM t ORDER BY id';
const skip = unlessInstallable('roapi');

const logins: { auth: RoapiAuth; title: string; right: FlightSQLClientOptions; wrong: FlightSQLClientOptions[] }[] = [
  {
    auth: 'login',
    title: 'with user and password',
    right: ROAPI_USER,
    wrong: [{ ...ROAPI_USER, password: 'wrong' }, { ...ROAPI_USER, user: 'nobody' }, { token: 'made-up' }, {}],
  },
  { auth: 'token', title: 'with a fixed token', right: { token: ROAPI_TOKEN }, wrong: [{ token: 'another' }, {}] },
];

describe('roapi (DataFusion)', { skip }, () => {
  const server = useServer(startRoapi);
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri);
  });
  after(() => client?.close());

  conversation({
    client: () => client,
    known: { sql: QUERY, rows: ROAPI_ROWS },
    // roapi takes the columns from the batches: of no rows it has none.
    none: null,
    long: { sql: 'SELECT value FROM generate_series(1, 300000)', count: 300_000 },
    unknownTable: { sql: 'SELECT * FROM absent', code: 'INTERNAL', message: /absent/ },
  });
});

for (const { auth, title, right, wrong } of logins) {
  describe(`roapi ${title}`, { skip }, () => {
    const server = useServer(() => startRoapi(auth));

    test('the right one opens the server', async () => {
      await using client = await connect(server().uri, right);
      const rows: unknown[] = [];
      for await (const row of (await client.query(QUERY)).rows()) rows.push(row);
      assert.deepEqual(rows, ROAPI_ROWS);
    });

    for (const options of wrong) {
      test(`${JSON.stringify(options)} is refused`, async () => {
        await assertUnauthenticated(async () => {
          await using client = await connect(server().uri, options);
          await client.execute(QUERY);
        });
      });
    }
  });
}
