import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEndpoint, decodeInfo, encodeEndpoint } from '../../src-ts/native/flight-messages.js';
import { MessageWriter } from '../../src-ts/native/protobuf.js';

const message = () => new MessageWriter();
const bytes = (...values: number[]) => Uint8Array.from(values);
const location = (uri: string) => message().string(1, uri).finish();
const ticket = (value: Uint8Array) => message().bytes(1, value).finish();

test('an empty FlightInfo has no schema, no endpoints, zero totals and no order', () => {
  const info = decodeInfo(bytes());
  assert.deepEqual(info, {
    schema: bytes(),
    descriptor: null,
    endpoints: [],
    totalRecords: 0n,
    totalBytes: 0n,
    ordered: false,
    appMetadata: bytes(),
  });
});

test('every field of a FlightInfo is read, and those of later versions are passed over', () => {
  const descriptor = message().int64(1, 2).bytes(2, bytes(7, 8)).int64(77, 1).finish();
  const endpoint = message()
    .message(1, ticket(bytes(1, 2)))
    .message(2, location('grpc+tls://a:1'))
    .message(2, location('arrow-flight-reuse-connection://?'))
    .message(3, message().int64(1, 1_700_000_000n).int64(2, 123_456_789).finish())
    .bytes(4, bytes(5))
    .string(88, 'from the future')
    .finish();
  const info = decodeInfo(
    message()
      .string(99, 'from the future')
      .bytes(1, bytes(1, 1))
      .message(2, descriptor)
      .message(3, endpoint)
      .message(3, encodeEndpoint(bytes(9)))
      .int64(4, -1n)
      .int64(5, 12_345_678_901n)
      .int64(6, 1)
      .bytes(7, bytes(3))
      .finish(),
  );
  assert.deepEqual(info.schema, bytes(1, 1));
  assert.deepEqual(info.descriptor, { type: 2, cmd: bytes(7, 8), path: [] });
  assert.equal(info.totalRecords, -1n);
  assert.equal(info.totalBytes, 12_345_678_901n);
  assert.equal(info.ordered, true);
  assert.deepEqual(info.appMetadata, bytes(3));
  assert.equal(info.endpoints.length, 2);
  assert.deepEqual(info.endpoints[0], {
    ticket: bytes(1, 2),
    locations: ['grpc+tls://a:1', 'arrow-flight-reuse-connection://?'],
    expirationTime: { seconds: 1_700_000_000n, nanos: 123_456_789 },
    appMetadata: bytes(5),
    encoded: endpoint,
  });
});

test('an endpoint keeps its message as it was received, fields that are not known included', () => {
  const received = message()
    .message(1, ticket(bytes(1)))
    .string(50, 'kept')
    .finish();
  assert.deepEqual(decodeEndpoint(received).encoded, received);
});

test('an endpoint without a ticket is told apart from one with an empty ticket', () => {
  assert.equal(decodeEndpoint(message().bytes(4, bytes(1)).finish()).ticket, null);
  assert.deepEqual(decodeEndpoint(encodeEndpoint(bytes())).ticket, bytes());
});

test('an encoded endpoint is read back with its ticket and locations', () => {
  const endpoint = decodeEndpoint(encodeEndpoint(bytes(1, 2, 3), ['grpc://a:1', 'grpc://b:2']));
  assert.deepEqual(endpoint.ticket, bytes(1, 2, 3));
  assert.deepEqual(endpoint.locations, ['grpc://a:1', 'grpc://b:2']);
  assert.equal(endpoint.expirationTime, null);
});

test('a descriptor by path has its path', () => {
  const descriptor = message().int64(1, 1).message(3, new TextEncoder().encode('a')).message(3, new TextEncoder().encode('b')).finish();
  assert.deepEqual(decodeInfo(message().message(2, descriptor).finish()).descriptor, { type: 1, cmd: bytes(), path: ['a', 'b'] });
});

test('an endpoint that ends in the middle names the message that is malformed', () => {
  const cut = encodeEndpoint(bytes(1, 2, 3)).subarray(0, -1);
  assert.throws(() => decodeInfo(message().message(3, cut).finish()), { code: 'PROTOCOL_ERROR', message: /FlightEndpoint/ });
});
