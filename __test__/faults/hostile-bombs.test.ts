// Little that claims to be much. Each runs in a process of its own, which must neither grow nor die of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryReport } from './child/query.js';
import { reportOf, runChild } from './child/run-child.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_QUERY } from './server/good-query.js';
import { GOOD_SCHEMA, goodStream } from './server/good-stream.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { RawServer } from './server/raw-server.js';
import { type ArrowMessage, batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, fixedSizeBinary, int, largeUtf8, listView, nullType, utf8View } from './wire/arrow-type.js';
import { bytesField, flightData, flightStream, grpcFrame } from './wire/flight-data.js';
import { oneRun } from './wire/one-run.js';
import { schemaOfSharedFields } from './wire/shared-fields.js';
import { compressed, concat, int64s, longView, NOTHING, text } from './wire/values.js';
import { zstdRun } from './wire/zstd.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** What a process may grow by that has received a few MiB at most. */
const HARMLESS = 96 * MIB;

const server = await startEvilServer();

interface Bomb {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: readonly string[];
  readonly message?: RegExp;
  readonly how?: 'loop' | 'ipc' | 'parquet';
  readonly growth?: number;
}

const schema = flightStream([GOOD_SCHEMA]);
const numbers = schemaMessage([field('number', int(64))]);
const compressedBatch = (rows: number, values: Uint8Array, codec: 'lz4' | 'zstd' | number = 'zstd') =>
  flightStream([numbers, batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, values], compression: codec })]);

const lengths: Bomb[] = [
  {
    name: 'a gRPC message of 4 GiB - 1',
    bytes: Buffer.concat([schema, grpcFrame(NOTHING, 0, 2 ** 32 - 1)]),
    code: ['MESSAGE_TOO_LARGE'],
    message: /4294967295 bytes is larger than maxMessageBytes/,
  },
  {
    name: 'a gRPC message of 1 GiB of which nothing comes',
    bytes: Buffer.concat([schema, grpcFrame(NOTHING, 0, GIB)]),
    code: ['PROTOCOL_ERROR'],
    message: /middle of a message/,
  },
  ...[2, 3, 1000, 77].map((number) => ({
    name: `field ${number} of 1 GiB of which 10 bytes come`,
    bytes: Buffer.concat([schema, grpcFrame(bytesField(number, Buffer.alloc(10), GIB - 20), 0, GIB)]),
    code: ['PROTOCOL_ERROR'],
    message: /middle of a message/,
  })),
  {
    name: 'a field longer than its message',
    bytes: Buffer.concat([schema, grpcFrame(bytesField(1000, Buffer.alloc(10), 2n ** 63n))]),
    code: ['PROTOCOL_ERROR'],
    message: /claims 9223372036854775808 bytes where 10 are left/,
  },
];

const compression: Bomb[] = [
  {
    name: 'a compressed buffer of 2^60 bytes',
    bytes: compressedBatch(2, compressed(2n ** 60n, zstdRun(16))),
    code: ['MESSAGE_TOO_LARGE', 'INVALID_DATA'],
  },
  {
    name: 'a compressed buffer of 1,000 MiB in 20 bytes',
    bytes: compressedBatch(2, compressed(1000 * MIB, zstdRun(16))),
    code: ['INVALID_DATA'],
  },
  {
    name: 'an LZ4 buffer of 1,000 MiB in 20 bytes',
    bytes: compressedBatch(2, compressed(1000 * MIB, new Uint8Array(20)), 'lz4'),
    code: ['INVALID_DATA'],
  },
  {
    name: 'a compressed buffer that holds more than it claims',
    bytes: compressedBatch(2, compressed(16, zstdRun(500 * MIB))),
    code: ['INVALID_DATA'],
    message: /more than the 16 bytes/,
  },
  {
    name: 'a compressed buffer of negative length',
    bytes: compressedBatch(2, compressed(-2, zstdRun(16))),
    code: ['INVALID_DATA'],
    message: /claims -2 bytes/,
  },
  {
    name: 'a compressed buffer too short for its length',
    bytes: compressedBatch(2, text('abc')),
    code: ['INVALID_DATA'],
    message: /too few/,
  },
  {
    name: 'a compressed buffer of garbage',
    bytes: compressedBatch(2, compressed(16, text('garbage'))),
    code: ['INVALID_DATA'],
    message: /damaged/,
  },
  {
    name: 'a codec of the future',
    bytes: compressedBatch(2, compressed(16, text('garbage')), 9),
    code: ['INVALID_DATA'],
    message: /codec|flatbuffer/,
  },
];

const wide = new Uint8Array(MIB);
const viewRows = 200_000;
const viewsOfOneWideValue: ArrowMessage[] = [
  schemaMessage([field('c', listView, { children: [field('item', fixedSizeBinary(MIB))] })]),
  batchMessage({
    rows: viewRows,
    nodes: [
      [viewRows, 0],
      [1, 0],
    ],
    buffers: [NOTHING, new Uint8Array(viewRows * 4), new Uint8Array(new Int32Array(viewRows).fill(1).buffer), NOTHING, wide],
  }),
];

