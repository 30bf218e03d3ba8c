// Endpoints that expire, and servers that renew them in every way.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import type { QueryOptions } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { EvilServer } from './server/evil-server.js';
import { GOOD_QUERY } from './server/good-query.js';
import { goodStream } from './server/good-stream.js';
import { begin, grpcAnswer } from './server/grpc-answer.js';
import { bytesField, type EndpointParts, flightEndpoint, flightInfo, grpcFrame } from './wire/flight-data.js';
import { renewedTicketOf } from './wire/requests.js';

const HOUR = 3_600_000;

type Renewal = (stream: ServerHttp2Stream, ticket: string) => void;

const renewed = (stream: ServerHttp2Stream, endpoint: EndpointParts) =>
  grpcAnswer(stream, [grpcFrame(bytesField(1, flightEndpoint(endpoint)))]);
const refused = (status: number) => (stream: ServerHttp2Stream) =>
  grpcAnswer(stream, [], { 'grpc-status': String(status), 'grpc-message': 'no' });

interface Case {
  readonly rows: () => Promise<number>;
  /** The tickets of the renewals that were asked for. */
  readonly asked: string[];
  /** The tickets that were read. */
  readonly read: string[];
  readonly server: EvilServer;
}

/** A server of its own, whose query 'expiring' has these endpoints, and which renews them so. */
async function caseOf(
  context: { after: (f: () => Promise<void>) => void },
  endpoints: readonly EndpointParts[],
  renewal: Renewal,
): Promise<Case> {
  const server = await EvilServer.start();
  context.after(() => server.stop());
  const asked: string[] = [];
  const read: string[] = [];
  server.on('expiring', { info: (stream) => grpcAnswer(stream, [flightInfo(endpoints)]) });
  server.action = (stream, request) => {
    const ticket = renewedTicketOf(request);
    assert(ticket !== null, 'only renewals are asked for');
    asked.push(ticket);
    renewal(stream, ticket);
  };
  for (const ticket of ['short', 'long', 'other', 'new']) {
    server.on(ticket, (stream) => {
      read.push(ticket);
      grpcAnswer(stream, [goodStream()]);
    });
  }
  const client = clientOf(server);
  context.after(() => client.close());
  const rows = async (options?: QueryOptions) => (await (await client.query('expiring', null, options)).table()).numRows;
  return { rows, asked, read, server };
}

test('an endpoint that is good for long is not renewed, nor one that does not expire', async (context) => {
  const { rows, asked } = await caseOf(context, [{ ticket: 'long', expires: Date.now() + HOUR }, { ticket: 'other' }], refused(13));
  assert.equal(await rows(), 8);
  assert.deepEqual(asked, []);
});

for (const [name, expires] of [
  ['has expired', Date.now() - HOUR],
  ['expires within the second', Date.now() + 500],
] as const) {
  test(`an endpoint that ${name} is renewed before it is read, and read as the server gave it`, async (context) => {
    const renewal: Renewal = (stream) => renewed(stream, { ticket: 'new', expires: Date.now() + HOUR });
    const { rows, asked, read } = await caseOf(context, [{ ticket: 'short', expires }], renewal);
    assert.equal(await rows(), 4);
    assert.deepEqual([asked, read], [['short'], ['new']]);
  });
}

for (const [name, renewal] of Object.entries({
  'knows no renewal': refused(12),
  'knows the endpoint no more': refused(5),
  'finds the request wrong': refused(3),
  'answers what is no endpoint': (stream: ServerHttp2Stream) => grpcAnswer(stream, [grpcFrame(bytesField(1, Buffer.from([0xff])))]),
  'answers nothing': (stream: ServerHttp2Stream) => grpcAnswer(stream, []),
})) {
  test(`an endpoint whose server ${name} is read as it is`, async (context) => {
    const { rows, read } = await caseOf(context, [{ ticket: 'short', expires: Date.now() - HOUR }], renewal);
    assert.equal(await rows(), 4);
    assert.deepEqual(read, ['short']);
  });
}

test('a server that knows no renewal is not asked again once it has said so', async (context) => {
  const endpoints = Array.from({ length: 30 }, () => ({ ticket: 'short', expires: Date.now() + 600 }));
  const { asked, server } = await caseOf(context, endpoints, refused(12));
  const client = clientOf(server);
  const result = await client.query('expiring', null, { concurrency: 1 });
  for await (const _batch of result) await new Promise((turn) => setTimeout(turn, 20));
  assert(asked.length <= 4, `${asked.length} calls`);
  const before = asked.length;
  await new Promise((turn) => setTimeout(turn, 700));
  assert.equal(asked.length, before);
});

