// The order in which the batches of several endpoints come.

import assert from 'node:assert/strict';
import type { ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import type { QueryOptions, QueryResult } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { begin, grpcAnswer } from './server/grpc-answer.js';
import { type ArrowMessage, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import { encoded, field, int, utf8 } from './wire/arrow-type.js';
import { flightInfo, flightStream } from './wire/flight-data.js';
import { int32s, int64s, NOTHING, text } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const NUMBERS = schemaMessage([field('number', int(64))]);
const numbers = (...values: number[]): ArrowMessage =>
  batchMessage({ rows: values.length, nodes: [[values.length, 0]], buffers: [NOTHING, int64s(...values)] });

/** A query of so many endpoints, each of which sends what the test gives it and ends when the test says so. */
class Parts {
  readonly #streams: Promise<ServerHttp2Stream>[];

  constructor(query: string, count: number, ordered = false) {
    const tickets = Array.from({ length: count }, (_, at) => `${query} ${at}`);
    server.on(query, {
      info: (stream) =>
        grpcAnswer(stream, [
          flightInfo(
            tickets.map((ticket) => ({ ticket })),
            undefined,
            ordered,
          ),
        ]),
    });
    this.#streams = tickets.map(
      (ticket) =>
        new Promise((resolve) => {
          server.on(ticket, (stream) => {
            begin(stream);
            resolve(stream);
          });
        }),
    );
  }

  async send(endpoint: number, ...messages: ArrowMessage[]): Promise<void> {
    (await this.#streams[endpoint])?.write(flightStream(messages));
  }

  async end(endpoint: number): Promise<void> {
    (await this.#streams[endpoint])?.end();
  }
}

const UNORDERED: QueryOptions = { ordered: false };

/** The numbers of the next batch. */
function reader(result: QueryResult): () => Promise<number[]> {
  const batches = result[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await batches.next();
    return done === true ? [] : Array.from(value.getChild('number') ?? [], Number);
  };
}

test('unordered, an endpoint that is slow holds up no other, and its rows come when they come', async () => {
  const parts = new Parts('slow first', 3);
  const next = reader(await client.query('slow first', null, UNORDERED));
  await parts.send(1, NUMBERS, numbers(10));
  assert.deepEqual(await next(), [10], 'the schema is that of the endpoint that sent one');
  await parts.send(2, NUMBERS, numbers(20));
  assert.deepEqual(await next(), [20]);
  await parts.send(1, numbers(11));
  assert.deepEqual(await next(), [11]);
  await parts.end(1);
  await parts.end(2);
  await parts.send(0, NUMBERS, numbers(1));
  assert.deepEqual(await next(), [1]);
  await parts.end(0);
  assert.deepEqual(await next(), []);
  await settled(client);
});

test('unordered, an endpoint that has much to say lets the others have their turn', async () => {
  const parts = new Parts('turns', 2);
  const result = await client.query('turns', null, UNORDERED);
  await parts.send(0, NUMBERS, ...Array.from({ length: 50 }, (_, at) => numbers(at)));
  await parts.send(1, NUMBERS, numbers(100), numbers(101));
  await parts.end(0);
  await parts.end(1);
  const seen: number[] = [];
  for await (const batch of result) seen.push(...Array.from(batch.getChild('number') ?? [], Number));
  assert.equal(seen.length, 52);
  assert.deepEqual(seen.filter((number) => number < 100).length, 50);
  for (const part of [seen.filter((number) => number < 100), seen.filter((number) => number >= 100)]) {
    assert.deepEqual(
      part,
      [...part].sort((one, other) => one - other),
      'the batches of one endpoint stay in their order',
    );
  }
});

for (const [who, ordered, options] of [
  ['the server', true, UNORDERED],
  ['nobody, as that is the default', false, undefined],
  ['the caller', false, { ordered: true }],
] as const) {
  test(`in order, where ${who} says so, what comes early waits for its turn`, async () => {
    const query = `in order by ${who}`;
    const parts = new Parts(query, 2, ordered);
    const next = reader(await client.query(query, null, options));
    await parts.send(1, NUMBERS, numbers(10));
    await parts.end(1);
    const first = next();
    await parts.send(0, NUMBERS, numbers(0));
    await parts.end(0);
    assert.deepEqual([await first, await next(), await next()], [[0], [10], []]);
  });
}

test('a client that reads unordered does so unless a call says otherwise', async () => {
  const unordered = clientOf(server, UNORDERED);
  const parts = new Parts('of the client', 2);
  const next = reader(await unordered.query('of the client'));
  await parts.send(1, NUMBERS, numbers(10));
  assert.deepEqual(await next(), [10]);
  await Promise.all([parts.end(1), parts.send(0, NUMBERS)]);
  await parts.end(0);
  assert.deepEqual(await next(), []);
  const again = new Parts('of the call', 2);
  const inOrder = reader(await unordered.query('of the call', null, { ordered: true }));
  await again.send(1, NUMBERS, numbers(10));
  await again.end(1);
  const first = inOrder();
  await again.send(0, NUMBERS, numbers(0));
  await again.end(0);
  assert.deepEqual([await first, await inOrder()], [[0], [10]]);
});

const WORDS = schemaMessage([encoded('word', utf8, 1, 32)]);
const dictionary = (...words: string[]): ArrowMessage => {
  const ends = words.map((_, at) => words.slice(0, at + 1).join('').length);
  return dictionaryMessage(1, {
    rows: words.length,
    nodes: [[words.length, 0]],
    buffers: [NOTHING, int32s(0, ...ends), text(words.join(''))],
  });
};
const indices = (...values: number[]): ArrowMessage =>
  batchMessage({ rows: values.length, nodes: [[values.length, 0]], buffers: [NOTHING, int32s(...values)] });

test('unordered, streams with dictionaries of their own are not mixed: they come whole, whichever is ready first', async () => {
  const parts = new Parts('dictionaries', 2);
  const words: string[] = [];
  const reading = (async () => {
    for await (const row of (await client.query('dictionaries', null, UNORDERED)).rows()) words.push(String(row['word']));
  })();
  await parts.send(1, WORDS, dictionary('x', 'y'), indices(0));
  await parts.send(0, WORDS, dictionary('a', 'b'), indices(0, 1));
  await parts.end(0);
  await parts.send(1, indices(1));
  await parts.end(1);
  await reading;
  const inWholes = [
    ['x', 'y', 'a', 'b'],
    ['a', 'b', 'x', 'y'],
  ];
  assert(
    inWholes.some((whole) => whole.join() === words.join()),
    words.join(),
  );
});

test('unordered, toIPC() and table() have every row of every endpoint', async () => {
  const { tableFromIPC } = await import('apache-arrow');
  for (const read of [async (result: QueryResult) => result.table(), async (result: QueryResult) => tableFromIPC(await result.toIPC())]) {
    const parts = new Parts('whole', 5);
    const reading = client.query('whole', null, { ...UNORDERED, concurrency: 2 }).then(read);
    // With two at a time the third is opened when one of them has ended.
    for (const endpoint of [1, 0, 3, 2, 4]) {
      await parts.send(endpoint, NUMBERS, numbers(endpoint * 2, endpoint * 2 + 1));
      await parts.end(endpoint);
    }
    const found = Array.from((await reading).getChild('number') ?? [], Number);
    assert.deepEqual(
      [...found].sort((one, other) => one - other),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  }
  await settled(client);
  await expectUsable(client);
});

test('an endpoint that fails fails the result, whichever its turn', async () => {
  const parts = new Parts('fails', 2);
  server.on('fails 1', (stream) => grpcAnswer(stream, [], { 'grpc-status': '5', 'grpc-message': 'gone' }));
  const next = reader(await client.query('fails', null, UNORDERED));
  await assert.rejects(next(), { code: 'NOT_FOUND', endpoint: { index: 1, location: null } });
  await parts.end(0);
  await settled(client);
});

test('concurrency is the call’s where it says so', async () => {
  const query = 'one at a time';
  const opened: number[] = [];
  server.on(query, { info: (stream) => grpcAnswer(stream, [flightInfo([0, 1, 2].map((at) => ({ ticket: `${query} ${at}` })))]) });
  const open: ServerHttp2Stream[] = [];
  for (const at of [0, 1, 2]) {
    server.on(`${query} ${at}`, (stream) => {
      opened.push(open.filter((other) => !other.closed).length);
      open.push(stream);
      grpcAnswer(stream, [flightStream([NUMBERS, numbers(at)])]);
    });
  }
  const table = await (await client.query(query, null, { concurrency: 1 })).table();
  assert.equal(table.numRows, 3);
  assert.deepEqual(opened, [0, 0, 0]);
});
