// The same ends of a call from a server that others wrote: grpc-js.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { FlightSQLError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectFailure, expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { GOOD_MESSAGES, type GrpcJsCall, GrpcJsServer } from './server/grpc-js-server.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int } from './wire/arrow-type.js';
import { flightData } from './wire/flight-data.js';
import { NOTHING } from './wire/values.js';

const MIB = 2 ** 20;

const server = await GrpcJsServer.start();
const client = clientOf(server);

const CODES = [
  ...['CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED'],
  ...['RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS'],
  'UNAUTHENTICATED',
] as const;

for (const [at, code] of CODES.entries()) {
  for (const batches of [0, 2]) {
    test(`${code} with details, after ${batches} batches`, async () => {
      const query = `${code} ${batches}`;
      server.on(query, (call) => {
        for (const message of batches === 0 ? [] : GOOD_MESSAGES) call.write(message);
        const metadata = new Metadata();
        metadata.set('grpc-status-details-bin', Buffer.from([1, 2, 3]));
        call.emit('error', { code: at + 1, details: 'why é 100%', metadata });
      });
      const error = await expectFailure(client, query, { code, message: /^why é 100%$/, batches });
      assert.equal(error.grpcCode, at + 1);
      assert.deepEqual(error.details, Uint8Array.of(1, 2, 3));
    });
  }
}

/** The call of a query that has been asked, with its first batch sent. */
function begun(query: string): Promise<GrpcJsCall> {
  return new Promise((resolve) => {
    server.on(query, (call) => {
      for (const message of GOOD_MESSAGES.slice(0, 2)) call.write(message);
      resolve(call);
    });
  });
}

test('leaving a loop cancels the call on the server', async () => {
  const call = begun('left');
  await (async () => {
    for await (const _batch of await client.query('left')) break;
  })();
  // It may have been told before this asks.
  if (!(await call).cancelled) await once(await call, 'cancelled');
  await settled(client);
  await expectUsable(client);
});

test('a timeout reaches the server as its deadline, and ends the call on both sides', async () => {
  const call = begun('slow');
  const error = await expectFailure(client, 'slow', { code: 'DEADLINE_EXCEEDED', batches: 1 }, { timeout: 400 });
  assert.equal(error.retryable, false);
  if (!(await call).cancelled) await once(await call, 'cancelled');
});

test('a message beyond the 4 MiB that gRPC stacks take by default is read', async () => {
  const rows = (6 * MIB) / 8;
  const message = flightData(batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, new Uint8Array(6 * MIB).fill(3)] }));
  server.on('large', (call) => {
    call.write(flightData(schemaMessage([field('number', int(64))])));
    call.write(message);
    call.end();
  });
  await (async () => {
    const table = await (await client.query('large')).table();
    assert.equal(table.numRows, rows);
    assert.equal(table.getChildAt(0)?.get(rows - 1), 0x0303030303030303n);
  })();
  await settled(client);
});

test('a server that stops midway', async () => {
  const call = begun('stopped');
  const batches = (await client.query('stopped'))[Symbol.asyncIterator]();
  assert.equal((await batches.next()).value?.numRows, 2);
  await call;
  server.stop();
  await assert.rejects(batches.next(), (error: unknown) => {
    assert(error instanceof FlightSQLError, String(error));
    assert(['CONNECTION_LOST', 'STREAM_RESET'].includes(error.code), `${error.code}: ${error.message}`);
    assert.equal(error.retryable, true);
    assert.deepEqual(
      [error.endpoint, error.progress],
      [
        { index: 0, location: null },
        { batches: 1, rows: 2 },
      ],
    );
    return true;
  });
  await settled(client);
  await server.listen();
  await expectUsable(client);
});

test('a server that finishes midway: the result is read to its end, and the next query finds the next server', async () => {
  const call = begun('finished');
  const batches = (await client.query('finished'))[Symbol.asyncIterator]();
  assert.equal((await batches.next()).value?.numRows, 2);
  const finished = server.finish();
  for (const message of GOOD_MESSAGES.slice(2)) (await call).write(message);
  (await call).end();
  assert.equal((await batches.next()).value?.numRows, 2);
  assert.equal((await batches.next()).done, true);
  await settled(client);
  await finished;
  await server.listen();
  await expectUsable(client);
});
