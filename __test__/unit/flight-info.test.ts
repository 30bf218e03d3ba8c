import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlightEndpoint, flightInfoOf } from '../../src-ts/flight-info.js';
import type { NativeOutcome } from '../../src-ts/native/binding-types.js';
import { decodeEndpoint, encodeEndpoint } from '../../src-ts/native/flight-messages.js';
import { MessageWriter } from '../../src-ts/native/protobuf.js';
import { endpointToRead } from '../../src-ts/ticket.js';
import { schemaTextOf } from './arrow-delivery.js';
import { errorText, SCHEMA } from './fake-native.js';

const message = () => new MessageWriter();
const bytes = (...values: number[]) => Uint8Array.from(values);

/** An addon that knows one schema, and counts how often it is asked. */
function addonWith(outcome: NativeOutcome<string>): { schemaText: (ipc: Uint8Array) => NativeOutcome<string>; asked: Uint8Array[] } {
  const asked: Uint8Array[] = [];
  return {
    asked,
    schemaText: (ipc) => {
      asked.push(ipc);
      return outcome;
    },
  };
}

const addon = () => addonWith([null, schemaTextOf(SCHEMA)]);

test('counts that the server does not know are null, others bigint', async () => {
  const unknown = await flightInfoOf(addon(), message().int64(4, -1n).int64(5, -1n).finish());
  assert.equal(unknown.totalRecords, null);
  assert.equal(unknown.totalBytes, null);
  const known = await flightInfoOf(
    addon(),
    message()
      .int64(4, 2n ** 60n)
      .finish(),
  );
  assert.equal(known.totalRecords, 2n ** 60n);
  assert.equal(known.totalBytes, 0n);
});

test('every field of a message arrives in its own place', async () => {
  const native = addon();
  const endpoint = (id: number, seconds: bigint) => {
    const to = message().message(1, message().bytes(1, bytes(id, 1)).finish());
    for (const uri of [`grpc://a:${id}`, `grpc+tls://b:${id}`, 'arrow-flight-reuse-connection://?']) {
      to.message(2, message().string(1, uri).finish());
    }
    return to.message(3, message().int64(1, seconds).int64(2, 5_000_000).finish()).bytes(4, bytes(id, 4)).finish();
  };
  const descriptor = message().int64(1, 2).bytes(2, bytes(22)).string(3, 'first').string(3, 'second').finish();
  const info = await flightInfoOf(
    native,
    message()
      .bytes(1, bytes(11))
      .message(2, descriptor)
      .message(3, endpoint(31, 1n))
      .message(3, endpoint(32, 2n))
      .int64(4, 44n)
      .int64(5, 55n)
      .int64(6, 1)
      .bytes(7, bytes(77))
      .finish(),
  );
  assert.deepEqual(info.schema?.names, SCHEMA.names);
  assert.deepEqual(native.asked, [bytes(11)]);
  assert.deepEqual(info.descriptor, { type: 'command', command: bytes(22), path: ['first', 'second'] });
  assert.deepEqual(
    info.endpoints.map((found) => ({ ...found })),
    [31, 32].map((id, at) => ({
      ticket: bytes(id, 1),
      locations: [`grpc://a:${id}`, `grpc+tls://b:${id}`, 'arrow-flight-reuse-connection://?'],
      expirationTime: new Date((at + 1) * 1000 + 5),
      appMetadata: bytes(id, 4),
    })),
  );
  assert.deepEqual([info.totalRecords, info.totalBytes, info.ordered, info.appMetadata], [44n, 55n, true, bytes(77)]);
});

test('one total may be known without the other', async () => {
  const totals = async (records: bigint, size: bigint) => {
    const info = await flightInfoOf(addon(), message().int64(4, records).int64(5, size).finish());
    return [info.totalRecords, info.totalBytes];
  };
  assert.deepEqual(await totals(-1n, 55n), [null, 55n]);
  assert.deepEqual(await totals(44n, -1n), [44n, null]);
});

test('a descriptor says which of its kinds it is', async () => {
  const typeOf = async (type: number) => {
    const descriptor = message().int64(1, type).string(3, 'part').finish();
    return (await flightInfoOf(addon(), message().message(2, descriptor).finish())).descriptor?.type;
  };
  assert.deepEqual(await Promise.all([0, 1, 2, 9].map(typeOf)), ['unknown', 'path', 'command', 'unknown']);
  assert.equal((await flightInfoOf(addon(), message().finish())).descriptor, null);
});

test('the schema is read by the addon on first access, once', async () => {
  const native = addon();
  const info = await flightInfoOf(
    native,
    message()
      .bytes(1, bytes(1, 2, 3))
      .finish(),
  );
  assert.equal(native.asked.length, 0);
  assert.deepEqual(info.schema?.names, ['id', 'name']);
  assert.equal(info.schema, info.schema);
  assert.deepEqual(native.asked, [bytes(1, 2, 3)]);
});

