// Answers that are HTTP, and gRPC at most in part.

import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { clientOf } from './expect/client.js';
import { expectFailure } from './expect/failure.js';
import { startEvilServer } from './server/evil-server.js';
import { goodStream } from './server/good-stream.js';
import { begin, GRPC_HEAD, grpcAnswer } from './server/grpc-answer.js';
import { grpcFrame } from './wire/flight-data.js';

const server = await startEvilServer();
const client = clientOf(server);

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const page =
  (status: number, headers: OutgoingHttpHeaders = HTML) =>
  (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': status, ...headers });
    stream.end('<html><body><h1>no</h1></body></html>');
  };
const trailersOnly = (trailers: OutgoingHttpHeaders) => (stream: ServerHttp2Stream) =>
  stream.respond({ ...GRPC_HEAD, ...trailers }, { endStream: true });

/** gRPC's own mapping of what proxies answer. */
const statuses = [
  [400, 'INTERNAL'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'UNIMPLEMENTED'],
  [429, 'UNAVAILABLE'],
  [500, 'UNKNOWN'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'UNAVAILABLE'],
  [418, 'UNKNOWN'],
] as const;

for (const [status, code] of statuses) {
  test(`DoGet answered with HTTP ${status} and a page`, async () => {
    server.on(`page ${status}`, page(status));
    const error = await expectFailure(client, `page ${status}`, { code, message: new RegExp(String(status)) });
    assert.match(error.hint ?? '', /proxy/);
    assert.equal(error.retryable, code === 'UNAVAILABLE');
  });

  test(`GetFlightInfo answered with HTTP ${status} and a page`, async () => {
    server.on(`info page ${status}`, { info: page(status) });
    await expectFailure(client, `info page ${status}`, { code, message: new RegExp(String(status)), endpoint: 'none' });
  });
}

for (const [name, type] of [
  ['HTML', HTML],
  ['no content type', {}],
  ['JSON', { 'content-type': 'application/json' }],
] as const) {
  test(`DoGet answered with HTTP 200 and ${name}`, async () => {
    server.on(`200 ${name}`, page(200, type));
    await expectFailure(client, `200 ${name}`, { code: 'PROTOCOL_ERROR', message: /content type .* where application\/grpc is right/ });
  });

  test(`GetFlightInfo answered with HTTP 200 and ${name}`, async () => {
    server.on(`info 200 ${name}`, { info: page(200, type) });
    await expectFailure(client, `info 200 ${name}`, { code: ['PROTOCOL_ERROR', 'INTERNAL', 'UNKNOWN'], message: /./, endpoint: 'none' });
  });
}

test('trailers without a status', async () => {
  server.on('no status', (stream) => grpcAnswer(stream, [goodStream()], { 'x-other': '1' }));
  await expectFailure(client, 'no status', { code: 'PROTOCOL_ERROR', message: /without a gRPC status/, batches: 2 });
});

test('no trailers at all', async () => {
  server.on('no trailers', (stream) => {
    stream.respond(GRPC_HEAD);
    stream.end(goodStream());
  });
  await expectFailure(client, 'no trailers', { code: 'PROTOCOL_ERROR', message: /without a gRPC status/, batches: 2 });
});

for (const status of ['', 'ok', '0x0', '99999999999999999999', '1.5']) {
  test(`a status of '${status}'`, async () => {
    server.on(`status '${status}'`, (stream) => grpcAnswer(stream, [goodStream()], { 'grpc-status': status }));
    await expectFailure(client, `status '${status}'`, { code: 'PROTOCOL_ERROR', message: /where a number is right/, batches: 2 });
  });
}

for (const status of ['17', '-1', '2147483647']) {
  test(`a status number that does not exist: ${status}`, async () => {
    server.on(`status ${status}`, trailersOnly({ 'grpc-status': status, 'grpc-message': 'odd' }));
    await expectFailure(client, `status ${status}`, { code: 'UNKNOWN', message: /odd/ });
  });
}

