// What the schema of a stream is held against: FlightInfo's, and those of the streams before it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightSQLError, type QueryOptions, type SchemaCheck } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { type ArrowMessage, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import { encoded, field, int, utf8, type WireField } from './wire/arrow-type.js';
import { encapsulated, flightInfo, flightStream } from './wire/flight-data.js';
import { int32s, int64s, NOTHING, text } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const schemaOf = (...fields: WireField[]) => schemaMessage(fields);
const ROW = batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int64s(7)] });
const WORD = batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0, 1), text('a')] });
const INDEX = batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0)] });
const DICTIONARY = dictionaryMessage(0, { rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0, 1), text('a')] });

const ID = field('id', int(64));
const NO_NULLS = field('id', int(64), { nullable: false });
const NAME = field('id', utf8);
const ENCODED = encoded('id', utf8, 0, 32);

/** A result that is announced with a schema, or none, and comes in these streams. */
function query(name: string, announced: ArrowMessage | null, ...streams: ArrowMessage[][]): string {
  const tickets = streams.map((_, at) => ({ ticket: `${name} ${at}` }));
  const schema = announced === null ? undefined : encapsulated(announced);
  server.on(name, { info: (stream) => grpcAnswer(stream, [flightInfo(tickets, schema)]) });
  for (const [at, messages] of streams.entries()) server.on(`${name} ${at}`, (stream) => grpcAnswer(stream, [flightStream(messages)]));
  return name;
}

async function rowsOf(name: string, options?: QueryOptions): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of (await client.query(name, null, options)).rows({ rowMode: 'array' })) rows.push(row[0]);
  return rows;
}

const CHECKS = ['compatible', 'strict', 'off'] as const;
type Outcome = readonly unknown[] | 'SCHEMA_MISMATCH';

/** What each check makes of a result, in the order of `CHECKS`. */
const cases: Record<string, { announced: ArrowMessage | null; streams: ArrowMessage[][]; outcomes: readonly [Outcome, Outcome, Outcome] }> =
  {
    'the schema that was announced': { announced: schemaOf(ID), streams: [[schemaOf(ID), ROW]], outcomes: [[7n], [7n], [7n]] },
    'no schema announced': { announced: null, streams: [[schemaOf(ID), ROW]], outcomes: [[7n], [7n], [7n]] },
    'another nullability': { announced: schemaOf(NO_NULLS), streams: [[schemaOf(ID), ROW]], outcomes: [[7n], 'SCHEMA_MISMATCH', [7n]] },
    'another type': { announced: schemaOf(NAME), streams: [[schemaOf(ID), ROW]], outcomes: ['SCHEMA_MISMATCH', 'SCHEMA_MISMATCH', [7n]] },
    'another name': {
      announced: schemaOf(field('key', int(64))),
      streams: [[schemaOf(ID), ROW]],
      outcomes: ['SCHEMA_MISMATCH', 'SCHEMA_MISMATCH', [7n]],
    },
    'a dictionary where plain values were announced': {
      announced: schemaOf(NAME),
      streams: [[schemaOf(ENCODED), DICTIONARY, INDEX]],
      outcomes: [['a'], 'SCHEMA_MISMATCH', ['a']],
    },
    'plain values where a dictionary was announced': {
      announced: schemaOf(ENCODED),
      streams: [[schemaOf(NAME), WORD]],
      outcomes: [['a'], 'SCHEMA_MISMATCH', ['a']],
    },
    'a dictionary in one stream and plain values in the next': {
      announced: schemaOf(NAME),
      streams: [
        [schemaOf(ENCODED), DICTIONARY, INDEX],
        [schemaOf(NAME), WORD],
      ],
      outcomes: ['SCHEMA_MISMATCH', 'SCHEMA_MISMATCH', 'SCHEMA_MISMATCH'],
    },
    'streams of other nullability': {
      announced: null,
      streams: [
        [schemaOf(NO_NULLS), ROW],
        [schemaOf(ID), ROW],
      ],
      outcomes: [[7n, 7n], 'SCHEMA_MISMATCH', [7n, 7n]],
    },
    'streams of other names': {
      announced: null,
      streams: [
        [schemaOf(ID), ROW],
        [schemaOf(field('key', int(64))), ROW],
      ],
      outcomes: ['SCHEMA_MISMATCH', 'SCHEMA_MISMATCH', [7n, 7n]],
    },
    'streams of other types': {
      announced: null,
      streams: [
        [schemaOf(ID), ROW],
        [schemaOf(NAME), WORD],
      ],
      outcomes: ['SCHEMA_MISMATCH', 'SCHEMA_MISMATCH', 'SCHEMA_MISMATCH'],
    },
    'a schema without columns announced, as servers do that do not know it': {
      announced: schemaOf(),
      streams: [[schemaOf(ID), ROW]],
      outcomes: [[7n], 'SCHEMA_MISMATCH', [7n]],
    },
  };

