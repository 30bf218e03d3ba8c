// The limits that a client is given: streams of a result at a time, and bytes received ahead of their readers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlightSQLClient, QueryResult } from 'flightsql';
import { clientOf } from './expect/client.js';
import { settled } from './expect/settled.js';
import { CountedStream } from './server/counted-stream.js';
import { startEvilServer } from './server/evil-server.js';
import { begin, grpcAnswer } from './server/grpc-answer.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int } from './wire/arrow-type.js';
import { flightInfo, flightStream } from './wire/flight-data.js';
import { int64s, NOTHING } from './wire/values.js';

const MIB = 2 ** 20;

const server = await startEvilServer();
const NUMBERS = schemaMessage([field('number', int(64))]);

interface Parts {
  /** Endpoints in the order in which they were opened. */
  readonly opened: number[];
  most: number;
}

/**
 * Answers `query` with ten endpoints of a row each, and counts the streams that are open at a time. The first `together` are answered once
 * all of them are there; each even one after the odd one behind it.
 */
function tenParts(query: string, together: number): Parts {
  const tickets = Array.from({ length: 10 }, (_, part) => `${query}, part ${part}`);
  const answered = tickets.map(() => new Event());
  const allThere = new Event();
  const parts = { opened: [] as number[], most: 0 };
  let open = 0;
  server.on(query, { info: (stream) => grpcAnswer(stream, [flightInfo(tickets.map((ticket) => ({ ticket })))]) });
  for (const [part, ticket] of tickets.entries()) {
    server.on(ticket, async (stream) => {
      open += 1;
      parts.most = Math.max(parts.most, open);
      if (parts.opened.push(part) === together) allThere.happen();
      await allThere.happened;
      if (together > 1 && part % 2 === 0) await answered[part + 1]?.happened;
      // Before the trailers go out: the client cannot open the next stream without them.
      stream.on('wantTrailers', () => {
        open -= 1;
        answered[part]?.happen();
      });
      begin(stream);
      stream.end(flightStream([NUMBERS, batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int64s(part)] })]));
    });
  }
  return parts;
}

class Event {
  happen: () => void = () => {};
  readonly happened = new Promise<void>((resolve) => {
    this.happen = resolve;
  });
}

for (const [concurrency, together] of [
  [1, 1],
  [2, 2],
  [undefined, 4],
  [10, 10],
] as const) {
  test(`concurrency ${concurrency ?? 'not given'}: of ten endpoints ${together} are read at a time, and their rows come in order`, async () => {
    const query = `${together} at a time`;
    const parts = tenParts(query, together);
    const numbers: unknown[] = [];
    for await (const row of (await clientOf(server, { concurrency }).query(query)).rows()) numbers.push(row['number']);
    assert.deepEqual(numbers, [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
    assert.equal(parts.most, together);
    assert.equal(new Set(parts.opened).size, 10);
  });
}

const ROWS = MIB / 8;
const schema = flightStream([NUMBERS]);
const chunk = flightStream([batchMessage({ rows: ROWS, nodes: [[ROWS, 0]], buffers: [NOTHING, new Uint8Array(MIB)] })]);
/** Chunks of a long result. */
const LENGTH = 60;

let streams: CountedStream[] = [];
server.on('long', (stream) => streams.push(new CountedStream(stream, schema, chunk, LENGTH)));

/** Opens long results and reads nothing; resolves when the server can send no more, with the bytes that it sent. */
async function unread(client: FlightSQLClient, count: number): Promise<{ results: QueryResult[]; sent: number }> {
  streams = [];
  const results = await Promise.all(Array.from({ length: count }, () => client.query('long')));
  await Promise.all(results.map((result) => result.schema()));
  await Promise.all(streams.map((stream) => stream.stalled(chunk.length, 500)));
  return { results, sent: streams.reduce((sum, stream) => sum + stream.sent, 0) };
}

/**
 * The most that a server can send to sixteen results that nobody reads, with 16 MiB to be buffered: of each the HTTP/2 window (8 MiB), the
 * message that it may always have and the one under way; and what is buffered of all. Without the limit it would be twice 8 MiB of each.
 */
const BOUND = 16 * (8 * MIB + 2 * chunk.length) + 16 * MIB;

test('maxBufferedBytes bounds what a server sends to results that nobody reads, and each can be read whole afterwards', async () => {
  const client = clientOf(server, { maxBufferedBytes: 16 * MIB });
  await (async () => {
    const { results, sent } = await unread(client, 16);
    assert(sent < BOUND, `${sent / MIB} MiB were sent, more than ${BOUND / MIB}`);
    const rows: number[] = [];
    // One after the other while the rest holds the whole budget, and then the rest at once.
    for (const result of results.slice(0, 4)) rows.push((await result.table()).numRows);
    rows.push(...(await Promise.all(results.slice(4).map(async (result) => (await result.table()).numRows))));
    assert.deepEqual(
      rows,
      results.map(() => LENGTH * ROWS),
    );
  })();
  await settled(client);
});

test('without maxBufferedBytes the same results are received further ahead', async () => {
  const client = clientOf(server);
  const { results, sent } = await unread(client, 16);
  assert(sent > BOUND, `${sent / MIB} MiB were sent`);
  for (const result of results) result.cancel();
  await settled(client);
});

/** Ways to be done with a result of which one batch was read. */
const ways: readonly ((client: FlightSQLClient) => Promise<void>)[] = [
  async (client) => {
    const result = await client.query('long');
    await result[Symbol.asyncIterator]().next();
    result.cancel();
  },
  async (client) => {
    for await (const _batch of await client.query('long')) break;
  },
  async (client) => {
    const controller = new AbortController();
    const result = await client.query('long', null, { signal: controller.signal });
    await result[Symbol.asyncIterator]().next();
    controller.abort();
  },
  // Left to the collector.
  async (client) => {
    await (await client.query('long'))[Symbol.asyncIterator]().next();
  },
];

/** The bytes that wait of a result that nobody reads. What its server sent says less: that varies with when it learns of its HTTP/2 window. */
async function buffered(client: FlightSQLClient): Promise<number> {
  const { results } = await unread(client, 1);
  const { bufferedBytes } = client.stats();
  for (const result of results) result.cancel();
  await settled(client);
  assert.equal(client.stats().bufferedBytes, 0);
  return bufferedBytes;
}

test('results that were given up half-read leave the whole of maxBufferedBytes to those after them', async () => {
  // What a single stream may have: any byte that is not given back would show.
  const client = clientOf(server, { maxBufferedBytes: 8 * MIB });
  const first = await buffered(client);
  await Promise.all(Array.from({ length: 40 }, (_, at) => ways[at % ways.length]?.(client)));
  await settled(client);
  const last = await buffered(client);
  assert(first >= 8 * MIB && first < 10 * MIB, `${first / MIB} MiB wait to be read`);
  assert.equal(last, first);
});
