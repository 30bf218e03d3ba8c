// The headers that reach the wire: the client's, the URI's, the call's, and gRPC's own for a deadline.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, type FlightSQLClient, type FlightSQLClientOptions } from 'flightsql';
import { temporaryFolder } from '../temporary-folder.js';
import { clientOf } from './expect/client.js';
import { bothCalls, seenCalls, seenQuery } from './expect/seen-query.js';
import { type EvilServer, startEvilServer } from './server/evil-server.js';
import { GOOD_QUERY } from './server/good-query.js';

/** A server of one test, so that what it saw is of that test. */
async function serverAndClient(options?: FlightSQLClientOptions): Promise<{ server: EvilServer; client: FlightSQLClient }> {
  const server = await startEvilServer();
  return { server, client: clientOf(server, options) };
}

test("a client's headers and metadata come with every call of a query", async () => {
  const { server, client } = await serverAndClient({ metadata: { database: 'shop' }, headers: { 'X-Team': 'blue' } });
  assert.deepEqual(await seenQuery(server, client, ['database', 'x-team']), bothCalls(['shop'], ['blue']));
});

test("the database and the headers of a URI come with every call, beside the options' headers and metadata", async () => {
  const server = await startEvilServer();
  const uri = `${server.uri}&database=my%20shop&header.X-Team=blue`;
  const client = await connect(uri, { headers: { 'x-app': 'till' }, metadata: { 'x-site': 'north' } });
  after(() => client.close());
  const seen = await seenQuery(server, client, ['database', 'x-team', 'x-app', 'x-site']);
  assert.deepEqual(seen, bothCalls(['my shop'], ['blue'], ['till'], ['north']));
});

test("a call's header takes the place of the client's of that name, and leaves the others", async () => {
  const { server, client } = await serverAndClient({ headers: { database: 'shop', 'x-team': 'blue' } });
  const seen = await seenQuery(server, client, ['database', 'x-team'], { headers: { Database: 'archive' } });
  assert.deepEqual(seen, bothCalls(['archive'], ['blue']));
});

test("a call's header is of that call only", async () => {
  const { server, client } = await serverAndClient({ headers: { database: 'shop' } });
  await seenQuery(server, client, [], { headers: { database: 'archive', 'x-once': '1' } });
  assert.deepEqual(await seenQuery(server, client, ['database', 'x-once']), bothCalls(['shop'], []));
});

test('a header whose name ends in -bin is base64 on the wire, from bytes or as it was given', async () => {
  const { server, client } = await serverAndClient({ headers: { 'x-trace-bin': Uint8Array.of(1, 2, 255) } });
  const seen = await seenQuery(server, client, ['x-trace-bin', 'x-span-bin'], { headers: { 'x-span-bin': 'AQI=' } });
  assert.deepEqual(seen, bothCalls(['AQL/'], ['AQI=']));
});

test('an empty header is sent', async () => {
  const { server, client } = await serverAndClient({ headers: { 'x-empty': '' } });
  assert.deepEqual(await seenQuery(server, client, ['x-empty']), bothCalls(['']));
});

test("doGet sends the client's headers and the call's", async () => {
  const { server, client } = await serverAndClient({ token: 'a-secret', headers: { database: 'shop' } });
  await client.doGet(Buffer.from(GOOD_QUERY), { headers: { 'x-once': '1' } }).readAll();
  const seen = seenCalls(server, ['authorization', 'database', 'x-once']);
  assert.deepEqual(seen, [['DoGet', ['Bearer a-secret'], ['shop'], ['1']]]);
});

test("an export sends the client's headers and the call's", async () => {
  const { server, client } = await serverAndClient({ token: 'a-secret', headers: { database: 'shop' } });
  await client.exportTo(GOOD_QUERY, join(temporaryFolder(), 'out.parquet'), { headers: { 'x-once': '1' } });
  const seen = seenCalls(server, ['authorization', 'database', 'x-once']);
  assert.deepEqual(seen, bothCalls(['Bearer a-secret'], ['shop'], ['1']));
});

test('names and values of features are on no call', async () => {
  const server = await startEvilServer();
  const options = { user: 'me', password: 'pw', features: { 'sql-joins': 'of-the-options' } };
  const client = await connect(`${server.uri}&feature-sql-dialect=of-the-uri`, options);
  after(() => client.close());
  assert.deepEqual({ ...client.features }, { 'sql-dialect': 'of-the-uri', 'sql-joins': 'of-the-options' });
  await seenQuery(server, client, []);
  assert.deepEqual(seenCalls(server), [['Handshake'], ['GetFlightInfo'], ['DoGet']]);
  for (const { method, headers } of server.calls) assert.doesNotMatch(JSON.stringify(headers), /feature|sql-|of-the-/, method);
});

test('a timeout is told to the server, and with each call what is left of it', async () => {
  const { server, client } = await serverAndClient({ user: 'me', password: 'pw' });
  const seen = await seenQuery(server, client, ['grpc-timeout'], { timeout: 30_000 });
  assert.deepEqual(
    seen.map(([method]) => method),
    ['Handshake', 'GetFlightInfo', 'DoGet'],
  );
  let most = 30_000;
  for (const [method, values] of seen) {
    assert.match(values?.join() ?? '', /^\d{1,8}m$/, method);
    const left = Number(values?.[0]?.slice(0, -1));
    assert(left > 0 && left <= most, `${method} is told ${left} ms`);
    most = left;
  }
});

test('a timeout that eight digits of milliseconds cannot hold is told in seconds', async () => {
  const { server, client } = await serverAndClient();
  const [info, stream] = await seenQuery(server, client, ['grpc-timeout'], { timeout: 3_000_000_000 });
  for (const call of [info, stream]) assert.match(call?.[1]?.join() ?? '', /^(2999999|3000000)S$/);
});

test('without a timeout, or with 0, none is told', async () => {
  const { server, client } = await serverAndClient();
  assert.deepEqual(await seenQuery(server, client, ['grpc-timeout']), bothCalls([]));
  assert.deepEqual(await seenQuery(server, client, ['grpc-timeout'], { timeout: 0 }), bothCalls([]));
});

test('the user agent names the package and its version', async () => {
  const { server, client } = await serverAndClient();
  for (const [method, agents] of await seenQuery(server, client, ['user-agent'])) {
    assert.match(agents?.join() ?? '', /^flightsql\/\d+\.\d+\.\d+/, method);
  }
});
