// What a server is asked for: the commands of Flight SQL, field by field.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeVector, Table } from 'apache-arrow';
import type { Statement, Transaction } from 'flightsql';
import { clientOf } from './expect/client.js';
import { GOOD_SCHEMA } from './server/good-stream.js';
import { results, ScriptedServer } from './server/scripted-server.js';
import { bytesField } from './wire/flight-data.js';
import { answerOf, commandOf, encapsulated, infoOf, prepared, putResult, textAt } from './wire/flight-sql.js';
import { bytesAt, fieldsOf } from './wire/requests.js';

const server = await ScriptedServer.start();
const client = clientOf(server);
server.on('GetFlightInfo', () => [infoOf('good')]);
server.on('GetSchema', () => [bytesField(1, encapsulated(GOOD_SCHEMA.header))]);
server.on('PollFlightInfo', () => [bytesField(1, infoOf('good'))]);
server.on('DoPut', () => [putResult()]);
server.on('BeginTransaction', () => results(answerOf('ActionBeginTransactionResult', bytesField(1, Buffer.from('tx')))));
server.on('EndTransaction', () => []);
for (const name of ['CreatePreparedStatement', 'CreatePreparedSubstraitPlan']) server.on(name, () => results(prepared('handle')));

/** The last call but for the reading of a result: the name of its message, and the fields. */
function last(): { readonly name: string; readonly fields: Uint8Array } {
  const { name, messages } = server.calls.filter(({ name }) => name !== 'DoGet').at(-1) ?? assert.fail('no call');
  const [first = Buffer.alloc(0)] = messages;
  if (name.startsWith('Create')) return commandOf(first);
  return commandOf(bytesAt(name === 'DoPut' ? bytesAt(first, 1) : first, 2));
}

type Call = (on: Transaction | typeof client, statement: Statement) => Promise<unknown>;

const CALLS: readonly (readonly [name: string, call: Call, sql: string, substrait: string])[] = [
  ['execute', (on, statement) => on.execute(statement), 'CommandStatementQuery', 'CommandStatementSubstraitPlan'],
  ['query', async (on, statement) => (await on.query(statement)).cancel(), 'CommandStatementQuery', 'CommandStatementSubstraitPlan'],
  ['executeUpdate', (on, statement) => on.executeUpdate(statement), 'CommandStatementUpdate', 'CommandStatementSubstraitPlan'],
  ['getExecuteSchema', (on, statement) => on.getExecuteSchema(statement), 'CommandStatementQuery', 'CommandStatementSubstraitPlan'],
  ['pollExecute', (on, statement) => on.pollExecute(statement), 'CommandStatementQuery', 'CommandStatementSubstraitPlan'],
  ['prepare', (on, statement) => on.prepare(statement), 'ActionCreatePreparedStatementRequest', 'ActionCreatePreparedSubstraitPlanRequest'],
];

for (const [name, call, sql, substrait] of CALLS) {
  test(`${name}: SQL and a Substrait plan, within a transaction and without one`, async () => {
    await using tx = await client.beginTransaction();
    const plan = { plan: Buffer.from('plan'), version: '0.62.0' };
    for (const [on, transaction] of [
      [client, ''],
      [tx, 'tx'],
    ] as const) {
      await call(on, 'SELECT é');
      const asText = last();
      assert.deepEqual([asText.name, textAt(asText.fields, 1), textAt(asText.fields, 2)], [sql, 'SELECT é', transaction]);
      // A transaction that is not there is left out, rather than empty.
      assert.equal(fieldsOf(asText.fields).includes(2), transaction !== '');
      await call(on, plan);
      const asPlan = last();
      assert.deepEqual(
        [asPlan.name, textAt(asPlan.fields, 1, 1), textAt(asPlan.fields, 1, 2), textAt(asPlan.fields, 2)],
        [substrait, 'plan', '0.62.0', transaction],
      );
    }
  });
}

test('executeIngest: everything that it can say, within a transaction', async () => {
  await using tx = await client.beginTransaction();
  const options = { catalog: 'c', schema: 's', temporary: true, options: { a: 'b' }, mode: 'replace' } as const;
  await client.executeIngest('t', [{ x: 1 }], { ...options, transaction: tx });
  const { name, fields } = last();
  assert.equal(name, 'CommandStatementIngest');
  assert.deepEqual(
    [2, 3, 4, 6].map((field) => textAt(fields, field)),
    ['t', 's', 'c', 'tx'],
  );
  assert.deepEqual([textAt(fields, 1000, 1), textAt(fields, 1000, 2)], ['a', 'b']);
  assert.deepEqual([...bytesAt(fields, 1)], [8, 1, 16, 3], 'create where it is not there, replace where it is');
  assert(fieldsOf(fields).includes(5), 'temporary');
});

for (const [mode, ...expected] of [
  ['create', 8, 1, 16, 1],
  ['append', 8, 2, 16, 2],
  ['replace', 8, 1, 16, 3],
  ['create_append', 8, 1, 16, 2],
] as const) {
  test(`the mode ${mode} of an ingest, and no field that was not given`, async () => {
    await client.executeIngest('t', [{ x: 1 }], { mode });
    const { fields } = last();
    assert.deepEqual([...bytesAt(fields, 1)], expected);
    assert.deepEqual(fieldsOf(fields), [1, 2]);
  });
}

test('compressed batches take less of the connection; what is not to be compressed goes as it is', async () => {
  const table = new Table({ zeros: makeVector(new Uint8Array(100_000)) });
  const sent: Record<string, number> = {};
  for (const compression of [undefined, 'lz4', 'zstd'] as const) {
    await client.executeIngest('home', table, { compression }).catch(assert.fail);
    const { messages } = server.calls.filter(({ name }) => name === 'DoPut').at(-1) ?? assert.fail('no call');
    sent[compression ?? 'none'] = messages.reduce((sum, message) => sum + message.length, 0);
  }
  const { none = 0, lz4 = 0, zstd = 0 } = sent;
  assert(none > 100_000 && lz4 > 100 && lz4 < 2000 && zstd > 100 && zstd < 2000, JSON.stringify(sent));
});
