// An error in the midst of a result says where it happened, and how much had come before it.

import assert from 'node:assert/strict';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { FlightSQLError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectFailure, expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_BATCH, GOOD_SCHEMA, goodStream } from './server/good-stream.js';
import { begin, grpcAnswer } from './server/grpc-answer.js';
import { flightInfo, flightStream } from './wire/flight-data.js';
import { NOTHING } from './wire/values.js';

const server = await startEvilServer();
const elsewhere = await startEvilServer();
const location = `grpc+tcp://127.0.0.1:${elsewhere.port}`;
const PLACE = { index: 2, location };
/** Two good endpoints with two batches each, and one batch of the third. */
const BEFORE = 5;

/** A query of four endpoints of which the third is elsewhere. */
function inFourParts(query: string): void {
  const endpoints = [{ ticket: 'good' }, { ticket: 'good' }, { ticket: query, locations: [location] }, { ticket: 'good' }];
  server.on(query, { info: (stream) => grpcAnswer(stream, [flightInfo(endpoints)]) });
}

const damaged: Record<string, { readonly bytes: Buffer; readonly code: 'INVALID_DATA' | 'PROTOCOL_ERROR' }> = {
  'a batch without its body': { bytes: flightStream([GOOD_SCHEMA, GOOD_BATCH, { ...GOOD_BATCH, body: NOTHING }]), code: 'INVALID_DATA' },
  'bytes that are no message': { bytes: Buffer.concat([goodStream(1), Buffer.alloc(5, 0xff)]), code: 'PROTOCOL_ERROR' },
  'an end within a message': { bytes: goodStream().subarray(0, -1), code: 'PROTOCOL_ERROR' },
};

for (const concurrency of [1, 2, 4]) {
  const client = clientOf(server, { concurrency });

  for (const [name, { bytes, code }] of Object.entries(damaged)) {
    test(`${name}, in the third of four endpoints, of which ${concurrency} are read at a time`, async () => {
      inFourParts(name);
      elsewhere.on(name, (stream) => grpcAnswer(stream, [bytes]));
      const error = await expectFailure(client, name, { code, endpoint: PLACE, batches: BEFORE });
      assert.deepEqual(error.progress, { batches: BEFORE, rows: 2 * BEFORE });
    });
  }

  test(`a status after one batch, in the third of four endpoints, of which ${concurrency} are read at a time`, async () => {
    inFourParts('a status');
    elsewhere.on('a status', (stream) => grpcAnswer(stream, [goodStream(1)], { 'grpc-status': '15', 'grpc-message': 'gone' }));
    const error = await expectFailure(client, 'a status', { code: 'DATA_LOSS', endpoint: PLACE, batches: BEFORE });
    assert.deepEqual(error.progress, { batches: BEFORE, rows: 2 * BEFORE });
  });

  test(`a reset after one batch, in the third of four endpoints, of which ${concurrency} are read at a time`, async () => {
    inFourParts('a reset');
    const asked = new Promise<ServerHttp2Stream>((resolve) => {
      elsewhere.on('a reset', (stream) => {
        begin(stream);
        stream.write(goodStream(1));
        resolve(stream);
      });
    });
    const batches = (await client.query('a reset'))[Symbol.asyncIterator]();
    for (let read = 0; read < BEFORE; read++) assert.equal((await batches.next()).value?.numRows, 2);
    (await asked).close(constants.NGHTTP2_INTERNAL_ERROR);
    await assert.rejects(batches.next(), (error: unknown) => {
      assert(error instanceof FlightSQLError, String(error));
      assert.deepEqual([error.code, error.endpoint, error.progress], ['STREAM_RESET', PLACE, { batches: BEFORE, rows: 2 * BEFORE }]);
      return true;
    });
    await settled(client);
    await expectUsable(client);
  });
}

test('an endpoint that cannot be opened is named with the last location that was tried', async () => {
  const client = clientOf(server);
  const endpoints = [{ ticket: 'good' }, { ticket: 'nowhere', locations: ['grpc+tcp://127.0.0.1:1', location] }];
  server.on('nowhere', { info: (stream) => grpcAnswer(stream, [flightInfo(endpoints)]) });
  elsewhere.on('nowhere', (stream) => grpcAnswer(stream, [], { 'grpc-status': '5', 'grpc-message': 'no such ticket' }));
  const error = await expectFailure(client, 'nowhere', { code: 'NOT_FOUND', endpoint: { index: 1, location }, batches: 2 });
  assert.deepEqual(error.progress, { batches: 2, rows: 4 });
});
