// What servers may do on the way of a body to its memory: cut it into frames of any size, pad them, tell lengths, send messages beyond the window.

import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { suite, test } from 'node:test';
import type { Table } from 'apache-arrow';
import type { FlightSQLClient } from 'flightsql';
import { clientOf } from './expect/client.js';
import { settled } from './expect/settled.js';
import { type EvilServer, startEvilServer } from './server/evil-server.js';
import { begin, GRPC_HEAD, grpcAnswer, writeGently } from './server/grpc-answer.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int } from './wire/arrow-type.js';
import { flightStream } from './wire/flight-data.js';
import { NOTHING } from './wire/values.js';

const MIB = 2 ** 20;
const SCHEMA = schemaMessage([field('number', int(64))]);

/** So many numbers, counted from `first`. */
function numbers(first: number, rows: number): Uint8Array {
  const values = BigInt64Array.from({ length: rows }, (_, row) => BigInt(first + row));
  return flightStream([batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, new Uint8Array(values.buffer)] })]);
}

function expectNumbers(table: Table, rows: number): void {
  assert.equal(table.numRows, rows);
  let expected = 0n;
  for (const batch of table.batches) {
    for (const value of batch.getChildAt(0)?.toArray() ?? []) {
      if (value !== expected) assert.fail(`${value} stands where ${expected} was sent`);
      expected += 1n;
    }
  }
}

/** Bodies of 3 MiB, of 100 KiB, and of 80 bytes: 40 MiB in all, five times the window of a stream. */
const SIZES = Array.from({ length: 13 }, () => [(3 * MIB) / 8, (100 << 10) / 8, 10]).flat();
const ROWS = SIZES.reduce((sum, rows) => sum + rows, 0);

function* messages(): Generator<Uint8Array> {
  yield flightStream([SCHEMA]);
  let first = 0;
  for (const rows of SIZES) {
    yield numbers(first, rows);
    first += rows;
  }
}

async function readsWhole(server: EvilServer, query: string): Promise<void> {
  const client = clientOf(server);
  await readTwice(client, query);
  await settled(client);
}

async function readTwice(client: FlightSQLClient, query: string): Promise<void> {
  expectNumbers(await (await client.query(query)).table(), ROWS);
  let rows = 0;
  for await (const batch of await client.query(query)) rows += batch.numRows;
  assert.equal(rows, ROWS);
}

for (const [padding, paddingStrategy] of [
  ['no padding', constants.PADDING_STRATEGY_NONE],
  ['as much padding as there is room for', constants.PADDING_STRATEGY_MAX],
] as const) {
  suite(padding, async () => {
    const server = await startEvilServer({ paddingStrategy });

    for (const size of [5 * MIB, 16 << 10, 1001]) {
      test(`written ${size} bytes at a time`, async () => {
        server.on(`of ${size}`, async (stream) => {
          begin(stream);
          for (const message of messages()) {
            for (let at = 0; at < message.length; at += size) await writeGently(stream, message.subarray(at, at + size));
          }
          stream.end();
        });
        await readsWhole(server, `of ${size}`);
      });
    }
  });
}

const server = await startEvilServer();

test('an answer that says how long it is', async () => {
  const whole = Buffer.concat([...messages()]);
  server.on('with a length', async (stream) => {
    begin(stream, undefined, { ...GRPC_HEAD, 'content-length': String(whole.length) });
    await writeGently(stream, whole);
    stream.end();
  });
  await readsWhole(server, 'with a length');
});

test('an answer that is shorter than it says is an error', async () => {
  server.on('with a wrong length', (stream) => {
    begin(stream, undefined, { ...GRPC_HEAD, 'content-length': '1000000' });
    stream.end(flightStream([SCHEMA]));
  });
  const client = clientOf(server);
  await assert.rejects(async () => (await client.query('with a wrong length')).table(), { code: 'PROTOCOL_ERROR' });
  await settled(client);
});

test('a message far beyond the window, behind one that nobody takes yet', async () => {
  const rows = (50 * MIB) / 8;
  server.on('large', (stream) => grpcAnswer(stream, [flightStream([SCHEMA]), numbers(0, MIB), numbers(MIB, rows)]));
  const client = clientOf(server);
  const result = await client.query('large');
  await result.schema();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expectNumbers(await result.table(), MIB + rows);
  await settled(client);
});

test('one stream that stops in the middle of a body holds up no other on its connection', async () => {
  const half = numbers(0, MIB);
  server.on('half', (stream) => {
    begin(stream);
    stream.write(flightStream([SCHEMA]));
    stream.write(half.subarray(0, half.length / 2));
  });
  server.on('whole', async (stream) => {
    begin(stream);
    for (const message of messages()) await writeGently(stream, message);
    stream.end();
  });
  const client = clientOf(server);
  const stopped = await client.query('half');
  await stopped.schema();
  for (let round = 0; round < 3; round++) expectNumbers(await (await client.query('whole')).table(), ROWS);
  stopped.cancel();
  await settled(client);
});