for (const [name, { announced, streams, outcomes }] of Object.entries(cases)) {
  for (const [at, check] of CHECKS.entries()) {
    const expected = outcomes[at];
    const what = expected === 'SCHEMA_MISMATCH' ? 'is refused' : 'is read';
    test(`schemaCheck '${check}': ${name} ${what}`, async () => {
      query(name, announced, ...streams);
      for (const options of [{ schemaCheck: check }, ...(check === 'compatible' ? [undefined] : [])]) {
        if (expected === 'SCHEMA_MISMATCH') await assert.rejects(rowsOf(name, options), { code: 'SCHEMA_MISMATCH' });
        else assert.deepEqual(await rowsOf(name, options), expected);
      }
    });
  }
}

test('a mismatch says column by column what was expected and what came, and which endpoint sent it', async () => {
  const columns = (...types: WireField[]) => schemaMessage(types);
  const announced = columns(ID, field('at', int(32)), field('gone', utf8));
  query('differs', announced, [announced], [columns(ID, field('at', utf8))]);
  await assert.rejects(rowsOf('differs'), (error: unknown) => {
    assert(error instanceof FlightSQLError);
    assert.equal(error.code, 'SCHEMA_MISMATCH');
    assert.deepEqual(error.endpoint, { index: 1, location: null });
    assert.equal(error.column, 'at');
    assert.match(error.message, /FlightInfo: column 1: expected 'at' Int32, found 'at' Utf8; column 2: expected 'gone' Utf8, found none/);
    assert.match(error.hint ?? '', /schemaCheck: 'off'/);
    return true;
  });
  await settled(client);
  await expectUsable(client);
});

test('the check of a client holds unless a call says another', async () => {
  query('typed otherwise', schemaOf(NAME), [schemaOf(ID), ROW]);
  const trusting = clientOf(server, { schemaCheck: 'off' });
  const rows = async (schemaCheck?: SchemaCheck) =>
    (await (await trusting.query('typed otherwise', null, { schemaCheck })).table()).numRows;
  assert.equal(await rows(), 1);
  await assert.rejects(rows('strict'), { code: 'SCHEMA_MISMATCH' });
});

test('a schema that cannot be read is looked at by a strict check only', async () => {
  const bytes = new Uint8Array(12).fill(0xee);
  server.on('unreadable', { info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: 'good' }], bytes)]) });
  assert.equal((await (await client.query('unreadable')).table()).numRows, 4);
  await assert.rejects(rowsOf('unreadable', { schemaCheck: 'strict' }), { code: 'INVALID_DATA' });
});

test('a result without endpoints is empty, with the schema that was announced; without one it is an error', async () => {
  query('empty', schemaOf(ID));
  const table = await (await client.query('empty')).table();
  assert.deepEqual([table.numRows, table.schema.names], [0, ['id']]);
  assert.deepEqual(await rowsOf('empty'), []);
  query('nothing', null);
  await assert.rejects(rowsOf('nothing'), { code: 'INVALID_DATA', message: /no endpoint and no schema/ });
});

test('a strict result of several endpoints keeps the nullability that all of them have', async () => {
  query('never null', null, [schemaOf(NO_NULLS), ROW], [schemaOf(NO_NULLS), ROW]);
  const nullable = async (options?: QueryOptions) =>
    (await (await client.query('never null', null, options)).table()).schema.fields[0]?.nullable;
  assert.deepEqual([await nullable(), await nullable({ schemaCheck: 'strict' })], [true, false]);
});
