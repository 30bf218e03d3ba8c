// Cookies that a server sets over a stack that others wrote, in heads and in trailers, and what of them comes back.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { connect, type FlightSQLClient, type FlightSQLClientOptions } from 'flightsql';
import { clientOf } from './expect/client.js';
import { GOOD_QUERY } from './server/good-query.js';
import { GrpcJsServer, type Told } from './server/grpc-js-server.js';

function setting(...cookies: string[]): Metadata {
  const metadata = new Metadata();
  for (const cookie of cookies) metadata.add('set-cookie', cookie);
  return metadata;
}

async function serverAndClient(
  tells: (method: string, before: number) => Told,
  options?: FlightSQLClientOptions,
): Promise<{ server: GrpcJsServer; client: FlightSQLClient }> {
  const server = await GrpcJsServer.start();
  server.tells = tells;
  return { server, client: clientOf(server, options) };
}

async function query(client: FlightSQLClient, headers?: Record<string, string>): Promise<void> {
  const result = await client.query(GOOD_QUERY, null, headers === undefined ? {} : { headers });
  assert.equal((await result.table()).numRows, 4);
}

/** The `cookie` headers of every call that a server saw. */
function cookiesOf(server: GrpcJsServer): unknown[] {
  return server.calls.map(({ headers }) => headers.get('cookie'));
}

/** A session in the first head, and a place behind a proxy in the trailers of the first stream. */
const sticky = (_method: string, before: number): Told =>
  before === 0 ? { head: setting('session=abc; HttpOnly', 'theme=dark') } : before === 1 ? { trailers: setting('place=2') } : {};

test('cookies of heads and of trailers come back in one header with every call after them', async () => {
  const { server, client } = await serverAndClient(sticky);
  await query(client);
  await query(client);
  const all = 'session=abc; theme=dark; place=2';
  assert.deepEqual(cookiesOf(server), [[], ['session=abc; theme=dark'], [all], [all]]);
});

test('a cookie is replaced, and forgotten when the server says so', async () => {
  const { server, client } = await serverAndClient((_, before) => {
    if (before === 0) return { head: setting('a=1', 'b=1'), trailers: setting('a=2') };
    return before === 1 ? { trailers: setting('b=; Max-Age=0') } : {};
  });
  await query(client);
  await query(client);
  assert.deepEqual(cookiesOf(server), [[], ['a=2; b=1'], ['a=2'], ['a=2']]);
});

test("the cookies of a client's and of a call's headers come first, and in place of those of the same name", async () => {
  const { server, client } = await serverAndClient(sticky, { headers: { cookie: 'session=own' } });
  await query(client);
  await query(client, { cookie: 'theme=light; x=1' });
  const ofTheCall = ['theme=light; x=1; session=abc; place=2'];
  assert.deepEqual(cookiesOf(server), [['session=own'], ['session=own; theme=dark'], ofTheCall, ofTheCall]);
});

test('a client that is told cookies: false keeps none, by its options or by its URI', async () => {
  const { server, client } = await serverAndClient(sticky, { cookies: false });
  await query(client);
  assert.deepEqual(cookiesOf(server), [[], []]);
  const other = await GrpcJsServer.start();
  other.tells = sticky;
  const byUri = await connect(`flightsql://127.0.0.1:${other.port}?transport=tcp&cookies=false`);
  after(() => byUri.close());
  await query(byUri);
  assert.deepEqual(cookiesOf(other), [[], []]);
});

test('two clients have cookies of their own', async () => {
  const { server, client } = await serverAndClient((_, before) => ({ head: setting(`client=${before}`) }));
  await query(client);
  await query(clientOf(server));
  assert.deepEqual(cookiesOf(server), [[], ['client=0'], [], ['client=2']]);
});
