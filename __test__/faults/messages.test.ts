// Messages without rows, and what servers attach to messages.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import type { ResultMessage } from 'flightsql';
import { temporaryFolder } from '../temporary-folder.js';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { type ArrowMessage, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import { encoded, field, int, utf8 } from './wire/arrow-type.js';
import { flightData, flightInfo, grpcFrame } from './wire/flight-data.js';
import { int32s, int64s, NOTHING, text } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const SCHEMA = schemaMessage([field('number', int(64))]);
const batch = (...values: number[]): ArrowMessage =>
  batchMessage({ rows: values.length, nodes: [[values.length, 0]], buffers: [NOTHING, int64s(...values)] });

/** A message of a stream: what it holds, and what is attached to it. */
type Part = readonly [message: ArrowMessage | null, metadata?: string];

const streamOf = (parts: readonly Part[]) =>
  Buffer.concat(
    parts.map(([message, metadata]) => grpcFrame(flightData(message ?? {}, metadata === undefined ? undefined : Buffer.from(metadata)))),
  );

/** Keep-alives of every kind, at every place. */
const KEPT_ALIVE: readonly Part[] = [
  [null],
  [null, 'before'],
  [SCHEMA, 'with the schema'],
  [null, 'after'],
  [batch()],
  [batch(1, 2), 'with rows'],
  [null],
  [batch()],
  [batch(), 'without rows'],
  [batch(3)],
  [null, 'between'],
  [batch(4)],
  [batch()],
  [null, 'at the end'],
];

server.on('kept alive', (stream) => grpcAnswer(stream, [streamOf(KEPT_ALIVE)]));
server.on('kept alive twice', {
  info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: 'kept alive' }, { ticket: 'kept alive' }])]),
});

const numbersOf = (column: Iterable<unknown> | null) => Array.from(column ?? [], Number);

test('rows, a loop, a table, IPC and Parquet have every row, and none of what kept the stream alive', async () => {
  const file = join(temporaryFolder(), 'out.parquet');
  const rows: number[] = [];
  for await (const row of (await client.query('kept alive')).rows()) rows.push(Number(row['number']));
  const batches: number[][] = [];
  for await (const each of await client.query('kept alive')) batches.push(numbersOf(each.getChild('number')));
  assert.deepEqual(rows, [1, 2, 3, 4]);
  assert.deepEqual(batches, [[1, 2], [3], [4]]);
  assert.deepEqual(numbersOf((await (await client.query('kept alive')).table()).getChild('number')), [1, 2, 3, 4]);
  assert.deepEqual(numbersOf(tableFromIPC(await (await client.query('kept alive')).toIPC()).getChild('number')), [1, 2, 3, 4]);
  assert.equal((await client.exportTo('kept alive', file)).rows, 4n);
});

const shown = ({ batch, appMetadata, endpoint }: ResultMessage) => [
  endpoint,
  batch === null ? null : numbersOf(batch.getChild('number')),
  appMetadata === null ? null : Buffer.from(appMetadata).toString(),
];

test('messages() gives every message of every endpoint with what is attached to it', async () => {
  const ofOne = (endpoint: number) => [
    [endpoint, null, 'before'],
    [endpoint, null, 'with the schema'],
    [endpoint, null, 'after'],
    [endpoint, [], null],
    [endpoint, [1, 2], 'with rows'],
    [endpoint, [], null],
    [endpoint, [], 'without rows'],
    [endpoint, [3], null],
    [endpoint, null, 'between'],
    [endpoint, [4], null],
    [endpoint, [], null],
    [endpoint, null, 'at the end'],
  ];
  const result = await client.query('kept alive twice');
  const messages: unknown[] = [];
  for await (const message of result.messages()) messages.push(shown(message));
  assert.deepEqual(messages, [...ofOne(0), ...ofOne(1)]);
  await settled(client);
});

test('what is attached to a dictionary comes as a message without a batch', async () => {
  const words = dictionaryMessage(0, { rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0, 1), text('a')] });
  const index = batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0)] });
  const parts: Part[] = [[schemaMessage([encoded('word', utf8, 0, 32)])], [words, 'words'], [index, 'index']];
  server.on('encoded', (stream) => grpcAnswer(stream, [streamOf(parts)]));
  const found: unknown[] = [];
  for await (const { batch, appMetadata } of (await client.query('encoded')).messages()) {
    found.push([batch?.getChild('word')?.get(0) ?? null, Buffer.from(appMetadata ?? []).toString()]);
  }
  assert.deepEqual(found, [
    [null, 'words'],
    ['a', 'index'],
  ]);
});

test('a result is read once, messages() included; leaving its loop cancels the rest', async () => {
  const result = await client.query('kept alive');
  for await (const _ of result.messages()) break;
  assert.throws(() => result.messages(), { code: 'RESULT_CONSUMED' });
  await assert.rejects(result.table(), { code: 'RESULT_CONSUMED' });
  await settled(client);
  await expectUsable(client);
});

test('a reader of one endpoint gives the same messages chunk by chunk', async () => {
  const [endpoint] = (await client.execute('kept alive')).endpoints;
  const reader = client.doGet(endpoint ?? assert.fail('no endpoint'));
  const metadata: (string | null)[] = [];
  for (let chunk = await reader.readChunk(); chunk !== null; chunk = await reader.readChunk()) {
    metadata.push(chunk.appMetadata === null ? null : Buffer.from(chunk.appMetadata).toString());
  }
  assert.deepEqual(
    metadata.filter((each) => each !== null),
    ['before', 'with the schema', 'after', 'with rows', 'without rows', 'between', 'at the end'],
  );
});
