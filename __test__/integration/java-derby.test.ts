import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { connect, FlightSQLClient, type FlightSQLClientOptions, FlightSQLError } from 'flightsql';
import { makeCertificates } from '../servers/certificates.js';
import { DERBY_USER, startJavaDerby } from '../servers/java-derby.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { assertUnauthenticated, conversation, type ServerDialect } from './foreign/conversation.js';

const skip = unlessInstallable('java-derby');

const dialect: Omit<ServerDialect, 'client'> = {
  known: {
    sql: 'SELECT ID, KEYNAME, VALUE, CAST(NULL AS VARCHAR(3)) AS NOTHING FROM INTTABLE ORDER BY ID',
    rows: [
      { ID: 1, KEYNAME: 'one', VALUE: 1, NOTHING: null },
      { ID: 2, KEYNAME: 'zero', VALUE: 0, NOTHING: null },
      { ID: 3, KEYNAME: 'negative one', VALUE: -1, NOTHING: null },
    ],
  },
  none: 'SELECT ID, KEYNAME FROM INTTABLE WHERE ID < 0',
  // Three rows, joined with themselves.
  long: { sql: `SELECT ROW_NUMBER() OVER () AS N FROM ${[...'abcdefghi'].map((name) => `INTTABLE ${name}`).join(', ')}`, count: 3 ** 9 },
  unknownTable: { sql: 'SELECT * FROM ABSENT', code: 'INTERNAL', message: /./ },
};

describe("arrow-java's Derby server, with Basic authentication", { skip }, () => {
  const server = useServer(() => startJavaDerby({ auth: 'basic' }));
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri, DERBY_USER);
  });
  after(() => client?.close());

  conversation({ ...dialect, client: () => client });

  test('a FlightInfo names where the server says it is', async () => {
    const { endpoints } = await client.execute(dialect.known.sql);
    assert.deepEqual(endpoints[0]?.locations, [`grpc+tcp://127.0.0.1:${server().port}`]);
  });

  test('a wrong password is refused when it connects', async () => {
    await assertUnauthenticated(() => connect(server().uri, { ...DERBY_USER, password: 'wrong' }));
  });

  test('nobody is let in without a password', async () => {
    await using anybody = new FlightSQLClient({ host: '127.0.0.1', port: server().port, insecure: true });
    await assertUnauthenticated(() => anybody.execute(dialect.known.sql));
  });

  test('a token that the server did not give is refused', async () => {
    await using stranger = new FlightSQLClient({ host: '127.0.0.1', port: server().port, insecure: true, token: 'made-up' });
    await assertUnauthenticated(() => stranger.execute(dialect.known.sql));
  });
});

describe("arrow-java's Derby server, over TLS", { skip }, () => {
  const certificates = makeCertificates();
  const server = useServer(() => startJavaDerby({ tls: 'tls', certificates: certificates.folder }));
  const open = (options: FlightSQLClientOptions) => connect({ host: 'localhost', port: server().port, ...options });

  after(() => rmSync(certificates.folder, { recursive: true }));

  test('with the authority that signed its certificate', async () => {
    await using client = await open({ tls: { ca: certificates.ca } });
    assert.equal((await (await client.query(dialect.known.sql)).table()).numRows, 3);
  });

  test('without it, the connection is refused', async () => {
    await assert.rejects(open({}), (error: unknown) => error instanceof FlightSQLError && error.code === 'TLS_ERROR');
  });

  test('for another name, the connection is refused', async () => {
    const tls = { ca: certificates.ca, serverName: 'elsewhere.example' };
    await assert.rejects(open({ tls }), (error: unknown) => error instanceof FlightSQLError && error.code === 'TLS_ERROR');
  });

  test('without verification, when the caller asks for that', async () => {
    await using client = await open({ disableServerVerification: true });
    assert.equal((await (await client.query(dialect.known.sql)).table()).numRows, 3);
  });

  test('without TLS, the first call fails at the latest', async () => {
    await using client = new FlightSQLClient({ host: 'localhost', port: server().port, insecure: true });
    await assert.rejects(client.execute(dialect.known.sql), FlightSQLError);
  });
});
