// A reader that stops stops its server, and nobody else.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { FlightSQLError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { CountedStream } from './server/counted-stream.js';
import { startEvilServer } from './server/evil-server.js';
import { type Frame, FrameSplitter, FrameType } from './server/h2-frames.js';
import { RawServer } from './server/raw-server.js';
import { type ArrowMessage, batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int } from './wire/arrow-type.js';
import { flightData, flightStream, grpcFrame } from './wire/flight-data.js';
import { NOTHING } from './wire/values.js';

const MIB = 2 ** 20;

const server = await startEvilServer();
const client = clientOf(server);

const schema = flightStream([schemaMessage([field('number', int(64))])]);
const batchOf = (rows: number): ArrowMessage =>
  batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, new Uint8Array(rows * 8).fill(7)] });

// Names of RFC 9113, and the window that every connection begins with.
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;
const FIRST_WINDOW = 65_535;

/** A value of a SETTINGS frame. */
function settingOf(settings: Frame | undefined, name: number): number | undefined {
  const payload = settings?.payload ?? Buffer.alloc(0);
  for (let at = 0; at < payload.length; at += 6) if (payload.readUInt16BE(at) === name) return payload.readUInt32BE(at + 2);
  return undefined;
}

/** Answers `query` with `count` chunks; resolves to the stream when the query comes. */
function counted(query: string, chunk: Uint8Array, count: number): Promise<CountedStream> {
  return new Promise((resolve) => {
    server.on(query, (stream) => resolve(new CountedStream(stream, schema, chunk, count)));
  });
}

/**
 * The most that a server can send to a reader that has stopped, in MiB: the HTTP/2 window of the stream (8), the queue of decoded batches
 * (8, and the one that passes it), one delivery (4, and the one that passes it), and what lies between: one frame under way and Node's own
 * buffers here. Sockets are not in it: the window is granted only for what was read from them.
 */
const BOUND = 8 + 8 + 4;
const SLACK = 4;

for (const [name, rows] of [
  ['1 MiB', MIB / 8],
  ['64 KiB', (64 << 10) / 8],
  ['3 MiB', (3 * MIB) / 8],
] as const) {
  test(`batches of ${name}: a reader that took one and stopped bounds what the server sends, and loses nothing by it`, async () => {
    const chunk = flightStream([batchOf(rows)]);
    const count = Math.ceil((120 * MIB) / chunk.length);
    const started = counted(name, chunk, count);
    await (async () => {
      const batches = (await client.query(name))[Symbol.asyncIterator]();
      assert.equal((await batches.next()).value?.numRows, rows);
      const sending = await started;
      // Reading ahead is what makes it fast: less than the window would be a defect too.
      await sending.stalled(8 * MIB, 500);
      const bound = (BOUND + SLACK) * MIB + 2 * chunk.length;
      assert(sending.sent < bound, `${sending.sent / MIB} MiB were sent, more than ${bound / MIB}`);
      let read = 1;
      for (let next = await batches.next(); !next.done; next = await batches.next()) read += 1;
      assert.equal(read, count);
    })();
    await settled(client);
  });
}

/** Messages that hold next to nothing still cost memory: they are bounded too. */
const trifles: Record<string, Uint8Array> = {
  'batches of one row': flightStream([batchOf(1)]),
  'batches of no rows': flightStream([batchOf(0)]),
  'application metadata without data': grpcFrame(flightData({}, Buffer.from('still here'))),
  'empty application metadata': grpcFrame(flightData({}, Buffer.alloc(0))),
};

for (const [name, one] of Object.entries(trifles)) {
  test(`${name}: a reader that stopped bounds what the server sends`, async () => {
    const perChunk = Math.ceil((64 << 10) / one.length);
    const chunk = Buffer.concat(Array.from({ length: perChunk }, () => one));
    const started = counted(name, chunk, Math.ceil((100 * MIB) / chunk.length));
    const result = await client.query(name);
    await result.schema();
    const sending = await started;
    await sending.stalled(0, 1500);
    const bound = (BOUND + SLACK) * MIB;
    assert(sending.sent < bound, `${sending.sent / MIB} MiB were sent to a reader that read nothing`);
    result.cancel();
    await sending.closed;
    await settled(client);
  });
}

test('with 64 results open and unread, a hundred more queries succeed', async () => {
  const chunk = flightStream([batchOf(MIB / 8)]);
  const streams: CountedStream[] = [];
  server.on('unread', (stream) => streams.push(new CountedStream(stream, schema, chunk, 100)));
  const unread = await Promise.all(Array.from({ length: 64 }, () => client.query('unread')));
  await Promise.all(unread.map((result) => result.schema()));
  // Every window is full, but for a chunk that does not fit into it whole: what else there is has to go past it.
  await Promise.all(streams.map((stream) => stream.stalled(7 * MIB, 500)));
  for (let round = 0; round < 100; round++) await expectUsable(client);
  assert.equal(streams.length, 64);
  for (const result of unread) result.cancel();
  assert.deepEqual(
    await Promise.all(streams.map((stream) => stream.closed)),
    Array.from({ length: 64 }, () => 8),
  );
  await settled(client);
});

