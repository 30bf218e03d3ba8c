// What servers send while a query is slow, so that nothing between cuts the stream off: it is neither rows nor an end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf } from './expect/client.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_BATCH, GOOD_SCHEMA } from './server/good-stream.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { batchMessage, type FieldNode } from './wire/arrow-message.js';
import { flightData, grpcFrame } from './wire/flight-data.js';
import { int32s, NOTHING } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const nodes: readonly FieldNode[] = [
  [0, 0],
  [0, 0],
];
const EMPTY = batchMessage({ rows: 0, nodes, buffers: [NOTHING, NOTHING, NOTHING, int32s(0), NOTHING] });
const metadata = (text: string) => grpcFrame(flightData({}, Buffer.from(text)));
const message = (arrow: typeof EMPTY) => grpcFrame(flightData(arrow));

const STREAM = [
  message(GOOD_SCHEMA),
  message(EMPTY),
  metadata('first'),
  message(EMPTY),
  message(GOOD_BATCH),
  message(EMPTY),
  metadata('second'),
  message(GOOD_BATCH),
  message(EMPTY),
  metadata('last'),
];
server.on('slow', (stream) => grpcAnswer(stream, STREAM));

test('batches without rows, and messages of metadata alone, are no rows and no end of a result', async () => {
  assert.equal((await (await client.query('slow')).table()).numRows, 4);
  const sizes: number[] = [];
  for await (const batch of await client.query('slow')) sizes.push(batch.numRows);
  assert.deepEqual(sizes, [2, 2]);
  const words: unknown[] = [];
  for await (const { word } of (await client.query('slow')).rows()) words.push(word);
  assert.deepEqual(words, ['one', 'two', 'one', 'two']);
});

test('a reader of one ticket is shown each of them', async () => {
  const seen: unknown[] = [];
  for await (const { batch, appMetadata } of client.doGet(Buffer.from('slow'))) {
    seen.push(batch?.numRows ?? null, appMetadata === null ? null : Buffer.from(appMetadata).toString());
  }
  assert.deepEqual(seen, [...[0, null, null, 'first', 0, null, 2, null, 0, null], ...[null, 'second', 2, null, 0, null, null, 'last']]);
});
