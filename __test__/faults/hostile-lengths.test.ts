// Lengths and places that a record batch claims and that are not so.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf } from './expect/client.js';
import { expectFailure } from './expect/failure.js';
import { type HostileCase, hostileTests } from './expect/hostile-case.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_BATCH, GOOD_SCHEMA } from './server/good-stream.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { type BatchParts, batchMessage, dictionaryMessage, oddMessage, schemaMessage } from './wire/arrow-message.js';
import { boolean, encoded, field, fixedSizeBinary, fixedSizeList, int, list, nullType, struct, utf8 } from './wire/arrow-type.js';
import { flightStream, grpcFrame } from './wire/flight-data.js';
import { oneRun } from './wire/one-run.js';
import { bytes, int32s, int64s, NOTHING, text } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const NUMBERS = schemaMessage([field('number', int(64))]);
const numbers = (parts: Partial<BatchParts>) => [
  NUMBERS,
  batchMessage({ rows: 2, nodes: [[2, 0]], buffers: [NOTHING, int64s(1, 2)], ...parts }),
];
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** The second buffer claims to be elsewhere. */
const valuesAt = (offset: number | bigint, length: number | bigint) =>
  numbers({ claimed: ([validity]) => [validity ?? { offset: 0, length: 0 }, { offset, length }] });

const bodyLengths: HostileCase[] = [
  { name: 'a body longer than was sent', messages: numbers({ bodyLength: 17 }), message: /16 bytes where its header claims 17/ },
  { name: 'a body of 2^63-1 bytes', messages: numbers({ bodyLength: MAX }), message: /claims 9223372036854775807/ },
  { name: 'a body of negative length', messages: numbers({ bodyLength: -1 }), message: /claims -1/ },
  { name: 'a body that is not there', messages: numbers({ body: NOTHING, bodyLength: 16 }), message: /0 bytes where its header claims 16/ },
  { name: 'a body that is not there and not claimed', messages: numbers({ body: NOTHING }), message: /buffer 1 takes 16 bytes/ },
  {
    name: 'a body without a header',
    messages: [NUMBERS, { header: NOTHING, body: int64s(1) }],
    message: /a body but no Arrow header/,
  },
];

const buffers: HostileCase[] = [
  { name: 'a buffer that begins behind the body', messages: valuesAt(4096, 16), message: /buffer 1 takes 16 bytes from 4096 on/ },
  { name: 'a buffer that ends behind the body', messages: valuesAt(8, 16), message: /buffer 1 takes 16 bytes from 8 on/ },
  { name: 'a buffer at a negative offset', messages: valuesAt(-8, 16), message: /from -8 on/ },
  { name: 'a buffer of negative length', messages: valuesAt(0, -16), message: /takes -16 bytes/ },
  { name: 'a buffer whose end overflows 64 bits', messages: valuesAt(MAX, MAX), message: /buffer 1/ },
  { name: 'a buffer at the lowest offset there is', messages: valuesAt(MIN, MIN), message: /buffer 1/ },
  { name: 'a buffer too short for its rows', messages: valuesAt(0, 15), message: /15 bytes where 16 are needed/, column: 'number' },
  { name: 'a buffer that is empty though there are rows', messages: valuesAt(0, 0), message: /0 bytes where 16/, column: 'number' },
  {
    name: 'too few buffers',
    messages: numbers({ buffers: [NOTHING] }),
    message: /1 buffers, fewer than its schema needs/,
    column: 'number',
  },
  { name: 'no buffers at all', messages: numbers({ buffers: [] }), message: /0 buffers/, column: 'number' },
  {
    name: 'too many buffers',
    messages: numbers({ buffers: [NOTHING, int64s(1, 2), NOTHING] }),
    message: /3 buffers where its schema needs 2/,
  },
];

