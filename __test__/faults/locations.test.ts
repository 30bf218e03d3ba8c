// Where the endpoints of a result are read.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { FlightSQLError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { type EvilServer, startEvilServer } from './server/evil-server.js';
import { GOOD_QUERY } from './server/good-query.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { flightInfo } from './wire/flight-data.js';

const server = await startEvilServer();
const other = await startEvilServer();
const DEAD = ['grpc://127.0.0.1:1', 'grpc+tcp://127.0.0.1:2'] as const;
const OTHER = `grpc://127.0.0.1:${other.port}`;

const asked = ({ calls }: EvilServer) => calls.filter(({ method }) => method === 'DoGet').length;

/** How many rows a result of one endpoint at these places has, and how often each server was asked for it. */
async function read(locations: readonly string[], client = clientOf(server)): Promise<{ rows: number; here: number; there: number }> {
  const [here, there] = [asked(server), asked(other)];
  server.on('placed', { info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: GOOD_QUERY, locations }])]) });
  const { numRows: rows } = await (await client.query('placed')).table();
  return { rows, here: asked(server) - here, there: asked(other) - there };
}

const HERE = { rows: 4, here: 1, there: 0 };
const THERE = { rows: 4, here: 0, there: 1 };

const cases: Record<string, { locations: readonly string[]; expected: typeof HERE }> = {
  'no location is the server that answered': { locations: [], expected: HERE },
  'arrow-flight-reuse-connection://? is the server that answered': { locations: ['arrow-flight-reuse-connection://?'], expected: HERE },
  'the first location that answers is read': { locations: [OTHER, `grpc://127.0.0.1:${server.port}`], expected: THERE },
  'a location that is down falls to the next': { locations: [...DEAD, OTHER], expected: THERE },
  'and to the connection that answered where that is listed': {
    locations: [DEAD[0], 'arrow-flight-reuse-connection://?', OTHER],
    expected: HERE,
  },
  'the same server under another name': { locations: [`grpc://localhost:${server.port}`], expected: HERE },
  '0.0.0.0 is the host that was reached': { locations: [`grpc://0.0.0.0:${other.port}`], expected: THERE },
  'and so is [::]': { locations: [`grpc+tcp://[::]:${other.port}`], expected: THERE },
  'a location that no Flight client can reach falls to the next': { locations: ['https://bucket.example/part', OTHER], expected: THERE },
  'where none can be reached the server that named them is asked': { locations: DEAD, expected: HERE },
  'also for a location by a name that nobody has': { locations: ['grpc://backend.invalid:8050'], expected: HERE },
};

for (const [name, { locations, expected }] of Object.entries(cases)) {
  test(name, async () => {
    assert.deepEqual(await read(locations), expected);
  });
}

test('all dead, and the server that named them does not have it: one error that names all of them', async () => {
  const client = clientOf(server);
  server.on('nowhere', {
    info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: GOOD_QUERY }, { ticket: 'not here', locations: DEAD }])]),
  });
  server.on('not here', (stream) => grpcAnswer(stream, [], { 'grpc-status': '5', 'grpc-message': 'no such ticket' }));
  await assert.rejects((await client.query('nowhere')).table(), (error: unknown) => {
    assert(error instanceof FlightSQLError);
    assert.equal(error.code, 'CONNECTION_FAILED');
    assert.equal(error.retryable, true);
    assert.deepEqual(error.endpoint, { index: 1, location: DEAD[1] });
    for (const part of [...DEAD, 'NOT_FOUND: no such ticket']) assert(error.message.includes(part), `${error.message} names ${part}`);
    return true;
  });
  await settled(client);
  await expectUsable(client);
});

test('a location that says behind the head of its answer that it cannot serve now falls to the next', async () => {
  const busy = await startEvilServer();
  busy.on(GOOD_QUERY, (stream) => grpcAnswer(stream, [], { 'grpc-status': '14', 'grpc-message': 'busy' }));
  assert.deepEqual(await read([`grpc://127.0.0.1:${busy.port}`, OTHER]), THERE);
  assert.equal(asked(busy), 1);
});

test('a server that was reached and refuses the ticket has the last word', async () => {
  const client = clientOf(server);
  server.on('refused', { info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: 'refused there', locations: [OTHER] }])]) });
  other.on('refused there', (stream) => grpcAnswer(stream, [], { 'grpc-status': '7', 'grpc-message': 'not for you' }));
  const before = asked(server);
  await assert.rejects((await client.query('refused')).table(), { code: 'PERMISSION_DENIED', endpoint: { index: 0, location: OTHER } });
  assert.equal(asked(server), before);
});

test('a location that is not trusted is not gone around: the error says how to trust it', async () => {
  const client = clientOf(server, { token: 'a-secret' });
  const location = `grpc://127.1:${other.port}`;
  await assert.rejects(read([DEAD[0], location], client), { code: 'UNTRUSTED_LOCATION', endpoint: { index: 0, location } });
});

test('a location that could not be reached is not tried again at once, unless it is the only one left', async () => {
  let attempts = 0;
  const port = await freePort();
  const client = clientOf(server);
  const dead = `grpc://127.0.0.1:${port}`;
  assert.deepEqual(await read([dead, OTHER], client), THERE);
  const reborn = createServer((socket) => {
    attempts += 1;
    socket.destroy();
  });
  reborn.listen(port, '127.0.0.1');
  await once(reborn, 'listening');
  try {
    for (let time = 0; time < 3; time++) assert.deepEqual(await read([dead, OTHER], client), THERE);
    assert.equal(attempts, 0, 'it was not tried again while another could be read');
    assert.deepEqual(await read([dead], client), HERE, 'nor before the server that named it');
    server.on('only there', { info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: 'lost', locations: [dead] }])]) });
    server.on('lost', (stream) => grpcAnswer(stream, [], { 'grpc-status': '5' }));
    await assert.rejects((await client.query('only there')).table());
    assert(attempts > 0, 'it is the only one left');
  } finally {
    reborn.close();
  }
});

test('a location that takes connections and says nothing costs its timeout once', async () => {
  const silent = createServer();
  let connections = 0;
  silent.on('connection', (socket) => {
    connections += 1;
    socket.on('error', () => {}).resume();
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const client = clientOf(server, { timeouts: { connect: 400 } });
  try {
    const began = performance.now();
    for (let time = 0; time < 10; time++) assert.deepEqual(await read([`grpc://127.0.0.1:${port}`, OTHER], client), THERE);
    const took = performance.now() - began;
    assert.equal(connections, 1);
    assert(took > 350 && took < 2000, `${took} ms, where each of ten attempts would take 400`);
  } finally {
    await client.close();
    silent.close();
  }
});

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, 'close');
  return port;
}
