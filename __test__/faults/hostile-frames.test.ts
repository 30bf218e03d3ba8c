// gRPC and protobuf framing that is wrong, and framing that is only strange.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf } from './expect/client.js';
import { type ExpectedFailure, expectFailure } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_BATCH, GOOD_SCHEMA, goodStream } from './server/good-stream.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { bytesField, flightData, flightStream, grpcFrame, varint, varintField } from './wire/flight-data.js';

const server = await startEvilServer();
const client = clientOf(server);

const schema = flightStream([GOOD_SCHEMA]);
const good = flightData(GOOD_BATCH);
const { header, body } = GOOD_BATCH;

interface FrameCase extends Omit<ExpectedFailure, 'code'> {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code?: ExpectedFailure['code'];
}

const whole = Buffer.concat([schema, grpcFrame(good)]);
const cuts: FrameCase[] = [
  ['within the prefix', schema.length + 3],
  ['behind the prefix', schema.length + 5],
  ['within the first field', schema.length + 9],
  ['within the body', whole.length - 10],
  ['before the last byte', whole.length - 1],
  ['within the schema', 40],
].map(([where, at]) => ({
  name: `a stream that ends ${where}`,
  bytes: whole.subarray(0, Number(at)),
  message: /in the middle of a message/,
}));

const damaged: FrameCase[] = [
  {
    name: 'the compressed flag',
    bytes: Buffer.concat([schema, grpcFrame(good, 1)]),
    message: /compressed gRPC message, though none was asked for/,
  },
  { name: 'a flag that does not exist', bytes: Buffer.concat([schema, grpcFrame(good, 0x80)]), message: /flags 0x80 where 0 or 1/ },
  { name: 'HTML in place of frames', bytes: Buffer.from('<html><body>502</body></html>'), message: /flags 0x3c/ },
  {
    name: 'a message shorter than its fields',
    bytes: Buffer.concat([schema, grpcFrame(good.subarray(0, -1))]),
    message: /claims 40 bytes where 39 are left/,
  },
  { name: 'a message that ends in a tag', bytes: Buffer.concat([schema, grpcFrame(Buffer.from([0x80]))]), message: /middle of a field/ },
  {
    name: 'a message that ends in a length',
    bytes: Buffer.concat([schema, grpcFrame(Buffer.from([0x12, 0x80]))]),
    message: /middle of a field/,
  },
  {
    name: 'a tag of field 0',
    bytes: Buffer.concat([schema, grpcFrame(Buffer.from([0x02, 0x00]))]),
    message: /tag 2, which names no field/,
  },
  { name: 'a varint of 11 bytes', bytes: Buffer.concat([schema, grpcFrame(Buffer.alloc(11, 0xff))]), message: /longer than 64 bits/ },
  { name: 'wire type 6', bytes: Buffer.concat([schema, grpcFrame(Buffer.from([0x0e, 0x00]))]), message: /wire type 6/ },
  { name: 'wire type 7', bytes: Buffer.concat([schema, grpcFrame(Buffer.from([0x0f, 0x00]))]), message: /wire type 7/ },
  { name: 'a group that ends and never began', bytes: Buffer.concat([schema, grpcFrame(Buffer.from([0x0c]))]), message: /never began/ },
  { name: 'a group that never ends', bytes: Buffer.concat([schema, grpcFrame(Buffer.from([0x0b]))]), message: /middle of a field/ },
  {
    name: 'a fixed field that is cut off',
    bytes: Buffer.concat([schema, grpcFrame(Buffer.from([0x09, 1, 2]))]),
    message: /claims 8 bytes where 2/,
  },
  { name: 'garbage', bytes: Buffer.concat([schema, grpcFrame(Buffer.alloc(1000, 0xa7))]), message: /./ },
];

for (const { name, bytes, code = 'PROTOCOL_ERROR', ...expected } of [...cuts, ...damaged]) {
  test(name, async () => {
    server.on(name, (stream) => grpcAnswer(stream, [bytes]));
    await expectFailure(client, name, { code, ...expected });
  });
}

test('a batch that was whole before the damage is delivered', async () => {
  const bytes = Buffer.concat([schema, grpcFrame(good), grpcFrame(good), Buffer.alloc(5, 0xff)]);
  server.on('damage later', (stream) => grpcAnswer(stream, [bytes]));
  const error = await expectFailure(client, 'damage later', { code: 'PROTOCOL_ERROR', batches: 2 });
  assert.deepEqual(error.progress, { batches: 2, rows: 4 });
});

/** A stream that is strange in this way is nevertheless right. */
const strange: Record<string, Buffer> = {
  'fields in reverse order': grpcFrame(Buffer.concat([bytesField(1000, body), bytesField(2, header)])),
  'a header repeated: the last one holds': grpcFrame(Buffer.concat([bytesField(2, Buffer.from('x')), good])),
  'a body repeated: the last one holds': grpcFrame(Buffer.concat([bytesField(1000, Buffer.alloc(500, 1)), good])),
  'unknown fields of every kind': grpcFrame(
    Buffer.concat([
      varintField(900, -1),
      bytesField(901, Buffer.alloc(300)),
      varint(902 * 8 + 5),
      Buffer.alloc(4),
      varint(903 * 8 + 1),
      Buffer.alloc(8),
      good,
    ]),
  ),
  'a group with a body within it that is not ours': grpcFrame(
    Buffer.concat([varint(5 * 8 + 3), bytesField(1000, Buffer.alloc(9)), bytesField(2, Buffer.from('no')), varint(5 * 8 + 4), good]),
  ),
  'a descriptor': grpcFrame(Buffer.concat([bytesField(1, bytesField(2, Buffer.from('cmd'))), good])),
  'empty messages between': Buffer.concat([grpcFrame(Buffer.alloc(0)), grpcFrame(good), grpcFrame(Buffer.alloc(0))]),
  'the schema repeated': Buffer.concat([schema, grpcFrame(good), schema]),
};

for (const [name, bytes] of Object.entries(strange)) {
  test(`${name}: read as it is meant`, async () => {
    server.on(name, (stream) => grpcAnswer(stream, [schema, bytes]));
    const rows: unknown[] = [];
    for await (const row of (await client.query(name)).rows({ rowMode: 'array' })) rows.push(row);
    assert.deepEqual(rows, [
      [1n, 'one'],
      [2n, 'two'],
    ]);
    await settled(client);
  });
}

test('a stream in DATA frames of one byte each', async () => {
  server.on('drops', (stream) =>
    grpcAnswer(
      stream,
      [...goodStream()].map((byte) => Buffer.from([byte])),
    ),
  );
  assert.equal((await (await client.query('drops')).table()).numRows, 4);
});