const nodes: HostileCase[] = [
  {
    name: 'a node of another length than the batch',
    messages: numbers({ nodes: [[1, 0]] }),
    message: /1 values where 2/,
    column: 'number',
  },
  { name: 'a node of negative length', messages: numbers({ nodes: [[-2, 0]] }), message: /length of -2, which is negative/ },
  { name: 'a batch of negative length', messages: numbers({ rows: -2, nodes: [[-2, 0]] }), message: /claims -2 rows/ },
  { name: 'a batch of 2^63-1 rows', messages: numbers({ rows: MAX, nodes: [[MAX, 0]] }), message: /claims 9223372036854775807 rows/ },
  {
    name: 'a batch of so many rows that their bytes overflow 64 bits',
    messages: numbers({ rows: 2n ** 53n, nodes: [[2n ** 53n, 0]] }),
    message: /72057594037927936 are needed/,
  },
  { name: 'too few nodes', messages: numbers({ nodes: [] }), message: /0 nodes, fewer than/, column: 'number' },
  {
    name: 'too many nodes',
    messages: numbers({
      nodes: [
        [2, 0],
        [2, 0],
      ],
    }),
    message: /2 nodes where its schema needs 1/,
  },
  {
    name: 'nulls without a bitmap',
    messages: numbers({ nodes: [[2, 1]] }),
    message: /bitmap of 0 bytes where 1 are needed/,
    column: 'number',
  },
  {
    name: 'a bitmap too short for its rows',
    messages: [
      schemaMessage([field('flag', boolean)]),
      batchMessage({ rows: 20, nodes: [[20, 1]], buffers: [bytes(0xff, 0xff), bytes(1, 2, 3)] }),
    ],
    message: /bitmap of 2 bytes where 3 are needed/,
    column: 'flag',
  },
];

const nested: HostileCase[] = [
  {
    name: 'a struct whose child has fewer rows',
    messages: [
      schemaMessage([field('outer', struct, { children: [field('inner', int(64))] })]),
      batchMessage({
        rows: 2,
        nodes: [
          [2, 0],
          [1, 0],
        ],
        buffers: [NOTHING, NOTHING, int64s(1, 2)],
      }),
    ],
    message: /1 values where 2 are right/,
    column: 'outer.inner',
  },
  {
    name: 'a fixed-size list whose child is too short',
    messages: [
      schemaMessage([field('triples', fixedSizeList(3), { children: [field('item', int(64))] })]),
      batchMessage({
        rows: 2,
        nodes: [
          [2, 0],
          [5, 0],
        ],
        buffers: [NOTHING, NOTHING, int64s(1, 2, 3, 4, 5)],
      }),
    ],
    message: /5 values where 6 are right/,
    column: 'triples.item',
  },
  {
    name: 'fixed-size lists whose size times rows overflows 64 bits',
    messages: [
      schemaMessage([
        field('outer', fixedSizeList(2 ** 31 - 1), {
          children: [field('inner', fixedSizeList(2 ** 31 - 1), { children: [field('n', nullType)] })],
        }),
      ]),
      batchMessage({
        rows: 2 ** 20,
        nodes: [
          [2 ** 20, 0],
          [2n ** 20n * (2n ** 31n - 1n), 0],
          [0, 0],
        ],
        buffers: [NOTHING, NOTHING],
      }),
    ],
    message: /larger than memory|values where/,
    column: 'outer.inner',
  },
  {
    name: 'a list without offsets',
    messages: [
      schemaMessage([field('lists', list, { children: [field('item', int(64))] })]),
      batchMessage({
        rows: 1,
        nodes: [
          [1, 0],
          [0, 0],
        ],
        buffers: [NOTHING, NOTHING, NOTHING, NOTHING],
      }),
    ],
    message: /offsets has 0 bytes where 8 are needed/,
    column: 'lists',
  },
  {
    name: 'strings whose last offset is missing',
    messages: [
      schemaMessage([field('word', utf8)]),
      batchMessage({ rows: 2, nodes: [[2, 0]], buffers: [NOTHING, int32s(0, 1), text('ab')] }),
    ],
    message: /offsets has 8 bytes where 12 are needed/,
    column: 'word',
  },
  {
    name: 'fixed-size binary whose width times rows is more than there is',
    messages: [
      schemaMessage([field('wide', fixedSizeBinary(2 ** 31 - 1))]),
      batchMessage({ rows: 2 ** 32, nodes: [[2 ** 32, 0]], buffers: [NOTHING, int64s(1)] }),
    ],
    message: /8 bytes where 9223372032559808512 are needed/,
    column: 'wide',
  },
];