const GRPC = [
  ...[
    'CANCELLED',
    'UNKNOWN',
    'INVALID_ARGUMENT',
    'DEADLINE_EXCEEDED',
    'NOT_FOUND',
    'ALREADY_EXISTS',
    'PERMISSION_DENIED',
    'RESOURCE_EXHAUSTED',
  ],
  ...['FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
] as const;

for (const [at, code] of GRPC.entries()) {
  const status = { 'grpc-status': String(at + 1), 'grpc-message': 'why%20%C3%A9 100%', 'grpc-status-details-bin': 'AQID' };
  for (const [when, answer, batches] of [
    ['in place of an answer', trailersOnly(status), 0],
    ['after two batches', (stream: ServerHttp2Stream) => grpcAnswer(stream, [goodStream()], status), 2],
  ] as const) {
    test(`${code} ${when}`, async () => {
      server.on(`${code} ${when}`, answer);
      const error = await expectFailure(client, `${code} ${when}`, { code, message: /^why é 100%$/, batches });
      assert.equal(error.grpcCode, at + 1);
      assert.deepEqual(error.details, Uint8Array.of(1, 2, 3));
    });
  }
}

test('an error message of 50 KiB in the trailers', async () => {
  server.on('long message', (stream) => grpcAnswer(stream, [goodStream()], { 'grpc-status': '13', 'grpc-message': 'm'.repeat(50 << 10) }));
  const error = await expectFailure(client, 'long message', { code: 'INTERNAL', batches: 2 });
  assert.equal(error.message.length, 50 << 10);
});

test('details and a message that are not what they should be', async () => {
  const trailers = { 'grpc-status': '3', 'grpc-message': '%zz%4', 'grpc-status-details-bin': '!!not base64!!' };
  server.on('odd details', (stream) => grpcAnswer(stream, [], trailers));
  const error = await expectFailure(client, 'odd details', { code: 'INVALID_ARGUMENT', message: /^%zz%4$/ });
  assert.equal(error.details, null);
});

test('a head that says compressed', async () => {
  server.on('gzip', (stream) => {
    begin(stream, { 'grpc-status': '0' }, { ...GRPC_HEAD, 'grpc-encoding': 'gzip' });
    stream.end(grpcFrame(Buffer.from([0x1f, 0x8b, 8, 0]), 1));
  });
  await expectFailure(client, 'gzip', { code: 'PROTOCOL_ERROR', message: /compressed gRPC message/ });
});

test('an endpoint without a ticket', async () => {
  server.on('no ticket', { info: (stream) => grpcAnswer(stream, [grpcFrame(Buffer.from([0x1a, 0x00]))]) });
  await expectFailure(client, 'no ticket', { code: 'INVALID_DATA', message: /no ticket/ });
});

const infos: Record<string, Buffer> = {
  'a FlightInfo that is garbage': grpcFrame(Buffer.alloc(64, 0xff)),
  'a FlightInfo cut off': grpcFrame(Buffer.from([0x1a, 0x50, 0x0a])),
  'a FlightInfo with the compressed flag': grpcFrame(Buffer.alloc(4), 1),
  'a FlightInfo of 1 GiB of which nothing comes': grpcFrame(Buffer.alloc(4), 0, 2 ** 30 - 1),
  'a FlightInfo of 4 GiB': grpcFrame(Buffer.alloc(4), 0, 2 ** 32 - 1),
  'no FlightInfo': Buffer.alloc(0),
  'two FlightInfos where the second is garbage': Buffer.concat([grpcFrame(Buffer.alloc(0)), Buffer.alloc(9, 0xff)]),
};
for (const [name, bytes] of Object.entries(infos)) {
  test(name, async () => {
    server.on(name, { info: (stream) => grpcAnswer(stream, [bytes]) });
    const error = await expectFailure(client, name, {
      code: ['PROTOCOL_ERROR', 'INTERNAL', 'UNKNOWN', 'INVALID_DATA', 'MESSAGE_TOO_LARGE', 'OUT_OF_RANGE', 'UNIMPLEMENTED'],
      endpoint: 'none',
    });
    assert.equal(error.retryable, false);
  });
}
