// Credentials on the wire: tokens, the Handshake that turns user and password into one, and servers that know none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlightSQLClient, type FlightSQLClientOptions, FlightSQLError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { bothCalls, seenCalls, seenQuery } from './expect/seen-query.js';
import { type Answer, type EvilServer, startEvilServer } from './server/evil-server.js';
import { GOOD_QUERY } from './server/good-query.js';
import { begin, GRPC_HEAD, grpcAnswer } from './server/grpc-answer.js';
import { bytesField, grpcFrame } from './wire/flight-data.js';

const LOGIN = { user: 'me', password: 'pä:ss' };
const BASIC = `Basic ${Buffer.from('me:pä:ss').toString('base64')}`;
const OK = { 'grpc-status': '0' };
const EMPTY_REPLY = grpcFrame(Buffer.alloc(0));

/** Gives the token 'given', in the reply's payload. */
const giving: Answer = (stream) => grpcAnswer(stream, [grpcFrame(bytesField(2, Buffer.from('given')))]);

/** A server of one test, so that what it saw is of that test. */
async function serverAndClient(
  options: FlightSQLClientOptions,
  handshake?: Answer,
): Promise<{ server: EvilServer; client: FlightSQLClient }> {
  const server = await startEvilServer();
  if (handshake !== undefined) server.handshake = handshake;
  return { server, client: clientOf(server, options) };
}

function countOf(server: EvilServer, method: string): number {
  return server.calls.filter((call) => call.method === method).length;
}

test('a client without credentials sends none, and makes no Handshake', async () => {
  const { server, client } = await serverAndClient({});
  assert.deepEqual(await seenQuery(server, client, ['authorization']), bothCalls([]));
});

test('a token is sent with every call, and no Handshake is made', async () => {
  const { server, client } = await serverAndClient({ token: 'a-secret' });
  assert.deepEqual(await seenQuery(server, client, ['authorization']), bothCalls(['Bearer a-secret']));
});

test("a call's authorization takes the place of the client's token", async () => {
  const { server, client } = await serverAndClient({ token: 'of-the-client' });
  const seen = await seenQuery(server, client, ['authorization'], { headers: { authorization: 'Bearer of-the-call' } });
  assert.deepEqual(seen, bothCalls(['Bearer of-the-call']));
});

test("the client's own authorization header is sent as it is, and no Handshake is made", async () => {
  const { server, client } = await serverAndClient({ headers: { authorization: 'Custom a=b, c' } });
  assert.deepEqual(await seenQuery(server, client, ['authorization']), bothCalls(['Custom a=b, c']));
});

/** Where servers put the token that a Handshake is answered with. */
const tokens: Record<string, Answer> = {
  'in the head': (stream) => {
    begin(stream, OK, { ...GRPC_HEAD, authorization: 'Bearer given' });
    stream.end(EMPTY_REPLY);
  },
  'in the trailers': (stream) => grpcAnswer(stream, [EMPTY_REPLY], { ...OK, authorization: 'Bearer given' }),
  'in the reply': giving,
};

for (const [where, answer] of Object.entries(tokens)) {
  test(`user and password log in by Handshake, and a token ${where} is sent with every call after it`, async () => {
    const { server, client } = await serverAndClient(LOGIN, answer);
    assert.deepEqual(await seenQuery(server, client, ['authorization']), [['Handshake', [BASIC]], ...bothCalls(['Bearer given'])]);
    assert.deepEqual(await seenQuery(server, client, ['authorization']), bothCalls(['Bearer given']));
  });
}

test('connect() logs in, so that no query need', async () => {
  const { server, client } = await serverAndClient(LOGIN, giving);
  await client.connect();
  assert.deepEqual(seenCalls(server, ['authorization']), [['Handshake', [BASIC]]]);
  assert.deepEqual(await seenQuery(server, client, ['authorization']), bothCalls(['Bearer given']));
});