test('a schema that is not announced is null, and the addon is not asked', async () => {
  const native = addon();
  assert.equal((await flightInfoOf(native, message().int64(6, 1).finish())).schema, null);
  assert.equal(native.asked.length, 0);
});

test('a schema that is not valid fails where it is used, and leaves the rest usable', async () => {
  const info = await flightInfoOf(addonWith([errorText('INVALID_DATA'), undefined]), message().bytes(1, bytes(1)).int64(4, 5n).finish());
  assert.equal(info.totalRecords, 5n);
  assert.throws(() => info.schema, { code: 'INVALID_DATA' });
});

test('an expiration time is a Date to the millisecond, before 1970 as well', async () => {
  const at = async (seconds: bigint, nanos: number) => {
    const time = message().int64(1, seconds).int64(2, nanos).finish();
    const endpoint = message().message(1, bytes()).message(3, time).finish();
    return (await flightInfoOf(addon(), message().message(3, endpoint).finish())).endpoints[0]?.expirationTime?.toISOString();
  };
  assert.equal(await at(1_700_000_000n, 123_999_999), '2023-11-14T22:13:20.123Z');
  assert.equal(await at(-1n, 500_000_000), '1969-12-31T23:59:59.500Z');
  await assert.rejects(at(2n ** 62n, 0), { code: 'PROTOCOL_ERROR', message: /no time that a Date holds/ });
});

test('endpoints keep their order, tickets and locations, and cannot be changed', async () => {
  const encoded = [encodeEndpoint(bytes(1), ['grpc://a:1']), encodeEndpoint(bytes(2))];
  const info = await flightInfoOf(addon(), encoded.reduce((to, endpoint) => to.message(3, endpoint), message()).finish());
  assert.deepEqual(
    info.endpoints.map(({ ticket, locations, expirationTime, appMetadata }) => ({ ticket, locations, expirationTime, appMetadata })),
    [
      { ticket: bytes(1), locations: ['grpc://a:1'], expirationTime: null, appMetadata: bytes() },
      { ticket: bytes(2), locations: [], expirationTime: null, appMetadata: bytes() },
    ],
  );
  assert.ok(Object.isFrozen(info.endpoints) && Object.isFrozen(info.endpoints[0]));
});

test('an endpoint of an info is read by the message that was received, with its place', async () => {
  const received = message().message(1, bytes()).string(60, 'from the future').finish();
  const info = await flightInfoOf(
    addon(),
    message()
      .message(3, encodeEndpoint(bytes(1)))
      .message(3, received)
      .finish(),
  );
  assert.deepEqual(endpointToRead(info.endpoints[1]), { encoded: received, index: 1 });
});

test('a ticket alone is read over the own connection', () => {
  const { encoded, index } = endpointToRead(bytes(7, 8));
  assert.equal(index, 0);
  assert.deepEqual(decodeEndpoint(encoded).ticket, bytes(7, 8));
  assert.deepEqual(decodeEndpoint(encoded).locations, []);
});

test('an endpoint that was copied, as to a worker, is read by its ticket and locations', () => {
  const copied = structuredClone({ ticket: bytes(7), locations: ['grpc://a:1'] });
  const { encoded } = endpointToRead(copied);
  assert.deepEqual(decodeEndpoint(encoded).ticket, bytes(7));
  assert.deepEqual(decodeEndpoint(encoded).locations, ['grpc://a:1']);
});

const refused: readonly [what: string, ticket: unknown, code: string, says: RegExp][] = [
  ['nothing', undefined, 'INVALID_ARGUMENT', /no ticket/],
  ['null, the ticket of an endpoint without one', null, 'INVALID_ARGUMENT', /no ticket/],
  ['an endpoint without a ticket', { ticket: null }, 'INVALID_ARGUMENT', /no ticket/],
  ['SQL', 'SELECT 1', 'INVALID_OPTION', /a ticket \(a Uint8Array\) or an endpoint of a FlightInfo, not 'SELECT 1'/],
  ['a FlightInfo', { endpoints: [] }, 'INVALID_OPTION', /an endpoint of a FlightInfo, not an object/],
  ['an endpoint whose ticket is text', { ticket: 'x' }, 'INVALID_OPTION', /ticket must be a Uint8Array, not 'x'/],
  [
    'an endpoint whose locations are text',
    { ticket: bytes(1), locations: 'grpc://a' },
    'INVALID_OPTION',
    /an array of URIs, not 'grpc:\/\/a'/,
  ],
  ['an endpoint with a location that is none', { ticket: bytes(1), locations: [1] }, 'INVALID_OPTION', /an array of URIs, not 1/],
];

for (const [what, ticket, code, says] of refused) {
  test(`doGet of ${what} is refused`, () => {
    assert.throws(() => endpointToRead(ticket as FlightEndpoint), { code, message: says });
  });
}