test('a renewal may move an endpoint, and answers without a ticket keep the old one', async (context) => {
  const elsewhere = await EvilServer.start();
  context.after(() => elsewhere.stop());
  const renewal: Renewal = (stream) => {
    const location = bytesField(2, bytesField(1, Buffer.from(`grpc://127.0.0.1:${elsewhere.port}`)));
    grpcAnswer(stream, [grpcFrame(bytesField(1, location))]);
  };
  const { rows } = await caseOf(context, [{ ticket: GOOD_QUERY, expires: Date.now() - 1 }], renewal);
  assert.equal(await rows(), 4);
  assert.deepEqual(
    elsewhere.calls.map(({ method }) => method),
    ['DoGet'],
  );
});

test('a read that takes longer than its endpoint lasts is renewed until it ends, and not after', async (context) => {
  const renewal: Renewal = (stream, ticket) => renewed(stream, { ticket, expires: Date.now() + 800 });
  const { asked, server } = await caseOf(context, [{ ticket: 'slow', expires: Date.now() + 800 }], renewal);
  const begun = new Promise<ServerHttp2Stream>((resolve) => {
    server.on('slow', (stream) => {
      begin(stream);
      stream.write(goodStream(1));
      resolve(stream);
    });
  });
  const client = clientOf(server);
  const reading = client.query('expiring').then(async (result) => (await result.table()).numRows);
  const stream = await begun;
  while (asked.length < 4) await new Promise((turn) => setTimeout(turn, 20));
  stream.end();
  assert.equal(await reading, 2);
  await settled(client);
  const after = asked.length;
  await new Promise((turn) => setTimeout(turn, 1000));
  assert(asked.length <= after + 1, 'one may have been under way');
  await expectUsable(client);
});

test('a result that is cancelled, and one that fails, is not renewed any more', async (context) => {
  const renewal: Renewal = (stream, ticket) => renewed(stream, { ticket, expires: Date.now() + 600 });
  const endpoints = [
    { ticket: 'slow', expires: Date.now() + 600 },
    ...Array.from({ length: 5 }, () => ({ ticket: 'short', expires: Date.now() + 600 })),
  ];
  const { asked, server } = await caseOf(context, endpoints, renewal);
  const client = clientOf(server);
  for (const fails of [false, true]) {
    server.on('slow', (stream) => {
      begin(stream, { 'grpc-status': fails ? '15' : '0' });
      stream.write(goodStream(1));
      if (fails) setTimeout(() => stream.end(), 500);
    });
    const result = await client.query('expiring', null, { concurrency: 1 });
    const batches = result[Symbol.asyncIterator]();
    assert.equal((await batches.next()).value?.numRows, 2);
    if (fails) await assert.rejects(batches.next(), { code: 'DATA_LOSS' });
    else result.cancel();
    await settled(client);
    // What was under way may still arrive.
    await new Promise((turn) => setTimeout(turn, 200));
    const after = asked.length;
    await new Promise((turn) => setTimeout(turn, 800));
    assert.equal(asked.length, after);
  }
});

test('renew: false asks for no renewal, for a result, for one endpoint, and for a client', async (context) => {
  const renewal: Renewal = (stream) => renewed(stream, { ticket: 'new', expires: Date.now() + HOUR });
  const { asked, read, server } = await caseOf(context, [{ ticket: 'short', expires: Date.now() - HOUR }], renewal);
  const client = clientOf(server);
  assert.equal((await (await client.query('expiring', null, { renew: false })).table()).numRows, 4);
  const endpoint = (await client.execute('expiring')).endpoints[0] ?? assert.fail('no endpoint');
  assert.equal((await client.doGet(endpoint, { renew: false }).readAll()).numRows, 4);
  assert.equal((await (await clientOf(server, { renew: false }).query('expiring')).table()).numRows, 4);
  assert.deepEqual([asked, read], [[], ['short', 'short', 'short']]);
  assert.equal((await client.doGet(endpoint).readAll()).numRows, 4);
  assert.deepEqual([asked, read.at(-1)], [['short'], 'new']);
});

test('a renewal that is not answered holds a read up for some seconds, and no longer', async (context) => {
  const waiting: ServerHttp2Stream[] = [];
  const { rows, read } = await caseOf(context, [{ ticket: 'short', expires: Date.now() - HOUR }], (stream) => waiting.push(stream));
  assert.equal(await rows(), 4);
  assert.deepEqual(read, ['short']);
  for (const stream of waiting) if (!stream.closed) await once(stream, 'close');
});
