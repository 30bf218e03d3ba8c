// HTTP/2 that no server speaks: by frames made by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightSQLClient, FlightSQLError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { settled } from './expect/settled.js';
import { goodStream } from './server/good-stream.js';
import { Flag, FrameType, frame, GRPC_HEAD, headerBlock, setting, uint32 } from './server/h2-frames.js';
import { type RawAnswer, RawServer } from './server/raw-server.js';

const good: RawAnswer = (call) => call.head().data(goodStream()).trailers();

const server = await RawServer.start();
server.on('good', good);
const client = clientOf(server);

const LOST = ['CONNECTION_LOST', 'STREAM_RESET', 'PROTOCOL_ERROR', 'INTERNAL', 'UNAVAILABLE'];

/** Reads the ticket to its failure. A call that only hangs would be a defect: its deadline is not among the codes. */
async function failureOf(ticket: string): Promise<FlightSQLError> {
  try {
    await client.doGet(Buffer.from(ticket), { timeout: 10_000 }).readAll();
  } catch (error) {
    assert(error instanceof FlightSQLError, String(error));
    return error;
  }
  return assert.fail(`'${ticket}' was expected to fail`);
}

async function expectUsable(): Promise<void> {
  // The first call may find the connection dying: what it then says is that it may be repeated.
  const table = await client
    .doGet(Buffer.from('good'))
    .readAll()
    .catch((error: FlightSQLError) => {
      assert(error.retryable, `${error.code}: ${error.message}`);
      return client.doGet(Buffer.from('good')).readAll();
    });
  assert.equal(table.numRows, 4);
}

const partOfStream = goodStream().subarray(0, -20);

