import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { FlightSQLClient } from '../../src-ts/client.js';
import { connect } from '../../src-ts/connect.js';
import { FlightSQLError } from '../../src-ts/errors.js';

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

const SECRETS = {
  host: 'db.example',
  port: 8443,
  user: 'me',
  password: 'hunter2',
  headers: { 'x-key': 'hunter2' },
  metadata: { secret: 'hunter2' },
};

test('a client shows where it connects to, and no secret, however it is printed', async () => {
  await using client = new FlightSQLClient(SECRETS);
  const shown = [
    inspect(client, { depth: 9, showHidden: true }),
    JSON.stringify(client),
    String(client),
    inspect({ nested: [client] }, { depth: 9 }),
  ];
  for (const text of shown) assert.doesNotMatch(text, /hunter2/);
  assert.equal(inspect(client), 'FlightSQLClient { tls://db.example:8443 }');
  assert.deepEqual(JSON.parse(JSON.stringify(client)), { target: 'tls://db.example:8443', closed: false });
});

test('an IPv6 address is shown in brackets, a socket by its path', async () => {
  await using six = new FlightSQLClient({ host: '::1', insecure: true });
  assert.equal(inspect(six), 'FlightSQLClient { tcp://[::1]:443 }');
  await using socket = new FlightSQLClient({ transport: 'unix', path: '/run/f.sock' });
  assert.equal(inspect(socket), 'FlightSQLClient { unix:/run/f.sock }');
});

test('features are kept as they were given, unknown ones too', async () => {
  await using client = new FlightSQLClient({ host: 'h', features: { 'metadata-reflection': 'true', unheard: 'of' } });
  assert.deepEqual(client.features, { 'metadata-reflection': 'true', unheard: 'of' });
});

test('a closed client refuses every call by its name, and can be closed again', async () => {
  const client = new FlightSQLClient({ host: 'h' });
  assert.equal(client.closed, false);
  await client.close();
  await client.close();
  assert.equal(client.closed, true);
  const calls: readonly [name: string, call: () => unknown][] = [
    ['connect()', () => client.connect()],
    ['execute()', () => client.execute('SELECT 1')],
    ['query()', () => client.query('SELECT 1')],
    ['doGet()', () => client.doGet(Uint8Array.of(1))],
    ['exportTo()', () => client.exportTo('SELECT 1', 'x.parquet')],
  ];
  for (const [name, call] of calls) {
    await assert.rejects(
      async () => call(),
      (error: FlightSQLError) => error instanceof FlightSQLError && error.code === 'CLOSED' && error.message.startsWith(name),
      name,
    );
  }
});

test('await using closes a client', async () => {
  const client = new FlightSQLClient({ host: 'h' });
  {
    await using held = client;
    assert.equal(held.closed, false);
  }
  assert.equal(client.closed, true);
});

test('certificates that cannot be read are refused when the client is made', () => {
  const ca = '-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n';
  assert.throws(
    () => new FlightSQLClient({ host: 'h', tls: { ca } }),
    (error: FlightSQLError) => {
      assert.ok(error instanceof FlightSQLError);
      assert.equal(error.code, 'TLS_ERROR');
      return true;
    },
  );
});

test('connecting to a port that nobody listens on rejects at once, and the error can be branched on', async () => {
  const port = await closedPort();
  await assert.rejects(connect(`flightsql://127.0.0.1:${port}?transport=tcp`), (error: FlightSQLError) => {
    assert.ok(error instanceof FlightSQLError);
    assert.equal(error.code, 'CONNECTION_FAILED');
    assert.equal(error.retryable, true);
    assert.match(error.stack ?? '', /client\.test\.ts/);
    return true;
  });
});

test('a peer that accepts and stays silent is given up after timeouts.connect', async () => {
  const server = createServer(() => {});
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const sockets = new Set<import('node:net').Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  const timeouts = { connect: 300 };
  const expected = { code: 'CONNECTION_FAILED', message: /did not answer within the connect timeout/, retryable: true };
  try {
    // It answers neither the handshake of TLS nor the beginning of HTTP/2.
    for (const insecure of [false, true]) {
      const began = performance.now();
      await assert.rejects(connect({ host: '127.0.0.1', port, insecure, timeouts }), expected);
      await using client = new FlightSQLClient({ host: '127.0.0.1', port, insecure, timeouts });
      await assert.rejects(client.query('SELECT 1'), expected);
      const took = performance.now() - began;
      assert(took > 500 && took < 5000, `${took} ms`);
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

test('an aborted signal ends connecting with its reason', async () => {
  const reason = new Error('never mind');
  await assert.rejects(connect({ host: '127.0.0.1', port: 9 }, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
});

test('a query that is no text, and options where parameters belong, are refused before anything is sent', async () => {
  await using client = new FlightSQLClient({ host: '127.0.0.1', port: await closedPort(), insecure: true });
  await assert.rejects(client.execute(7 as unknown as string), {
    code: 'INVALID_OPTION',
    message: /the query must be a string, or a Substrait plan \{ plan, version \}, not 7/,
  });
  await assert.rejects(client.query('SELECT ?', 1 as never), { code: 'INVALID_OPTION', message: /the parameters must be/ });
  await assert.rejects(client.executeUpdate('SELECT ?', { timeout: 1 }), { code: 'INVALID_OPTION', message: /call options are the third/ });
  await assert.rejects(client.query('SELECT 1', { timeout: 5 }), { code: 'INVALID_OPTION', message: /call options are the third/ });
  assert.equal(client.stats().calls, 0);
});

test('stats tell calls, connections and memory', async () => {
  await using client = new FlightSQLClient({ host: '127.0.0.1', port: await closedPort(), insecure: true });
  await assert.rejects(client.execute('SELECT 1'));
  const stats = client.stats();
  assert.equal(stats.calls, 1);
  assert.equal(stats.bufferedBytes, 0);
  assert.deepEqual(Object.keys(stats.memory).sort(), [
    'copiedBodyBytes',
    'handedOutBuffers',
    'handedOutBytes',
    'openStreams',
    'pooledBytes',
    'receivedBodyBytes',
    'usedBytes',
  ]);
});
