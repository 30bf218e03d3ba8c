// Dictionaries in the stream of toIPC(): written as they came, and no oftener than they have to be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageReader, type Table, tableFromIPC } from 'apache-arrow';
import { clientOf } from './expect/client.js';
import { startEvilServer } from './server/evil-server.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { type ArrowMessage, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import { encoded, utf8 } from './wire/arrow-type.js';
import { flightInfo, flightStream } from './wire/flight-data.js';
import { int32s, NOTHING, text } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const ID = 5;
const schema = schemaMessage([encoded('key', utf8, ID, 32)]);

function dictionary(words: readonly string[], isDelta = false): ArrowMessage {
  const offsets = [0];
  for (const word of words) offsets.push((offsets.at(-1) ?? 0) + word.length);
  const buffers = [NOTHING, int32s(...offsets), text(words.join(''))];
  return dictionaryMessage(ID, { rows: words.length, nodes: [[words.length, 0]], buffers }, isDelta);
}

function batch(...indices: readonly number[]): ArrowMessage {
  return batchMessage({ rows: indices.length, nodes: [[indices.length, 0]], buffers: [NOTHING, int32s(...indices)] });
}

/** A query whose endpoints answer with these messages. */
function answer(query: string, ...endpoints: readonly (readonly ArrowMessage[])[]): void {
  server.on(query, { info: (stream) => grpcAnswer(stream, [flightInfo(endpoints.map((_, at) => ({ ticket: `${query} ${at}` })))]) });
  for (const [at, messages] of endpoints.entries()) {
    server.on(`${query} ${at}`, (stream) => grpcAnswer(stream, [flightStream(messages)]));
  }
}

async function written(query: string): Promise<Uint8Array> {
  return (await client.query(query)).toIPC();
}

const keys = (table: Table, name = 'key') => [...(table.getChild(name) ?? [])];

/** The kinds of the messages of a stream. */
function kindsOf(bytes: Uint8Array): string[] {
  const kinds: string[] = [];
  const reader = new MessageReader(bytes);
  for (const message of reader) {
    if (message.isDictionaryBatch()) kinds.push(message.header().isDelta ? 'delta' : 'dictionary');
    else kinds.push(message.isSchema() ? 'schema' : 'batch');
    reader.readMessageBody(message.bodyLength);
  }
  return kinds;
}

test('a dictionary that grows by deltas takes no more than what was received', async () => {
  const [steps, more] = [200, 200];
  const wordsOf = (step: number) => Array.from({ length: more }, (_, at) => `word ${step * more + at}`);
  const messages = [schema];
  for (let step = 0; step < steps; step++) messages.push(dictionary(wordsOf(step), step > 0), batch((step + 1) * more - 1, step));
  answer('grows', messages);
  const bytes = await written('grows');
  const received = messages.reduce((sum, { header, body }) => sum + header.length + body.length, 0);
  assert(bytes.length < 2 * received, `${bytes.length} bytes were written of ${received}`);
  assert.deepEqual(kindsOf(bytes), [
    'schema',
    ...Array.from({ length: steps }, (_, step) => [step > 0 ? 'delta' : 'dictionary', 'batch']).flat(),
  ]);
  assert.deepEqual(
    keys(tableFromIPC(bytes)),
    Array.from({ length: steps }, (_, step) => [`word ${(step + 1) * more - 1}`, `word ${step}`]).flat(),
  );
});

test('a dictionary that is sent again as it was is written once, whatever the endpoint', async () => {
  const words = dictionary(['x', 'y']);
  answer('again', [schema, words, batch(0), words, batch(1)], [schema, words, batch(1, 0)]);
  const bytes = await written('again');
  assert.deepEqual(kindsOf(bytes), ['schema', 'dictionary', 'batch', 'batch', 'batch']);
  assert.deepEqual(keys(tableFromIPC(bytes)), ['x', 'y', 'y', 'x']);
});

test('a dictionary that is replaced, extended, and sent again as it was at first is right for every batch', async () => {
  const [first, other] = [dictionary(['x', 'y']), dictionary(['p', 'q'])];
  answer('replaced', [
    schema,
    first,
    batch(0, 1),
    other,
    batch(0, 1),
    dictionary(['r'], true),
    batch(2, 0),
    other,
    batch(1),
    first,
    batch(1),
  ]);
  const bytes = await written('replaced');
  assert.deepEqual(keys(tableFromIPC(bytes)), ['x', 'y', 'p', 'q', 'r', 'p', 'q', 'y']);
});

test('fields that share a dictionary both have its values', async () => {
  const two = schemaMessage([encoded('a', utf8, ID, 32), encoded('b', utf8, ID, 32)]);
  const rows = batchMessage({
    rows: 2,
    nodes: [
      [2, 0],
      [2, 0],
    ],
    buffers: [NOTHING, int32s(0, 2), NOTHING, int32s(1, 2)],
  });
  answer('shared', [two, dictionary(['x', 'y']), dictionary(['z'], true), rows]);
  const table = tableFromIPC(await written('shared'));
  assert.deepEqual(
    ['a', 'b'].map((name) => keys(table, name)),
    [
      ['x', 'z'],
      ['y', 'z'],
    ],
  );
});

test('dictionaries that no batch follows are left out: a stream may end before all have come', async () => {
  answer('no batch', [schema, dictionary(['x']), dictionary(['y'], true)]);
  const bytes = await written('no batch');
  assert.deepEqual(kindsOf(bytes), ['schema']);
  assert.equal(tableFromIPC(bytes).numRows, 0);
});