const order: HostileCase[] = [
  { name: 'a batch before the schema', messages: [GOOD_BATCH], message: /comes before the schema/ },
  {
    name: 'a dictionary before the schema',
    messages: [dictionaryMessage(1, { rows: 0, nodes: [[0, 0]], buffers: [NOTHING, NOTHING, NOTHING] })],
    message: /comes before the schema/,
  },
  {
    name: 'a dictionary that no field has',
    messages: [
      schemaMessage([encoded('word', utf8, 1, 32)]),
      dictionaryMessage(2, { rows: 0, nodes: [[0, 0]], buffers: [NOTHING, NOTHING, NOTHING] }),
    ],
    message: /dictionary 2 belongs to no field/,
  },
  { name: 'no message at all', messages: [], code: 'PROTOCOL_ERROR', message: /ended without a schema/ },
  { name: 'another schema midway', messages: [GOOD_SCHEMA, GOOD_BATCH, NUMBERS], code: 'SCHEMA_MISMATCH', message: /midway/, batches: 1 },
  { name: 'a tensor', messages: [GOOD_SCHEMA, oddMessage(4, true)], message: /Tensor/ },
  { name: 'a message of a kind that does not exist', messages: [GOOD_SCHEMA, oddMessage(99, true)], message: /unknown kind/ },
  { name: 'a message that says batch and holds none', messages: [GOOD_SCHEMA, oddMessage(3, false)], message: /holds none|flatbuffer/ },
  { name: 'a message that says schema and holds none', messages: [oddMessage(1, false)], message: /holds none|flatbuffer/ },
  {
    name: 'a damaged batch after good ones',
    messages: [GOOD_SCHEMA, GOOD_BATCH, GOOD_BATCH, GOOD_BATCH, { ...GOOD_BATCH, body: NOTHING }],
    message: /claims 40/,
    batches: 3,
  },
  {
    name: 'a metadata version of the future',
    messages: [schemaMessage([field('number', int(64))], { version: 5 })],
    message: /metadata version 6 is not known/,
  },
  { name: 'a metadata version of the past', messages: numbers({ version: 1 }), message: /metadata version 2 is not known/ },
];

hostileTests(server, client, [...bodyLengths, ...buffers, ...nodes, ...nested, ...order]);

test('a message one byte longer than the 1 GiB that is allowed by default', async () => {
  const bytes = Buffer.concat([flightStream([GOOD_SCHEMA, GOOD_BATCH]), grpcFrame(NOTHING, 0, 2 ** 30 + 1)]);
  server.on('1 GiB + 1', (stream) => grpcAnswer(stream, [bytes]));
  const message = /1073741825 bytes is larger than maxMessageBytes/;
  await expectFailure(client, '1 GiB + 1', { code: 'MESSAGE_TOO_LARGE', message, batches: 1 });
});

test('a few bytes that stand for 20 million rows, twice: other calls are answered while they are expanded', async () => {
  const rows = 20_000_000;
  const messages = oneRun(int(64), rows, [int64s(7)]);
  let asked = 0;
  server.on('20 million rows', (stream) => {
    asked += 1;
    grpcAnswer(stream, [flightStream(messages)]);
  });
  await (async () => {
    let expanded = 0;
    const reading = [1, 2].map(async () => {
      const table = await (await client.query('20 million rows')).table();
      expanded += 1;
      assert.deepEqual([table.numRows, table.getChildAt(0)?.get(rows - 1)], [rows, 7n]);
    });
    let answered = 0;
    while (expanded === 0) {
      const sent = asked;
      await client.execute('good');
      if (sent === 2 && expanded === 0) answered += 1;
    }
    assert(answered >= 5, `${answered} calls were answered while the rows were expanded`);
    await Promise.all(reading);
  })();
  await settled(client);
});
