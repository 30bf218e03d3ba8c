// Servers on a socket in the file system.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, FlightSQLClient, type FlightSQLClientOptions, FlightSQLError } from 'flightsql';
import { temporaryFolder } from '../temporary-folder.js';
import { expectUsable } from './expect/failure.js';
import { seenCalls } from './expect/seen-query.js';
import { settled } from './expect/settled.js';
import { EvilServer, startEvilServer } from './server/evil-server.js';
import { GOOD_QUERY } from './server/good-query.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { flightInfo } from './wire/flight-data.js';

const skip = process.platform === 'win32' ? 'Node has named pipes in place of sockets there' : false;

async function serverAt(name: string): Promise<{ server: EvilServer; path: string }> {
  const path = join(temporaryFolder(), name);
  return { server: await startEvilServer({ listen: { path } }), path };
}

async function connected(uri: string, options?: FlightSQLClientOptions): Promise<FlightSQLClient> {
  const client = await connect(uri, options);
  after(() => client.close());
  return client;
}

function notThere(path: string): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof FlightSQLError);
    assert.equal(error.code, 'CONNECTION_FAILED');
    assert(error.message.includes(path), error.message);
    assert.equal(error.retryable, true);
    return true;
  };
}

/** The ways to name a socket. */
const forms: Record<string, (path: string) => string> = {
  'flightsql:///path?transport=unix': (path) => `flightsql://${path}?transport=unix`,
  'grpc+unix:///path': (path) => `grpc+unix://${path}`,
};

for (const [form, uriOf] of Object.entries(forms)) {
  test(`${form}: a query to a table, and to rows`, { skip }, async () => {
    const { server, path } = await serverAt('server.sock');
    const client = await connected(uriOf(path));
    assert.equal((await (await client.query(GOOD_QUERY)).table()).numRows, 4);
    await expectUsable(client);
    assert.deepEqual(
      new Set(seenCalls(server, [':authority', ':scheme']).map(([, ...values]) => JSON.stringify(values))),
      new Set(['[["localhost"],["http"]]']),
    );
    await settled(client);
  });

  test(`${form}: a socket that is not there is CONNECTION_FAILED with its path`, { skip }, async () => {
    const path = join(temporaryFolder(), 'absent.sock');
    await assert.rejects(connect(uriOf(path)), notThere(path));
  });
}

test('the options transport and path: the same', { skip }, async () => {
  const { path } = await serverAt('server.sock');
  const client = new FlightSQLClient({ transport: 'unix', path });
  after(() => client.close());
  await expectUsable(client);
});

test('a path with characters that a URI escapes', { skip }, async () => {
  const { path } = await serverAt('my 100% sécret?.sock');
  const client = await connected(`flightsql://${path.split('/').map(encodeURIComponent).join('/')}?transport=unix`);
  await expectUsable(client);
});

test('a socket that nobody listens on any more is CONNECTION_FAILED with its path', { skip }, async () => {
  const path = join(temporaryFolder(), 'left.sock');
  const server = await EvilServer.start({ listen: { path } });
  const client = await connected(`grpc+unix://${path}`);
  await server.stop();
  // The first query may be the one that learns of the old connection's end.
  await assert.rejects(client.query(GOOD_QUERY), FlightSQLError);
  await assert.rejects(client.query(GOOD_QUERY), notThere(path));
});

test('a client whose server comes back on the same socket works on', { skip }, async () => {
  const path = join(temporaryFolder(), 'again.sock');
  const first = await EvilServer.start({ listen: { path } });
  const client = await connected(`grpc+unix://${path}`);
  await expectUsable(client);
  await first.stop();
  await startEvilServer({ listen: { path } });
  await expectUsable(client);
});

test('user and password, headers and several endpoints go over the socket', { skip }, async () => {
  const { server, path } = await serverAt('server.sock');
  server.on('in three parts', {
    info: (stream) => grpcAnswer(stream, [flightInfo(Array.from({ length: 3 }, () => ({ ticket: GOOD_QUERY })))]),
  });
  const client = await connected(`grpc+unix://${path}`, { user: 'me', password: 'pw', headers: { database: 'shop' } });
  assert.equal((await (await client.query('in three parts')).table()).numRows, 12);
  const values = [[`Basic ${Buffer.from('me:pw').toString('base64')}`], ['shop']];
  assert.deepEqual(
    seenCalls(server, ['authorization', 'database']),
    ['Handshake', 'GetFlightInfo', 'DoGet', 'DoGet', 'DoGet'].map((method) => [method, ...values]),
  );
});

test('a server that names its own socket as the location gets the credentials there', { skip }, async () => {
  const { server, path } = await serverAt('server.sock');
  const locations = [`grpc+unix://${path}`];
  server.on('at home', { info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: GOOD_QUERY, locations }])]) });
  const client = await connected(`grpc+unix://${path}`, { token: 'a-secret' });
  assert.equal((await (await client.query('at home')).table()).numRows, 4);
  assert.deepEqual(seenCalls(server, ['authorization']), [
    ['GetFlightInfo', ['Bearer a-secret']],
    ['DoGet', ['Bearer a-secret']],
  ]);
});

test('a location on another socket gets no credentials', { skip }, async () => {
  const { server, path } = await serverAt('server.sock');
  const other = await serverAt('other.sock');
  const locations = [`grpc+unix://${other.path}`];
  server.on('elsewhere', { info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: GOOD_QUERY, locations }])]) });
  const client = await connected(`grpc+unix://${path}`, { token: 'a-secret' });
  await assert.rejects(
    async () => (await client.query('elsewhere')).table(),
    (error: unknown) => {
      assert(error instanceof FlightSQLError);
      assert.equal(error.code, 'UNTRUSTED_LOCATION');
      assert.deepEqual(error.endpoint, { index: 0, location: locations[0] });
      return true;
    },
  );
  await expectUsable(client);
  assert.equal(other.server.accepted, 0);
});
