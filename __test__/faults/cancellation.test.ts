// However a reader leaves, its HTTP/2 stream is reset with CANCEL and what it held is freed.

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FlightSQLError, type QueryResult } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { CountedStream } from './server/counted-stream.js';
import { startEvilServer } from './server/evil-server.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int } from './wire/arrow-type.js';
import { flightInfo, flightStream } from './wire/flight-data.js';
import { NOTHING } from './wire/values.js';

const MIB = 2 ** 20;
const CANCEL = 8;

const server = await startEvilServer();
const client = clientOf(server);

const rows = MIB / 8;
const schema = flightStream([schemaMessage([field('number', int(64))])]);
const chunk = flightStream([batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, new Uint8Array(MIB)] })]);
let streams: CountedStream[] = [];
/** How many of them were closed because their connection was. */
let lost = 0;
const answer = (stream: import('node:http2').ServerHttp2Stream) => {
  const { session } = stream;
  stream.on('close', () => {
    if (session === undefined || session.closed || session.destroyed) lost += 1;
  });
  streams.push(new CountedStream(stream, schema, chunk, 1000));
};
server.on('long', answer);
server.on('in four parts', {
  info: (stream) => grpcAnswer(stream, [flightInfo(Array.from({ length: 4 }, () => ({ ticket: 'long' })))]),
});

const isCancelled = (error: unknown) => error instanceof FlightSQLError && error.code === 'CANCELLED';

/** Ways to leave a result of which one batch was read. */
const ways: Record<string, (query: string) => Promise<unknown>> = {
  'leaving the loop': async (query) => {
    for await (const _batch of await client.query(query)) break;
  },
  'an error within the loop': async (query) => {
    await assert.rejects(async () => {
      for await (const _batch of await client.query(query)) throw new Error('mine');
    }, /mine/);
  },
  'cancel()': async (query) => {
    const result = await client.query(query);
    await result.schema();
    result.cancel();
    await assert.rejects(result.table(), isCancelled);
  },
  'cancel() while a read waits': async (query) => {
    const result = await client.query(query);
    const reading = result.table();
    await result.schema();
    result.cancel();
    await assert.rejects(reading, isCancelled);
  },
  'an abort': async (query) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    await assert.rejects(async () => {
      for await (const _batch of await client.query(query, null, { signal: controller.signal })) controller.abort(reason);
    }, reason);
  },
  'a timeout': async (query) => {
    await assert.rejects(
      async () => {
        for await (const _batch of await client.query(query, null, { timeout: 250 }))
          await new Promise((resolve) => setTimeout(resolve, 50));
      },
      (error: unknown) => error instanceof FlightSQLError && error.code === 'DEADLINE_EXCEEDED',
    );
  },
  dispose: async (query) => {
    const result = await client.query(query);
    await result.schema();
    await result[Symbol.asyncDispose]();
  },
  'leaving a loop over rows': async (query) => {
    for await (const _row of (await client.query(query)).rows()) break;
  },
  'return() of an iterator': async (query) => {
    const batches = (await client.query(query))[Symbol.asyncIterator]();
    await batches.next();
    await batches.return?.();
    assert.deepEqual(await batches.next(), { done: true, value: undefined });
  },
  'an export that is aborted': async (query) => {
    const controller = new AbortController();
    const exporting = client.exportTo(query, join(tmpdir(), 'flightsql-never.parquet'), {
      signal: controller.signal,
      onProgress: ({ batches }) => {
        if (batches > 0) controller.abort(new Error('enough'));
      },
    });
    await assert.rejects(exporting, /enough/);
  },
  'toIPC() that is aborted': async (query) => {
    const controller = new AbortController();
    const result = await client.query(query, null, { signal: controller.signal });
    const reading = result.toIPC();
    // What was never asked for cannot be reset.
    while (streams.length === 0) await setImmediate();
    controller.abort(new Error('enough'));
    await assert.rejects(reading, /enough/);
  },
};

for (const [query, count] of [
  ['long', 1],
  ['in four parts', 4],
] as const) {
  for (const [name, leave] of Object.entries(ways)) {
    test(`${name} resets the stream of a query '${query}', and not its connection`, async () => {
      streams = [];
      lost = 0;
      await leave(query);
      await settled(client);
      // Of several endpoints, those that were not opened yet never are.
      const codes = await Promise.all(streams.map((stream) => stream.closed));
      assert(codes.length <= count);
      assert.deepEqual(new Set(codes), new Set([CANCEL]));
      const connections = server.accepted;
      await expectUsable(client);
      assert.deepEqual([lost, server.accepted], [0, connections], 'the same connection serves the next query');
    });
  }
}

test('a reader of one ticket: leaving its loop resets the stream', async () => {
  streams = [];
  await (async () => {
    for await (const _chunk of client.doGet(Buffer.from('long'))) break;
  })();
  await settled(client);
  assert.deepEqual(await Promise.all(streams.map((stream) => stream.closed)), [CANCEL]);
});

test('a result that nobody refers to any more is reset when it is collected', async () => {
  streams = [];
  await (async () => {
    const unread: QueryResult[] = [];
    for (let at = 0; at < 10; at++) unread.push(await client.query('long'));
    await Promise.all(unread.map((result) => result.schema()));
  })();
  await settled(client);
  assert.deepEqual(
    await Promise.all(streams.map((stream) => stream.closed)),
    Array.from({ length: 10 }, () => CANCEL),
  );
  await expectUsable(client);
});

test('a reader that nobody refers to any more is reset when it is collected', async () => {
  streams = [];
  await (async () => {
    await client.doGet(Buffer.from('long')).readChunk();
  })();
  await settled(client);
  assert.deepEqual(await Promise.all(streams.map((stream) => stream.closed)), [CANCEL]);
});

test('one signal for many results: its abort resets them all', async () => {
  streams = [];
  const controller = new AbortController();
  const reason = new Error('all of you');
  const reading = Array.from({ length: 20 }, async () => {
    for await (const _batch of await client.query('long', null, { signal: controller.signal }))
      if (streams.length === 20) controller.abort(reason);
  });
  const outcomes = await Promise.allSettled(reading);
  for (const outcome of outcomes) assert.equal(outcome.status === 'rejected' && outcome.reason, reason);
  await settled(client);
  assert.deepEqual(new Set(await Promise.all(streams.map((stream) => stream.closed))), new Set([CANCEL]));
});

test('closing the client while results are read: they may be read to their end', async () => {
  const closing = clientOf(server);
  server.on('short', (stream) => {
    new CountedStream(stream, schema, chunk, 30);
  });
  let count = 0;
  for await (const _batch of await closing.query('short')) {
    if (count === 0) await closing.close();
    count += 1;
  }
  assert.equal(count, 30);
  await assert.rejects(closing.query('good'), (error: unknown) => error instanceof FlightSQLError && error.code === 'CLOSED');
});

test('after the end nothing is reset', async () => {
  streams = [];
  server.on('ends', (stream) => streams.push(new CountedStream(stream, schema, chunk, 3)));
  const result = await client.query('ends');
  await result.table();
  result.cancel();
  assert.deepEqual(await Promise.all(streams.map((stream) => stream.closed)), [0]);
  await settled(client);
});
