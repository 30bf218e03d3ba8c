// Prepared statements as servers keep them that hold no state: in the handle itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf } from './expect/client.js';
import { refusal, results, ScriptedServer } from './server/scripted-server.js';
import { bytesField, varintField } from './wire/flight-data.js';
import { commandOf, infoOf, prepared, putResult, textAt } from './wire/flight-sql.js';
import { bytesAt } from './wire/requests.js';

const server = await ScriptedServer.start();
const client = clientOf(server);

/** The command of a descriptor: its name, and the handle in it. */
function commandIn(descriptor: Uint8Array): [name: string, handle: string] {
  const { name, fields } = commandOf(bytesAt(descriptor, 2));
  return [name, textAt(fields, 1)];
}

/** What the server was asked for so far, with the handle that each call named. */
function asked(): string[] {
  return server.calls.flatMap(({ name, messages: [first = Buffer.alloc(0)] }) => {
    if (name === 'GetFlightInfo') return [`${name} ${commandIn(first).join(' ')}`];
    if (name === 'DoPut') return [`${name} ${commandIn(bytesAt(first, 1)).join(' ')}`];
    if (name === 'ClosePreparedStatement') return [`${name} ${textAt(commandOf(first).fields, 1)}`];
    return [];
  });
}

server.on('CreatePreparedStatement', () => results(prepared('first')));
server.on('ClosePreparedStatement', () => []);
server.on('GetFlightInfo', () => [infoOf('good')]);

/** Every binding is answered with a handle of its own: `bound 1`, `bound 2`… */
function answerWithHandles(): void {
  let bindings = 0;
  server.on('DoPut', () => {
    bindings += 1;
    return [putResult(bytesField(1, Buffer.from(`bound ${bindings}`)))];
  });
}

/** What a server is asked for that is bound twice so. */
const BOUND_TWICE = [
  'DoPut CommandPreparedStatementQuery first',
  'GetFlightInfo CommandPreparedStatementQuery bound 1',
  'DoPut CommandPreparedStatementQuery bound 1',
  'GetFlightInfo CommandPreparedStatementQuery bound 2',
  'ClosePreparedStatement bound 2',
];

test('a handle that binding returns takes the place of the one before, for the query, the next binding and the end', async () => {
  answerWithHandles();
  const before = asked().length;
  const statement = await client.prepare('SELECT ?');
  assert.equal((await (await statement.query([1])).table()).numRows, 4);
  assert.equal((await (await statement.query([2])).table()).numRows, 4);
  await statement.close();
  assert.deepEqual(asked().slice(before), BOUND_TWICE);
});

test('a handle that binding returned counts also where the query behind it fails', async () => {
  answerWithHandles();
  const before = asked().length;
  const statement = await client.prepare('SELECT ?');
  server.on('GetFlightInfo', () => {
    throw refusal(9, 'not today');
  });
  try {
    await assert.rejects(statement.query([1]), { grpcCode: 9, message: /not today/ });
    await assert.rejects(statement.query(), { code: 'INVALID_ARGUMENT', message: /still bound/ });
  } finally {
    server.on('GetFlightInfo', () => [infoOf('good')]);
  }
  assert.equal((await (await statement.query([2])).table()).numRows, 4);
  await statement.close();
  assert.deepEqual(asked().slice(before), BOUND_TWICE);
});

for (const [what, answers] of [
  ['nothing', []],
  ['an answer without a handle', [putResult()]],
  ['an empty message', [putResult(new Uint8Array(0))]],
] as const) {
  test(`a binding that is answered with ${what} keeps the handle`, async () => {
    server.on('DoPut', () => answers);
    const before = asked().length;
    await using statement = await client.prepare('SELECT ?');
    await (await statement.query([1])).table();
    assert.deepEqual(asked().slice(before), [
      'DoPut CommandPreparedStatementQuery first',
      'GetFlightInfo CommandPreparedStatementQuery first',
    ]);
  });
}

test('the parameters of an update are sent with the update itself', async () => {
  server.on('DoPut', () => [putResult(varintField(1, 2))]);
  const before = server.calls.length;
  assert.equal(await client.executeUpdate('UPDATE t SET a = ?', [[1], [2]]), 2n);
  assert.deepEqual(asked().slice(-2), ['DoPut CommandPreparedStatementUpdate first', 'ClosePreparedStatement first']);
  assert.deepEqual(
    server.calls.slice(before).map(({ name }) => name),
    ['CreatePreparedStatement', 'DoPut', 'ClosePreparedStatement'],
  );
});

