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
    assert.deepEqual(
      parts.opened.toSorted((one, other) => one - other),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  });
}

const ROWS = MIB / 8;
const schema = flightStream([NUMBERS]);
const chunk = flightStream([batchMessage({ rows: ROWS, nodes: [[ROWS, 0]], buffers: [NOTHING, new Uint8Array(MIB)] })]);
/** Chunks of a long result. */
const LENGTH = 60;
/** What the server sends into the HTTP/2 window of a stream that is not read. */
const WINDOW = 8 * MIB;
/** What one stream has decoded and unread. */
const QUEUE = 8 * MIB;

let streams: CountedStream[] = [];
server.on('long', (stream) => streams.push(new CountedStream(stream, schema, chunk, LENGTH)));

/** Opens long results and reads nothing; resolves when the server can send no more. */
async function opened(client: FlightSQLClient, count: number): Promise<{ results: QueryResult[]; sent: number }> {
  streams = [];
  const results = await Promise.all(Array.from({ length: count }, () => client.query('long')));
  await Promise.all(results.map((result) => result.schema()));
  await Promise.all(streams.map((stream) => stream.stalled(WINDOW, 500)));
  return { results, sent: streams.reduce((sum, stream) => sum + stream.sent, 0) };
}

test('tmp', async (context) => {
  for (const [n, b] of [[16, 16 * MIB], [16, 256 * MIB], [1, 16 * MIB], [1, 1*MIB]] as const) {
    const client = clientOf(server, { maxBufferedBytes: b });
    const { results, sent } = await opened(client, n);
    context.diagnostic(`${n} ${b / MIB} ${sent / MIB} ${streams.map((s) => (s.sent / MIB).toFixed(1))}`);
    for (const r of results) r.cancel();
    await settled(client);
  }
});
