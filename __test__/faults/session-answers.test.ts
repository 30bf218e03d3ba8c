// What servers answer to calls about sessions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CloseSessionStatus, type SessionOptionError, SessionOptionsError } from 'flightsql';
import { clientOf } from './expect/client.js';
import { results, ScriptedServer } from './server/scripted-server.js';
import { bytesField, varintField } from './wire/flight-data.js';
import { doubleField } from './wire/flight-sql.js';

const server = await ScriptedServer.start();
const client = clientOf(server);

/** An entry of a map from text to messages. */
const entry = (name: string, ...value: readonly Uint8Array[]) =>
  bytesField(1, Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, Buffer.concat(value))]));

const sfixed64Field = (number: number, value: bigint) => {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(number * 8 + 1);
  bytes.writeBigInt64LE(value, 1);
  return bytes;
};

const ERRORS: readonly SessionOptionError[] = ['UNSPECIFIED', 'INVALID_NAME', 'INVALID_VALUE', 'ERROR'];

test('options that are not set are named, each with its reason', async () => {
  server.on('SetSessionOptions', () => results(Buffer.concat(ERRORS.map((name, number) => entry(name, varintField(1, number))))));
  await assert.rejects(client.setSessionOptions({ a: 1 }), (error: unknown) => {
    assert(error instanceof SessionOptionsError, String(error));
    assert.equal(error.code, 'INVALID_ARGUMENT');
    assert.deepEqual(error.errors, Object.fromEntries(ERRORS.map((name) => [name, name])));
    assert.match(error.message, /did not set the session options 'UNSPECIFIED' \(UNSPECIFIED\), 'INVALID_NAME' \(INVALID_NAME\)/);
    return true;
  });
});

test('a reason of a later version, and none, are UNSPECIFIED', async () => {
  server.on('SetSessionOptions', () => results(Buffer.concat([entry('later', varintField(1, 17)), entry('none')])));
  await assert.rejects(client.setSessionOptions({ a: 1 }), { errors: { later: 'UNSPECIFIED', none: 'UNSPECIFIED' } });
});

test('an answer that names no option is success', async () => {
  server.on('SetSessionOptions', () => results(new Uint8Array(0)));
  assert.equal(await client.setSessionOptions({ a: 1 }), undefined);
});

test('options of every type are sent as what they are, and null as no value', async () => {
  server.on('SetSessionOptions', () => results(new Uint8Array(0)));
  const options = {
    text: 'é',
    no: false,
    yes: true,
    large: -(2n ** 63n),
    whole: 7,
    half: -0.5,
    exact: { double: 7 },
    list: ['x', ''],
    gone: null,
  };
  await client.setSessionOptions(options);
  const list = bytesField(5, Buffer.concat([bytesField(1, Buffer.from('x')), bytesField(1, new Uint8Array(0))]));
  const sent = [
    entry('text', bytesField(1, Buffer.from('é'))),
    // Default values are sent too: which of the types it is says the field.
    entry('no', varintField(2, 0)),
    entry('yes', varintField(2, 1)),
    entry('large', sfixed64Field(3, -(2n ** 63n))),
    entry('whole', sfixed64Field(3, 7n)),
    entry('half', doubleField(4, -0.5)),
    entry('exact', doubleField(4, 7)),
    entry('list', list),
    entry('gone'),
  ];
  assert.deepEqual(server.lastOf('SetSessionOptions'), Buffer.concat(sent));
});

test('options of every type are read, and those without a value are not there', async () => {
  const list = bytesField(5, Buffer.concat([bytesField(1, Buffer.from('x')), bytesField(1, new Uint8Array(0))]));
  const values = [
    entry('text', bytesField(1, Buffer.from('é'))),
    entry('no', varintField(2, 0)),
    entry('yes', varintField(2, 1)),
    entry('large', sfixed64Field(3, -(2n ** 63n))),
    entry('half', doubleField(4, -0.5)),
    entry('list', list),
    entry('none', bytesField(5, new Uint8Array(0))),
    entry('erased'),
    entry('__proto__', bytesField(1, Buffer.from('a name as any other'))),
  ];
  server.on('GetSessionOptions', () => results(Buffer.concat(values)));
  const options = await client.getSessionOptions();
  assert.deepEqual(Object.entries(options), [
    ['text', 'é'],
    ['no', false],
    ['yes', true],
    ['large', -(2n ** 63n)],
    ['half', -0.5],
    ['list', ['x', '']],
    ['none', []],
    ['__proto__', 'a name as any other'],
  ]);
});

test('each end of a session is told', async () => {
  const statuses: readonly CloseSessionStatus[] = ['UNSPECIFIED', 'CLOSED', 'CLOSING', 'NOT_CLOSEABLE'];
  for (const [number, expected] of [...statuses.entries(), [9, 'UNSPECIFIED'] as const]) {
    server.on('CloseSession', () => results(varintField(1, number)));
    assert.equal(await client.closeSession(), expected);
  }
});

test('a server that ends these calls without an answer is an error that names the action', async () => {
  for (const name of ['SetSessionOptions', 'GetSessionOptions', 'CloseSession']) server.on(name, () => []);
  const unanswered = (name: string) => ({ code: 'PROTOCOL_ERROR', message: `the server ended ${name} without an answer` });
  await assert.rejects(client.setSessionOptions({ a: 1 }), unanswered('SetSessionOptions'));
  await assert.rejects(client.getSessionOptions(), unanswered('GetSessionOptions'));
  await assert.rejects(client.closeSession(), unanswered('CloseSession'));
});

test('a value that no option has is refused before anything is sent', async () => {
  const before = server.messagesOf('SetSessionOptions').length;
  for (const value of [undefined, {}, [1], 2n ** 63n, Symbol('x')]) {
    await assert.rejects(client.setSessionOptions({ name: value as never }), {
      code: 'INVALID_OPTION',
      message: /the session option 'name'/,
    });
  }
  await assert.rejects(client.setSessionOptions(['a'] as never), { code: 'INVALID_OPTION' });
  assert.equal(server.messagesOf('SetSessionOptions').length, before);
});
