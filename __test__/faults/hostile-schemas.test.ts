// Schemas that no data can have, and those that are only too much.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf } from './expect/client.js';
import { expectFailure, expectUsable } from './expect/failure.js';
import { type HostileCase, hostileTests } from './expect/hostile-case.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_SCHEMA } from './server/good-stream.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { batchMessage, chainSchema, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import {
  decimal,
  encoded,
  field,
  fixedSizeBinary,
  fixedSizeList,
  float64,
  int,
  list,
  map,
  runEndEncoded,
  struct,
  timestamp,
  union,
  unknownType,
  unnumberedUnion,
  utf8,
} from './wire/arrow-type.js';
import { flightInfo, flightStream } from './wire/flight-data.js';
import { encapsulated } from './wire/flight-sql.js';
import { int8s, int32s, int64s, NOTHING } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const item = field('item', int(64));
/** A union of so many children. */
const wideUnion = (children: number) => field('u', unnumberedUnion('sparse'), { children: Array.from({ length: children }, () => item) });
const DEEP = 1000;

const deep: HostileCase[] = [
  { name: 'lists nested a thousand deep', messages: [chainSchema(DEEP, () => list)], message: /deep|depth|flatbuffer/ },
  { name: 'structs nested a thousand deep', messages: [chainSchema(DEEP, () => struct)], message: /deep|depth|flatbuffer/ },
  { name: 'lists nested a hundred thousand deep', messages: [chainSchema(100_000, () => list)], message: /deep|depth|flatbuffer/ },
  {
    name: 'lists nested one deeper than is allowed',
    messages: [chainSchema(57, (level) => (level === 56 ? int(64) : list))],
    message: /56 deep/,
  },
];

const shapes: HostileCase[] = [
  { name: 'big-endian data', messages: [schemaMessage([item], { endianness: 1 })], message: /big-endian/ },
  { name: 'a type of the future', messages: [schemaMessage([field('c', unknownType(27))])], message: /type|schema/ },
  { name: 'an integer of 24 bits', messages: [schemaMessage([field('c', int(24))])], message: /schema is not valid/ },
  { name: 'an integer of -8 bits', messages: [schemaMessage([field('c', int(-8))])], message: /schema is not valid/ },
  { name: 'a decimal of 17 bits', messages: [schemaMessage([field('c', decimal(3, 0, 17))])], message: /schema is not valid/ },
  { name: 'a decimal of precision 200', messages: [schemaMessage([field('c', decimal(200, 0, 128))])], message: /precision|schema/ },
  { name: 'a decimal of precision -1', messages: [schemaMessage([field('c', decimal(-1, 0, 128))])], message: /precision|schema/ },
  { name: 'a timestamp in a unit of the future', messages: [schemaMessage([field('c', timestamp(9))])], message: /schema/ },
  { name: 'fixed-size binary of negative width', messages: [schemaMessage([field('c', fixedSizeBinary(-1))])], message: /-1|schema/ },
  {
    name: 'a fixed-size list of negative size',
    messages: [schemaMessage([field('c', fixedSizeList(-1), { children: [item] })])],
    message: /-1|schema/,
  },
  { name: 'a list without a child', messages: [schemaMessage([field('c', list)])], message: /schema|child/ },
  { name: 'a list with two children', messages: [schemaMessage([field('c', list, { children: [item, item] })])], message: /schema|child/ },
  {
    name: 'a map whose child is a number',
    messages: [schemaMessage([field('c', map, { children: [item] })])],
    message: /struct of key and value|schema/,
  },
  {
    name: 'a map whose entries have three fields',
    messages: [schemaMessage([field('c', map, { children: [field('entries', struct, { children: [item, item, item] })] })])],
    message: /struct of key and value|schema/,
  },
  {
    name: 'run ends without values',
    messages: [schemaMessage([field('c', runEndEncoded, { children: [item] })])],
    message: /schema|child/,
  },
  {
    name: 'run ends that are fractions',
    messages: [schemaMessage([field('c', runEndEncoded, { children: [field('run_ends', float64), field('values', int(64))] })])],
    message: /run ends|schema/,
  },
  {
    name: 'a union that declares a type id twice',
    messages: [schemaMessage([field('c', union('dense', [1, 1]), { children: [item, item] })])],
    message: /type id|schema/,
  },
  {
    name: 'a union that declares a type id of 300',
    messages: [schemaMessage([field('c', union('sparse', [300]), { children: [item] })])],
    message: /type id|schema/,
  },
  {
    name: 'a union that declares a negative type id',
    messages: [schemaMessage([field('c', union('dense', [-2]), { children: [item] })])],
    message: /type id|schema/,
  },
  {
    name: 'a union with fewer type ids than children',
    messages: [schemaMessage([field('c', union('sparse', [1]), { children: [item, item] })])],
    message: /type id|schema|child/,
  },
  {
    name: 'a union of 129 children that are not numbered',
    messages: [schemaMessage([wideUnion(129)])],
    message: /129 children where 128 are possible/,
  },
  {
    name: 'one dictionary with values of two types',
    messages: [schemaMessage([encoded('a', utf8, 1, 32), encoded('b', int(64), 1, 32)])],
    message: /dictionary 1 is declared with values of type/,
  },
  { name: 'dictionary indices of 24 bits', messages: [schemaMessage([encoded('a', utf8, 1, 24)])], message: /schema|indices/ },
  { name: 'a schema without its end', messages: [{ header: GOOD_SCHEMA.header.subarray(0, -8), body: NOTHING }], message: /flatbuffer/ },
];

hostileTests(server, client, [...deep, ...shapes]);

test('lists nested as deep as is allowed are read', async () => {
  const depth = 56;
  const levels = depth - 1;
  const messages = [
    chainSchema(depth, (level) => (level === levels ? int(64) : list)),
    batchMessage({
      rows: 1,
      nodes: Array.from({ length: depth }, (_, level) => [level === levels ? 0 : 1, 0] as const),
      buffers: [...Array.from({ length: levels - 1 }, () => [NOTHING, int32s(0, 1)]).flat(), NOTHING, int32s(0, 0), NOTHING, NOTHING],
    }),
  ];
  server.on('deep but allowed', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  const table = await (await client.query('deep but allowed')).table();
  assert.equal(table.numRows, 1);
});

test('a union of 128 children that are not numbered is read', async () => {
  const count = 128;
  const messages = [
    schemaMessage([wideUnion(count)]),
    batchMessage({
      rows: 1,
      nodes: Array.from({ length: count + 1 }, () => [1, 0] as const),
      buffers: [int8s(count - 1), ...Array.from({ length: count }, (_, at) => [NOTHING, int64s(at)]).flat()],
    }),
  ];
  server.on('a wide union', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  const table = await (await client.query('a wide union')).table();
  assert.equal(table.getChildAt(0)?.get(0), BigInt(count - 1));
});

test('ten thousand columns are read', async () => {
  const count = 10_000;
  const messages = [
    schemaMessage(Array.from({ length: count }, (_, at) => field(`c${at}`, int(32)))),
    batchMessage({
      rows: 1,
      nodes: Array.from({ length: count }, () => [1, 0] as const),
      buffers: Array.from({ length: count }, (_, at) => [NOTHING, int32s(at)]).flat(),
    }),
  ];
  server.on('wide', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  await (async () => {
    const table = await (await client.query('wide')).table();
    assert.equal(table.getChildAt(count - 1)?.get(0), count - 1);
  })();
  await settled(client);
});

test('a dictionary that lies within its own values is never there', async () => {
  const messages = [
    schemaMessage([field('a', struct, { children: [encoded('b', utf8, 1, 32)], dictionary: { id: 1, indexBits: 32, indexSigned: true } })]),
    batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0)] }),
  ];
  server.on('a dictionary in itself', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  await expectFailure(client, 'a dictionary in itself', { code: 'INVALID_DATA', message: /never sent|dictionary 1/ });
});

test('a delta of a dictionary that was never there', async () => {
  const messages = [
    schemaMessage([encoded('a', utf8, 1, 32)]),
    dictionaryMessage(1, { rows: 0, nodes: [[0, 0]], buffers: [NOTHING, NOTHING, NOTHING] }, true),
    batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0)] }),
  ];
  server.on('delta of nothing', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  await expectFailure(client, 'delta of nothing', { code: 'INVALID_DATA', message: /which has 0 values/, column: 'a' });
});

