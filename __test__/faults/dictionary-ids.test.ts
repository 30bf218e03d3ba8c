// Endpoints of one result that number their dictionaries each in its own way.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Table, tableFromIPC } from 'apache-arrow';
import { temporaryFolder } from '../temporary-folder.js';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { type ArrowMessage, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import { encoded, field, fixedSizeBinary, largeUtf8, struct, utf8, type WireType } from './wire/arrow-type.js';
import { flightInfo, flightStream } from './wire/flight-data.js';
import { int32s, int64s, NOTHING, text } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

/** Ids of two digits, of the dictionary of `a` and of those that its values are encoded with. */
interface Ids {
  readonly x: number;
  readonly w: number;
  readonly y: number;
  readonly v: number;
  readonly a: number;
}

/** What the types of `y` and `v` may be: the others are plain text. */
const TYPES: Record<string, WireType> = { 'large text': largeUtf8, 'bytes of fixed width': fixedSizeBinary(3) };

/** Every dictionary has two values that name it. */
const valuesOf = (id: number) => text(`${id}a${id}b`);

/** One row of `a`, a dictionary of structs whose fields are encoded with dictionaries themselves: x and y with the first value of theirs. */
function streamOf(ids: Ids, type: WireType): ArrowMessage[] {
  const children = [
    encoded('x', utf8, ids.x, 32),
    encoded('w', utf8, ids.w, 32),
    encoded('y', type, ids.y, 32),
    encoded('v', type, ids.v, 32),
  ];
  const dictionary = (id: number, ...offsets: Uint8Array[]) =>
    dictionaryMessage(id, { rows: 2, nodes: [[2, 0]], buffers: [NOTHING, ...offsets, valuesOf(id)] });
  const offsets = type === largeUtf8 ? [int64s(0, 3, 6)] : [];
  return [
    schemaMessage([field('a', struct, { children, dictionary: { id: ids.a, indexBits: 32, indexSigned: true } })]),
    ...[...new Set([ids.x, ids.w])].map((id) => dictionary(id, int32s(0, 3, 6))),
    ...[...new Set([ids.y, ids.v])].map((id) => dictionary(id, ...offsets)),
    dictionaryMessage(ids.a, {
      rows: 1,
      nodes: Array.from({ length: 5 }, () => [1, 0] as const),
      buffers: [NOTHING, ...[0, 1, 0, 1].flatMap((index) => [NOTHING, int32s(index)])],
    }),
    batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0)] }),
  ];
}

/** A query of an endpoint for each numbering. */
function inParts(query: string, numberings: readonly Ids[], type: WireType): void {
  const tickets = numberings.map((_, at) => ({ ticket: `${query} ${at}` }));
  server.on(query, { info: (stream) => grpcAnswer(stream, [flightInfo(tickets)]) });
  for (const [at, ids] of numberings.entries()) {
    server.on(`${query} ${at}`, (stream) => grpcAnswer(stream, [flightStream(streamOf(ids, type))]));
  }
}

const shown = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value);
const rowsOf = (table: Table) => Array.from(table.getChild('a') ?? [], ({ x, w, y, v }) => [x, w, y, v].map(shown));
const expectedRow = ({ x, w, y, v }: Ids) => [`${x}a`, `${w}b`, `${y}a`, `${v}b`];

/** Who shares a dictionary with whom. */
const DISTINCT: Ids = { x: 10, w: 11, y: 12, v: 13, a: 14 };
const Y_IS_V: Ids = { x: 10, w: 11, y: 12, v: 12, a: 13 };
const X_IS_W: Ids = { x: 10, w: 10, y: 11, v: 12, a: 13 };

for (const [name, type] of Object.entries(TYPES)) {
  for (const [how, numberings] of Object.entries({
    'the same ids': [Y_IS_V, Y_IS_V],
    'other ids': [DISTINCT, { x: 33, w: 41, y: 52, v: 20, a: 11 }],
    'other ids, where one is shared': [X_IS_W, { x: 51, w: 51, y: 33, v: 20, a: 77 }],
  })) {
    test(`${how} for dictionaries that play the same part: every value is right (${name})`, async () => {
      inParts('alike', numberings, type);
      const rows = numberings.map(expectedRow);
      await (async () => {
        assert.deepEqual(rowsOf(await (await client.query('alike')).table()), rows);
        assert.deepEqual(rowsOf(tableFromIPC(await (await client.query('alike')).toIPC())), rows);
      })();
      await settled(client);
    });
  }

  for (const [how, numberings] of Object.entries({
    'y and v, and then x and w': [Y_IS_V, X_IS_W],
    'x and w, and then y and v': [X_IS_W, Y_IS_V],
    'none, and then x and w': [DISTINCT, X_IS_W],
  })) {
    test(`endpoints that share other dictionaries, first those of ${how}, do not go together (${name})`, async () => {
      inParts('unlike', numberings, type);
      const folder = temporaryFolder();
      const expected = { name: 'FlightSQLError', code: 'SCHEMA_MISMATCH', column: 'a', endpoint: { index: 1, location: null } };
      await assert.rejects(async () => (await client.query('unlike')).table(), expected);
      await assert.rejects(async () => (await client.query('unlike')).toIPC(), expected);
      await assert.rejects(client.exportTo('unlike', join(folder, 'never.parquet')), expected);
      assert.deepEqual(readdirSync(folder), []);
      await settled(client);
      await expectUsable(client);
    });
  }
}