test('a statement of a server that tells no schemas takes what parameters it is given', async () => {
  server.on('DoPut', () => []);
  await using statement = await client.prepare('SELECT ?');
  assert.deepEqual([statement.parameterSchema, statement.resultSchema], [null, null]);
  for (const params of [[0], [false], [''], [null], [1, 'two', 3.5]] as const) {
    assert.equal((await (await statement.query(params)).table()).numRows, 4);
  }
  await assert.rejects(statement.query({ a: 1 }), { code: 'INVALID_ARGUMENT', message: /does not tell the names of the parameters/ });
});

for (const [said, fields, isUpdate] of [
  ['that it is an update', [varintField(4, 1)], true],
  ['that it is a query', [varintField(4, 0)], false],
  ['nothing of it', [], null],
] as const) {
  test(`a server that says ${said}`, async () => {
    server.on('CreatePreparedStatement', () => results(prepared('first', ...fields)));
    try {
      assert.equal((await client.prepare('either')).isUpdate, isUpdate);
    } finally {
      server.on('CreatePreparedStatement', () => results(prepared('first')));
    }
  });
}

test('a statement made of a handle asks for nothing, runs by that handle, and ends it', async () => {
  answerWithHandles();
  const first = await client.prepare('SELECT ?');
  assert.equal(Buffer.from(first.handle).toString(), 'first');
  const before = asked().length;
  await using other = clientOf(server);
  const bytes = Uint8Array.from(first.handle);
  const statement = other.preparedStatement({ handle: bytes });
  // What the caller does with the bytes afterwards is its own affair.
  bytes.fill(0);
  assert.deepEqual([statement.statement, statement.resultSchema, statement.parameterSchema, statement.isUpdate], [null, null, null, null]);
  assert.equal(asked().length, before);
  assert.equal((await (await statement.query([1])).table()).numRows, 4);
  assert.equal(Buffer.from(statement.handle).toString(), 'bound 1');
  // With the parameters in it the handle can be read by whoever has it.
  const bound = other.preparedStatement(statement);
  assert.equal((await (await bound.query()).table()).numRows, 4);
  assert.equal((await (await statement.query([2])).table()).numRows, 4);
  await statement.close();
  assert.deepEqual(asked().slice(before), [
    ...BOUND_TWICE.slice(0, 2),
    'GetFlightInfo CommandPreparedStatementQuery bound 1',
    ...BOUND_TWICE.slice(2),
  ]);
});

test('runs of a statement made of a handle overlap where its text is known, and are refused where it is not', async () => {
  answerWithHandles();
  const handle = Buffer.from('first');
  const statement = client.preparedStatement({ handle });
  const open = await statement.query([1]);
  await assert.rejects(statement.query([2]), { code: 'FAILED_PRECONDITION', message: /query\(\) was called while another run/ });
  assert.equal((await open.table()).numRows, 4);
  assert.equal((await (await statement.query([2])).table()).numRows, 4);
  const known = client.preparedStatement({ handle, statement: 'SELECT ?' });
  const results = await Promise.all([known.query([1]), known.query([2])]);
  for (const result of results) assert.equal((await result.table()).numRows, 4);
});

for (const [what, known, says] of [
  ['a handle alone', Buffer.from('first'), /the handle must be a Uint8Array, which a statement's handle is, not undefined/],
  ['a handle as text', { handle: 'first' }, /the handle must be a Uint8Array, which a statement's handle is, not 'first'/],
  ['null', null, /the statement must be an object \{ handle, … \}, not null/],
  [
    'a schema that is none',
    { handle: Buffer.from('first'), parameterSchema: ['a'] },
    /parameterSchema must be a Schema of apache-arrow, or null/,
  ],
  ['a statement that is none', { handle: Buffer.from('first'), statement: 7 }, /the query must be a string, or a Substrait plan/],
  ['isUpdate as text', { handle: Buffer.from('first'), isUpdate: 'no' }, /isUpdate must be true, false or null, not 'no'/],
] as const) {
  test(`a statement of ${what} is refused`, () => {
    assert.throws(() => client.preparedStatement(known as never), { code: 'INVALID_OPTION', message: says });
  });
}