for (const [name, schema] of [
  ['garbage in place of the schema', Buffer.from('not a schema at all, and long enough to be one')],
  ['a schema that claims 4 GiB', Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3])],
  ['a schema of one byte', Buffer.from([1])],
  ['a schema nested a thousand deep', encapsulated(chainSchema(DEEP, () => list).header)],
  ['a schema of a union of 129 children', encapsulated(schemaMessage([wideUnion(129)]).header)],
] as const) {
  test(`a FlightInfo with ${name}: its rows can be read, its schema cannot`, async () => {
    server.on(name, { info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: 'good' }], schema)]) });
    const info = await client.execute(name);
    assert.throws(() => info.schema, { name: 'FlightSQLError', code: 'INVALID_DATA', message: /schema/ });
    assert.equal((await (await client.query(name)).table()).numRows, 4);
  });

  test(`a FlightInfo without endpoints and with ${name}`, async () => {
    server.on(name, { info: (stream) => grpcAnswer(stream, [flightInfo([], schema)]) });
    await expectFailure(client, name, { code: 'INVALID_DATA', message: /schema/, endpoint: 'none' });
  });
}

test('a FlightInfo without endpoints and without a schema', async () => {
  server.on('nothing at all', { info: (stream) => grpcAnswer(stream, [flightInfo([])]) });
  await expectFailure(client, 'nothing at all', { code: 'INVALID_DATA', message: /no endpoint and no schema/, endpoint: 'none' });
  await expectUsable(client);
});
