// Servers that stop answering: a timeout, an abort, cancel() and close() end the wait.

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeVector, type RecordBatch, Table } from 'apache-arrow';
import { FlightSQLClient, FlightSQLError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectFailure, expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_SCHEMA, goodStream } from './server/good-stream.js';
import { begin, GRPC_HEAD } from './server/grpc-answer.js';
import { RawServer } from './server/raw-server.js';
import { flightStream } from './wire/flight-data.js';

const server = await startEvilServer();
const client = clientOf(server);

const whole = goodStream();
/** Where the server falls silent, and how many batches have come by then. */
const silences = {
  'before the head': [() => {}, 0],
  'after the head': [(stream: import('node:http2').ServerHttp2Stream) => stream.respond(GRPC_HEAD), 0],
  'after the schema': [
    (stream) => {
      begin(stream);
      stream.write(flightStream([GOOD_SCHEMA]));
    },
    0,
  ],
  'in the middle of a message': [
    (stream) => {
      begin(stream);
      stream.write(whole.subarray(0, -10));
    },
    1,
  ],
  'before the trailers': [
    (stream) => {
      begin(stream);
      stream.write(whole);
    },
    2,
  ],
} as const satisfies Record<string, readonly [(stream: import('node:http2').ServerHttp2Stream) => void, number]>;

for (const [where, [answer, batches]] of Object.entries(silences)) {
  test(`silence ${where}: the timeout ends it`, async () => {
    server.on(where, answer);
    const began = performance.now();
    await expectFailure(client, where, { code: 'DEADLINE_EXCEEDED', message: /within its timeout/, batches }, { timeout: 300 });
    assert(performance.now() - began < 5000);
  });

  test(`silence ${where}: an abort ends it with its reason, and the server learns of it`, async () => {
    const reset = new Promise<number | undefined>((resolve) => {
      server.on(where, (stream) => {
        answer(stream);
        stream.on('close', () => resolve(stream.rstCode));
      });
    });
    const reason = new Error('enough');
    const controller = new AbortController();
    let seen = 0;
    const reading = (async () => {
      for await (const _batch of await client.query(where, null, { signal: controller.signal })) {
        seen += 1;
        if (seen === batches) setImmediate(() => controller.abort(reason));
      }
    })();
    if (batches === 0) setTimeout(() => controller.abort(reason), 50);
    await assert.rejects(reading, reason);
    assert.equal(await reset, 8, 'RST_STREAM CANCEL');
    await settled(client);
    await expectUsable(client);
  });
}

test('a GetFlightInfo that is never answered: the timeout ends it', async () => {
  server.on('silent info', { info: () => {} });
  await expectFailure(client, 'silent info', { code: 'DEADLINE_EXCEEDED', endpoint: 'none' }, { timeout: 200 });
});

test('a GetFlightInfo that is never answered: an abort ends it, and the server learns of it', async () => {
  const controller = new AbortController();
  const reset = new Promise<number | undefined>((resolve) => {
    server.on('silent info', {
      info: (stream) => {
        stream.on('close', () => resolve(stream.rstCode));
        controller.abort(new Error('enough'));
      },
    });
  });
  await assert.rejects(client.query('silent info', null, { signal: controller.signal }), /enough/);
  assert.equal(await reset, 8);
  await expectUsable(client);
});

test('cancel() ends a read that waits', async () => {
  server.on('waiting', silences['after the schema'][0]);
  const result = await client.query('waiting');
  const reading = result.table();
  await result.schema();
  result.cancel();
  await assert.rejects(reading, (error: unknown) => error instanceof FlightSQLError && error.code === 'CANCELLED');
  await settled(client);
});

test('cancel() ends a toIPC() that waits', async () => {
  server.on('waiting', silences['after the schema'][0]);
  const result = await client.query('waiting');
  await result.schema();
  const reading = result.toIPC();
  result.cancel();
  await assert.rejects(reading, (error: unknown) => error instanceof FlightSQLError && error.code === 'CANCELLED');
  await settled(client);
});

for (const [name, act] of [
  ['accepts a connection and says nothing', () => true],
  [
    'accepts a connection and reads nothing',
    (socket: import('node:net').Socket) => {
      socket.pause();
      return true;
    },
  ],
] as const) {
  test(`a server that ${name}: every call ends with its timeout, and close() at once`, async () => {
    const silent = await RawServer.start(act);
    const lost = new FlightSQLClient({ host: '127.0.0.1', port: silent.port, transport: 'tcp' });
    const calls = [
      () => lost.query('SELECT 1', null, { timeout: 200 }),
      () => lost.execute('SELECT 1', { timeout: 200 }),
      () => lost.doGet(Buffer.from('x'), { timeout: 200 }).readAll(),
      () => lost.exportTo('SELECT 1', join(tmpdir(), 'flightsql-never.parquet'), { timeout: 200 }),
    ];
    for (const call of calls) {
      await assert.rejects(call, (error: unknown) => error instanceof FlightSQLError && error.code === 'DEADLINE_EXCEEDED');
    }
    const pending = lost.doGet(Buffer.from('x')).readAll();
    pending.catch(() => {});
    const began = performance.now();
    await lost.close();
    assert(performance.now() - began < 1000);
    // The read's own connection may be there only now.
    const ending = setInterval(() => {
      for (const socket of silent.sockets) socket.destroy();
    }, 20);
    try {
      await assert.rejects(pending, FlightSQLError);
    } finally {
      clearInterval(ending);
    }
  });
}

/** SETTINGS with a window of 1 GiB for each stream, and as much for the connection. */
const WIDE_OPEN = Buffer.from('000006040000000000000440000000' + '0000040800000000003fff0000', 'hex');

for (const [what, rows, options, ended] of [
  ['small batches, with its timeout', 8192, () => ({ timeout: 400 }), { code: 'DEADLINE_EXCEEDED' }],
  ['large batches, with its timeout', 1 << 18, () => ({ timeout: 400 }), { code: 'DEADLINE_EXCEEDED' }],
  ['small batches, with its signal', 8192, () => ({ signal: AbortSignal.timeout(400) }), { name: 'TimeoutError' }],
] as const) {
  test(`a server that reads no more once it has opened its window: an ingest ends of ${what}, and so does an exchange`, async () => {
    const frozen = await RawServer.start((socket) => {
      socket.write(WIDE_OPEN);
      socket.pause();
      return true;
    });
    const [batch] = new Table({ id: makeVector(new BigInt64Array(rows)) }).batches;
    function* once() {
      for (;;) yield batch as RecordBatch;
    }
    async function* each() {
      for (;;) yield batch as RecordBatch;
    }
    for (const data of [once, each]) {
      await using lost = new FlightSQLClient({ host: '127.0.0.1', port: frozen.port, transport: 'tcp' });
      const began = performance.now();
      await assert.rejects(lost.executeIngest('home', data(), options()), (error: unknown) => {
        assert.deepEqual(Object.fromEntries(Object.keys(ended).map((key) => [key, Reflect.get(error as object, key)])), ended);
        // The socket took some of it.
        if (error instanceof FlightSQLError) assert((error.progress?.rows ?? 0) > 100_000, error.message);
        return true;
      });
      assert(performance.now() - began < 3000, 'it ends in time');
      await assert.rejects(lost.doPut({ path: ['x'] }, data(), options()), ended);
      await assert.rejects(async () => (await lost.doExchange({ path: ['x'] }, data(), options())).readAll(), ended);
      assert(performance.now() - began < 6000, 'they end in time');
    }
    for (const socket of frozen.sockets) socket.destroy();
  });
}