/** What the server does after the head and most of the data. */
const faults: Record<string, RawAnswer> = {
  'DATA for a stream that nobody opened': (call) => call.send(frame(FrameType.data, 0, call.id + 20, Buffer.from('x'))),
  'DATA for stream 0': (call) => call.send(frame(FrameType.data, 0, 0, Buffer.from('x'))),
  'DATA longer than the frame limit': (call) => call.send(frame(FrameType.data, 0, call.id, Buffer.alloc(100), 2 ** 24 - 1)),
  'DATA with more padding than data': (call) => call.send(frame(FrameType.data, Flag.padded, call.id, Buffer.from([200, 1, 2]))),
  'a HEADERS block that is no HPACK': (call) => call.send(frame(FrameType.headers, Flag.endHeaders, call.id, Buffer.alloc(20, 0xff))),
  'a HEADERS block without its end, then DATA': (call) =>
    call.send(frame(FrameType.headers, 0, call.id, GRPC_HEAD), frame(FrameType.data, 0, call.id, Buffer.from('x'))),
  'CONTINUATION that continues nothing': (call) => call.send(frame(FrameType.continuation, Flag.endHeaders, call.id, GRPC_HEAD)),
  'trailers that do not end the stream': (call) => call.send(frame(FrameType.headers, Flag.endHeaders, call.id, GRPC_HEAD)),
  'SETTINGS of a length that is none': (call) => call.send(frame(FrameType.settings, 0, 0, Buffer.alloc(5))),
  'SETTINGS with a window beyond 2^31': (call) => call.send(frame(FrameType.settings, 0, 0, setting(4, 0xffffffff))),
  'SETTINGS with a frame size of 1': (call) => call.send(frame(FrameType.settings, 0, 0, setting(5, 1))),
  'WINDOW_UPDATE of nothing': (call) => call.send(frame(FrameType.windowUpdate, 0, call.id, uint32(0))),
  'WINDOW_UPDATE beyond 2^31': (call) =>
    call.send(frame(FrameType.windowUpdate, 0, 0, uint32(0x7fffffff)), frame(FrameType.windowUpdate, 0, 0, uint32(0x7fffffff))),
  'a PUSH_PROMISE': (call) => call.send(frame(FrameType.pushPromise, Flag.endHeaders, call.id, Buffer.concat([uint32(2), GRPC_HEAD]))),
  'a PING of 3 bytes': (call) => call.send(frame(FrameType.ping, 0, 0, Buffer.alloc(3))),
  'a RST_STREAM of 3 bytes': (call) => call.send(frame(FrameType.rstStream, 0, call.id, Buffer.alloc(3))),
  'bytes that are no frames': (call) => call.send(Buffer.alloc(64 << 10, 0xa5)),
  'an answer in HTTP/1.1': (call) => call.send(Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')),
  'headers of 4 MiB': (call) => {
    const block = headerBlock(Array.from({ length: 64 }, (_, at) => [`x-${at}`, 'v'.repeat(64 << 10)] as const));
    call.send(frame(FrameType.headers, 0, call.id, Buffer.alloc(0)));
    for (let at = 0; at < block.length; at += 16 << 10) {
      const last = at + (16 << 10) >= block.length;
      call.send(frame(FrameType.continuation, last ? Flag.endHeaders : 0, call.id, block.subarray(at, at + (16 << 10))));
    }
  },
  'CONTINUATION without end': (call) => {
    call.send(frame(FrameType.headers, 0, call.id, Buffer.alloc(0)));
    const more = () => {
      if (call.socket.destroyed) return;
      call.socket.write(frame(FrameType.continuation, 0, call.id, headerBlock([['a', 'b'.repeat(1000)]])), () => setImmediate(more));
    };
    more();
  },
  'the connection closed': (call) => call.socket.end(),
  'the connection reset': (call) => call.socket.resetAndDestroy(),
  'a stream ended without trailers': (call) => call.data(Buffer.alloc(0), Flag.endStream),
};

for (const [name, act] of Object.entries(faults)) {
  test(name, async () => {
    server.on(name, (call, ticket) => {
      call.head().data(partOfStream);
      act(call, ticket);
    });
    const error = await failureOf(name);
    assert(LOST.includes(error.code), `${error.code}: ${error.message}`);
    assert.deepEqual(error.endpoint, { index: 0, location: null });
    await settled(client);
    await expectUsable();
  });
}

const REASONS = [
  ...['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT', 'STREAM_CLOSED', 'FRAME_SIZE_ERROR'],
  ...['REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR', 'ENHANCE_YOUR_CALM', 'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'],
];

for (const [code, reason] of REASONS.entries()) {
  test(`RST_STREAM ${reason} after a batch`, async () => {
    const ticket = `reset ${reason}`;
    server.on(ticket, (call) =>
      call
        .head()
        .data(partOfStream)
        .send(frame(FrameType.rstStream, 0, call.id, uint32(code))),
    );
    const error = await failureOf(ticket);
    if (reason === 'NO_ERROR') {
      // HTTP's way to say "enough", which ends the body as if it were whole: the missing status tells.
      assert.equal(error.code, 'PROTOCOL_ERROR', error.message);
      assert.match(error.message, /without a gRPC status/);
    } else {
      assert.equal(error.code, 'STREAM_RESET', error.message);
      assert.match(error.message, new RegExp(reason));
      assert.equal(error.retryable, true);
    }
    assert.deepEqual(error.endpoint, { index: 0, location: null });
    await settled(client);
    await expectUsable();
  });

  test(`RST_STREAM ${reason} in place of an answer`, async () => {
    const ticket = `reset at once ${reason}`;
    server.on(ticket, (call) => call.send(frame(FrameType.rstStream, 0, call.id, uint32(code))));
    const error = await failureOf(ticket);
    assert.equal(error.code, 'STREAM_RESET', error.message);
    await expectUsable();
  });
}

test('RST_STREAM with a reason that does not exist', async () => {
  server.on('reset 99', (call) => call.head().send(frame(FrameType.rstStream, 0, call.id, uint32(99))));
  const error = await failureOf('reset 99');
  assert.equal(error.code, 'STREAM_RESET', error.message);
  await expectUsable();
});

for (const [reason, code] of [
  ['NO_ERROR', 0],
  ['ENHANCE_YOUR_CALM', 11],
] as const) {
  test(`GOAWAY ${reason} that names the call as lost`, async () => {
    const ticket = `goaway ${reason}`;
    server.on(ticket, (call) => {
      call.send(frame(FrameType.goaway, 0, 0, Buffer.concat([uint32(0, code), Buffer.from('go')])));
      call.socket.end();
    });
    const error = await failureOf(ticket);
    assert(LOST.includes(error.code), `${error.code}: ${error.message}`);
    assert.equal(error.retryable, true, `${error.code}: ${error.message}`);
    await settled(client);
    await expectUsable();
  });
}

test('an error message of 70 KiB in the trailers', async () => {
  const block = headerBlock([
    ['grpc-status', '13'],
    ['grpc-message', 'm'.repeat(70 << 10)],
  ]);
  server.on('long message', (call) => {
    call.head().data(goodStream());
    call.send(frame(FrameType.headers, Flag.endStream, call.id, Buffer.alloc(0)));
    for (let at = 0; at < block.length; at += 16 << 10) {
      const flags = at + (16 << 10) >= block.length ? Flag.endHeaders : 0;
      call.send(frame(FrameType.continuation, flags, call.id, block.subarray(at, at + (16 << 10))));
    }
  });
  const error = await failureOf('long message');
  assert.deepEqual([error.code, error.grpcCode, error.message.length], ['INTERNAL', 13, 70 << 10]);
  await expectUsable();
});

test('GOAWAY after which the call still ends well', async () => {
  server.on('graceful', (call) => {
    call.head().send(frame(FrameType.goaway, 0, 0, uint32(call.id, 0)));
    call.data(goodStream()).trailers();
  });
  assert.equal((await client.doGet(Buffer.from('graceful')).readAll()).numRows, 4);
  await expectUsable();
});

for (const [name, greet] of [
  ['says nothing and closes', (socket) => socket.end()],
  ['answers in HTTP/1.1', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\n\r\n<h1>no</h1>')],
  ['speaks TLS', (socket) => socket.end(Buffer.from([0x15, 0x03, 0x01, 0, 2, 2, 70]))],
  ['speaks garbage', (socket) => socket.end(Buffer.alloc(1024, 0x5a))],
  ['resets', (socket) => socket.resetAndDestroy()],
] as readonly [string, (socket: import('node:net').Socket) => void][]) {
  test(`a server that ${name} is no server`, async () => {
    const odd = await RawServer.start((socket) => {
      socket.once('data', () => greet(socket));
      return true;
    });
    const lost = new FlightSQLClient({ host: '127.0.0.1', port: odd.port, transport: 'tcp' });
    for (const call of [
      () => lost.query('SELECT 1', null, { timeout: 5000 }),
      () => lost.doGet(Buffer.from('x'), { timeout: 5000 }).readAll(),
    ]) {
      await assert.rejects(call, (error: unknown) => {
        assert(error instanceof FlightSQLError);
        assert([...LOST, 'CONNECTION_FAILED'].includes(error.code), `${error.code}: ${error.message}`);
        return true;
      });
    }
    await lost.close();
  });
}