const normalised: Bomb[] = [
  {
    name: 'one run of 200 million values of 1 MiB',
    bytes: flightStream(oneRun(fixedSizeBinary(MIB), 200_000_000, [wide])),
    code: ['MESSAGE_TOO_LARGE'],
  },
  {
    name: 'one run of 200 million strings of 1 MiB',
    bytes: flightStream(oneRun(largeUtf8, 200_000_000, [int64s(0, MIB), wide.fill(0x61)])),
    code: ['MESSAGE_TOO_LARGE'],
  },
  {
    name: 'one run of 2 billion numbers',
    bytes: flightStream(oneRun(int(64), 2_000_000_000, [int64s(7)])),
    code: ['MESSAGE_TOO_LARGE'],
    message: /2000000000 values/,
  },
  {
    name: 'two hundred thousand list views of one value of 1 MiB',
    bytes: flightStream(viewsOfOneWideValue),
    code: ['MESSAGE_TOO_LARGE'],
  },
];

const schemas: Bomb[] = [
  {
    name: 'a schema in which every field holds the next one twice, 40 deep',
    bytes: flightStream([schemaOfSharedFields(40, 2)]),
    code: ['INVALID_DATA'],
  },
  {
    name: 'a schema of 1 KiB whose shared fields are 200,000',
    bytes: flightStream([schemaOfSharedFields(17, 2)]),
    code: ['INVALID_DATA'],
  },
  {
    name: 'a schema whose 60,000 shared fields have one name of 4 KiB',
    bytes: flightStream([schemaOfSharedFields(15, 2, 'x'.repeat(4096))]),
    code: ['INVALID_DATA'],
  },
];

const manyRows = (rows: bigint) =>
  flightStream([schemaMessage([field('c', nullType)]), batchMessage({ rows, nodes: [[rows, rows]], buffers: [] })]);

for (const { name, bytes, code, message, how = 'loop', growth: allowed = HARMLESS } of [
  ...lengths,
  ...compression,
  ...normalised,
  ...schemas,
]) {
  test(name, async () => {
    server.on(name, (stream) => grpcAnswer(stream, [bytes]));
    const report = reportOf<QueryReport>(await runChild('query.ts', [String(server.port), name, how]));
    assert(code.includes(report.code ?? ''), JSON.stringify(report));
    if (message !== undefined) assert.match(report.message, message);
    assert(report.growth < allowed, `grew by ${report.growth} bytes: ${JSON.stringify(report)}`);
    assert.equal(report.rowsAfterwards, 4, 'the client works on');
  });
}

test('an export of 2^40 rows in one message of no bytes can be aborted', async () => {
  server.on('rows without end', (stream) => grpcAnswer(stream, [manyRows(2n ** 40n)]));
  const report = reportOf<QueryReport>(await runChild('query.ts', [String(server.port), 'rows without end', 'parquet'], { limit: 20_000 }));
  assert.equal(report.message, 'enough', JSON.stringify(report));
  assert(report.growth < 256 * MIB, `grew by ${report.growth} bytes`);
  assert(report.took < 5000, `took ${report.took} ms`);
});

test('buffers that all claim the same bytes', async () => {
  // Eight thousand data buffers over one body of 16 MiB: to look at each is to look at 128 GiB.
  const count = 8000;
  const body = new Uint8Array(16 * MIB).fill(0x61);
  const view = longView(16, body.subarray(0, 4), 0, 32);
  body.set(view, 0);
  const messages = [
    schemaMessage([field('c', utf8View)]),
    batchMessage({
      rows: 1,
      nodes: [[1, 0]],
      variadic: [count],
      buffers: [NOTHING, { offset: 0, length: 16 }, ...Array.from({ length: count }, () => ({ offset: 0, length: body.length }))],
      body,
    }),
  ];
  server.on('the same bytes', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  const report = reportOf<QueryReport>(await runChild('query.ts', [String(server.port), 'the same bytes']));
  assert.equal(report.code, 'INVALID_DATA', JSON.stringify(report));
  assert(report.took < 5000, `took ${report.took} ms`);
});

test('views that all show the same long string', async () => {
  // Sixty-four thousand views of one string of 4 MiB that is not ASCII: to check each is to check 256 GiB.
  const rows = 65_536;
  const string = Buffer.alloc(4 * MIB, 'é');
  const view = longView(string.length, string.subarray(0, 4), 0, 0);
  const messages = [
    schemaMessage([field('c', utf8View)]),
    batchMessage({
      rows,
      nodes: [[rows, 0]],
      variadic: [1],
      buffers: [NOTHING, concat(...Array.from({ length: rows }, () => view)), string],
    }),
  ];
  server.on('the same string', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  const report = reportOf<QueryReport>(await runChild('query.ts', [String(server.port), 'the same string']));
  assert.equal(report.batches, 1, JSON.stringify(report));
  assert(report.took < 5000, `took ${report.took} ms`);
});

test('many compressed batches in one frame wait for their reader one by one', async () => {
  // Thirty batches that are 64 MiB each once decompressed, in one HTTP/2 frame of 62 KiB.
  const rows = (64 * MIB) / 8;
  const batch = flightData(
    batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, compressed(64 * MIB, zstdRun(64 * MIB))], compression: 'zstd' }),
  );
  const bytes = Buffer.concat([flightStream([numbers]), ...Array.from({ length: 30 }, () => grpcFrame(batch))]);
  const raw = await RawServer.start();
  raw.on('bombs in a row', (call) => call.head().data(bytes).trailers());
  raw.on(GOOD_QUERY, (call) => call.head().data(goodStream()).trailers());
  const report = reportOf<QueryReport>(await runChild('query.ts', [String(raw.port), 'bombs in a row', 'ticket']));
  assert.deepEqual([report.code, report.batches], [null, 30], JSON.stringify(report));
  assert(report.growth < 640 * MIB, `grew by ${report.growth / MIB} MiB`);
});
