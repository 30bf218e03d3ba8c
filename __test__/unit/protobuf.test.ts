import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageReader, MessageWriter } from '../../src-ts/native/protobuf.js';

/** Reads every field number of a message, skipping all values. */
function fieldNumbers(bytes: Uint8Array): number[] {
  const reader = new MessageReader(bytes, 'Test');
  const numbers: number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) numbers.push(field);
  return numbers;
}

function readerAtFirst(bytes: Uint8Array): MessageReader {
  const reader = new MessageReader(bytes, 'Test');
  assert.notEqual(reader.next(), 0);
  return reader;
}

test('an empty message has no fields', () => {
  assert.deepEqual(fieldNumbers(new Uint8Array()), []);
});

test('every 64-bit integer survives writing and reading', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer({ min: 1, max: 2 ** 29 - 1 }), (value, field) => {
      const bytes = new MessageWriter().int64(field, value).finish();
      if (value === 0n) assert.deepEqual(fieldNumbers(bytes), []);
      else {
        const reader = new MessageReader(bytes, 'Test');
        assert.equal(reader.next(), field);
        assert.equal(reader.int64(), value);
        assert.equal(reader.next(), 0);
      }
    }),
  );
});

test('bytes and text of every length survive writing and reading', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.string({ unit: 'grapheme', maxLength: 200 }), (data, text) => {
      const reader = new MessageReader(new MessageWriter().message(1, data).message(2, new TextEncoder().encode(text)).finish(), 'Test');
      reader.next();
      assert.deepEqual(reader.bytes(), Uint8Array.from(data));
      reader.next();
      assert.equal(reader.string(), text);
    }),
  );
});

test('a negative int32 is read from its ten bytes, and -1 from an int64 as servers send it', () => {
  const bytes = new MessageWriter().int64(1, -1n).finish();
  assert.equal(bytes.length, 11);
  assert.equal(readerAtFirst(bytes).int32(), -1);
  assert.equal(readerAtFirst(bytes).int64(), -1n);
});

test('unknown fields of every wire type are skipped', () => {
  const known = new MessageWriter().int64(1, 5).finish();
  const unknown = [
    [0x98, 0x06, 0x96, 0x01], // 99: varint
    [0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8], // 99: 8 bytes
    [0x9a, 0x06, 3, 0xff, 0xff, 0xff], // 99: bytes
    [0x9d, 0x06, 1, 2, 3, 4], // 99: 4 bytes
  ];
  for (const field of unknown) {
    for (const message of [
      [...field, ...known],
      [...known, ...field],
    ]) {
      const reader = new MessageReader(Uint8Array.from(message), 'Test');
      const values: bigint[] = [];
      for (let at = reader.next(); at !== 0; at = reader.next()) if (at === 1) values.push(reader.int64());
      assert.deepEqual(values, [5n]);
    }
  }
});

test('bytes() has memory of its own and view() has not', () => {
  const message = new MessageWriter().bytes(1, Uint8Array.of(1, 2, 3)).finish();
  const view = readerAtFirst(message).view();
  const copy = readerAtFirst(message).bytes();
  message.fill(9);
  assert.deepEqual(view, Uint8Array.of(9, 9, 9));
  assert.deepEqual(copy, Uint8Array.of(1, 2, 3));
});

const malformed: readonly [name: string, bytes: readonly number[], says: RegExp][] = [
  ['a field longer than the message', [0x0a, 5, 1], /5 bytes where 1 are left/],
  ['a length beyond every memory', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], /bytes where 0 are left/],
  ['a varint that does not end', [0x08, 0x80], /varint that ends after it/],
  ['a varint of eleven bytes', [0x08, ...new Array(10).fill(0x80), 1], /more than 10 bytes/],
  ['a tag that does not end', [0x88], /varint that ends after it/],
  ['field number 0', [0x00, 1], /field number 0/],
  ['a group', [0x0b, 0x0c], /wire type 3/],
  ['a fixed 64-bit field that ends early', [0x09, 1, 2], /ends after it/],
];

for (const [name, bytes, says] of malformed) {
  test(`a message with ${name} is refused as a protocol error that names the message`, () => {
    assert.throws(() => fieldNumbers(Uint8Array.from(bytes)), { code: 'PROTOCOL_ERROR', message: says });
    assert.throws(() => fieldNumbers(Uint8Array.from(bytes)), { message: /^the Test message is malformed/ });
  });
}

test('a field of another wire type than its own is refused', () => {
  const bytes = new MessageWriter().int64(1, 5).finish();
  assert.throws(() => readerAtFirst(bytes).bytes(), { code: 'PROTOCOL_ERROR', message: /a varint where bytes belong/ });
  assert.throws(() => readerAtFirst(new MessageWriter().string(1, 'x').finish()).int64(), { message: /bytes where a varint belong/ });
});

test('text that is not UTF-8 is refused', () => {
  assert.throws(() => readerAtFirst(new MessageWriter().bytes(1, Uint8Array.of(0xff)).finish()).string(), {
    code: 'PROTOCOL_ERROR',
    message: /not UTF-8/,
  });
});

test('no bytes at all make the reader loop, crash or throw anything but a protocol error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        fieldNumbers(bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'PROTOCOL_ERROR');
      }
    }),
    { numRuns: 2000 },
  );
});