test('a connection is opened with windows of 8 MiB a stream, and of one more than its seven streams in all', async () => {
  const received: Frame[] = [];
  let socketOf: (socket: Socket) => void;
  const connected = new Promise<Socket>((resolve) => {
    socketOf = resolve;
  });
  const raw = await RawServer.start((socket) => {
    const splitter = new FrameSplitter();
    socket.on('data', (bytes: Buffer) => received.push(...splitter.feed(bytes)));
    socketOf(socket);
    return false;
  });
  raw.on('windows', (call) => call.head().data(schema).trailers());
  await clientOf(raw).doGet(Buffer.from('windows')).readAll();
  const socket = await connected;
  const ofConnection = (type: number) => received.filter((frame) => frame.type === type && frame.stream === 0 && frame.flags === 0);
  while (ofConnection(FrameType.windowUpdate).length === 0) await once(socket, 'data');
  const [settings] = ofConnection(FrameType.settings);
  assert.equal(settingOf(settings, INITIAL_WINDOW_SIZE), 8 * MIB);
  assert.equal(settingOf(settings, MAX_FRAME_SIZE), MIB);
  const [update] = ofConnection(FrameType.windowUpdate);
  assert.equal(FIRST_WINDOW + (update?.payload.readUInt32BE(0) ?? 0), 8 * 8 * MIB);
});

test('64 results that stopped half-way go on', async () => {
  const chunk = flightStream([batchOf(MIB / 8)]);
  const total = 30;
  server.on('half-way', (stream) => new CountedStream(stream, schema, chunk, total));
  const open = await Promise.all(Array.from({ length: 64 }, async () => (await client.query('half-way'))[Symbol.asyncIterator]()));
  await Promise.all(open.map((batches) => batches.next()));
  await expectUsable(client);
  const counts = await Promise.all(
    open.map(async (batches) => {
      let count = 1;
      for (let next = await batches.next(); !next.done; next = await batches.next()) count += 1;
      return count;
    }),
  );
  assert.deepEqual(new Set(counts), new Set([total]));
  open.length = 0;
  await settled(client);
});

test('a slow reader of tiny frames is not cut off', async () => {
  // HTTP/2 libraries close connections on which small frames pile up unread.
  const row = flightStream([batchOf(1)]);
  const count = 20_000;
  server.on('tiny frames', (stream) => {
    const tiny = new CountedStream(stream, schema, row, count);
    tiny.stream.on('error', () => {});
  });
  let rows = 0;
  for await (const batch of await client.query('tiny frames')) {
    rows += batch.numRows;
    if (rows % 2000 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(rows, count);
  await settled(client);
});

test('a caller that keeps every batch is not stopped', async () => {
  // Three times maxBufferedBytes (256 MiB), which bounds what was not handed out, and nothing else.
  const rows = (2 * MIB) / 8;
  const chunk = flightStream([batchOf(rows)]);
  const count = 400;
  server.on('keep all', (stream) => new CountedStream(stream, schema, chunk, count));
  await (async () => {
    const table = await (await client.query('keep all')).table();
    assert.equal(table.numRows, rows * count);
    assert(client.stats().memory.handedOutBytes >= 800 * MIB);
    assert.equal(table.getChildAt(0)?.get(table.numRows - 1), 0x0707070707070707n);
  })();
  await settled(client);
});

test('the message limit is the one that was set', async () => {
  const strict = clientOf(server, { maxMessageBytes: 100_000 });
  server.on('at the limit', (stream) => new CountedStream(stream, schema, flightStream([batchOf(10_000)]), 1));
  server.on('beyond the limit', (stream) => new CountedStream(stream, schema, flightStream([batchOf(13_000)]), 1));
  assert.equal((await (await strict.query('at the limit')).table()).numRows, 10_000);
  await assert.rejects((await strict.query('beyond the limit')).table(), (error: unknown) => {
    assert(error instanceof FlightSQLError);
    assert.equal(error.code, 'MESSAGE_TOO_LARGE');
    assert.match(error.hint ?? '', /maxMessageBytes/);
    return true;
  });
});

test('a call has the message limit that it is told, and leaves that of the others', async () => {
  const strict = clientOf(server, { maxMessageBytes: 100_000 });
  server.on('within the limit', (stream) => new CountedStream(stream, schema, flightStream([batchOf(10_000)]), 1));
  server.on('above the limit', (stream) => new CountedStream(stream, schema, flightStream([batchOf(13_000)]), 1));
  const rowsOf = async (ticket: string, maxMessageBytes?: number) =>
    (await (await strict.query(ticket, null, { maxMessageBytes })).table()).numRows;
  assert.equal(await rowsOf('above the limit', 200_000), 13_000);
  await assert.rejects(rowsOf('above the limit'), { code: 'MESSAGE_TOO_LARGE', message: /maxMessageBytes, which is 100000/ });
  await assert.rejects(rowsOf('within the limit', 50_000), { code: 'MESSAGE_TOO_LARGE', message: /maxMessageBytes, which is 50000/ });
  assert.equal(await rowsOf('within the limit'), 10_000);
  // Of short calls too.
  await assert.rejects(strict.execute('within the limit', { maxMessageBytes: 10 }), {
    code: 'MESSAGE_TOO_LARGE',
    message: /maxMessageBytes/,
  });
});