test('twenty first calls at a time log in once', async () => {
  const { server, client } = await serverAndClient(LOGIN, giving);
  await Promise.all(Array.from({ length: 20 }, () => expectUsable(client)));
  assert.equal(countOf(server, 'Handshake'), 1);
  assert.equal(countOf(server, 'GetFlightInfo'), 20);
});

/** Servers without Handshake, or without a token for it. */
const without: Record<string, Answer> = {
  'says UNIMPLEMENTED to Handshake in its trailers': (stream) => grpcAnswer(stream, [], { 'grpc-status': '12' }),
  'says UNIMPLEMENTED to Handshake in its head': (stream) => stream.respond({ ...GRPC_HEAD, 'grpc-status': '12' }, { endStream: true }),
  'gives no token': (stream) => grpcAnswer(stream, [EMPTY_REPLY]),
};

for (const [what, answer] of Object.entries(without)) {
  test(`a server that ${what} gets user and password with every call, and is not asked again`, async () => {
    const { server, client } = await serverAndClient(LOGIN, answer);
    assert.deepEqual(await seenQuery(server, client, ['authorization']), [['Handshake', [BASIC]], ...bothCalls([BASIC])]);
    assert.deepEqual(await seenQuery(server, client, ['authorization']), bothCalls([BASIC]));
  });
}

test("the client's headers come with the Handshake, and those of the call that needs it do not", async () => {
  const { server, client } = await serverAndClient({ ...LOGIN, headers: { database: 'shop', 'x-team': 'blue' } }, giving);
  const names = ['authorization', 'database', 'x-team', 'x-once'];
  const headers = { authorization: 'Bearer of-the-call', database: 'archive', 'x-once': '1' };
  assert.deepEqual(await seenQuery(server, client, names, { headers }), [
    ['Handshake', [BASIC], ['shop'], ['blue'], []],
    ...bothCalls(['Bearer of-the-call'], ['archive'], ['blue'], ['1']),
  ]);
  assert.deepEqual(await seenQuery(server, client, names), bothCalls(['Bearer given'], ['shop'], ['blue'], []));
});

test('a Handshake that is refused fails the call that waits for it, which is not sent; the next one logs in anew', async () => {
  const { server, client } = await serverAndClient(LOGIN, (stream) =>
    grpcAnswer(stream, [], { 'grpc-status': '16', 'grpc-message': 'who are you' }),
  );
  await assert.rejects(client.query(GOOD_QUERY), (error: unknown) => {
    assert(error instanceof FlightSQLError);
    assert.equal(error.code, 'UNAUTHENTICATED');
    assert.match(error.message, /who are you/);
    return true;
  });
  assert.deepEqual(seenCalls(server), [['Handshake']]);
  server.handshake = giving;
  assert.deepEqual(await seenQuery(server, client, ['authorization']), [['Handshake', [BASIC]], ...bothCalls(['Bearer given'])]);
});

test('a call that is aborted while it logs in leaves the login to the one that waits for it too', async () => {
  const controller = new AbortController();
  let waiting: Promise<void> | undefined;
  const { server, client } = await serverAndClient(LOGIN, () => {
    server.handshake = giving;
    waiting = expectUsable(client);
    controller.abort(new Error('enough'));
  });
  await assert.rejects(client.query(GOOD_QUERY, null, { signal: controller.signal }), /enough/);
  await waiting;
  assert.deepEqual(seenCalls(server), [['Handshake'], ['Handshake'], ['GetFlightInfo'], ['DoGet']]);
});

test('a Handshake that is never answered ends with the timeout of its call, and not the login of the next', async () => {
  const { server, client } = await serverAndClient(LOGIN, () => {
    server.handshake = giving;
  });
  await assert.rejects(client.query(GOOD_QUERY, null, { timeout: 200 }), { code: 'DEADLINE_EXCEEDED' });
  assert.deepEqual(await seenQuery(server, client, ['authorization']), [['Handshake', [BASIC]], ...bothCalls(['Bearer given'])]);
});
