// Each mistake has a code and a message of its own, with the server's text in it, and leaves nothing on the server.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Int32, makeVector, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { connect, type FlightSQLClient } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';

describe('bad input', () => {
  let server: EmbeddedServer;
  let client: FlightSQLClient;
  before(async () => {
    server = await EmbeddedServer.start({ init: 'CREATE TABLE home (room TEXT NOT NULL, floor INTEGER)' });
    client = await connect(server.uri);
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  const assertNothingLeft = async () => {
    for (let tries = 0; ; tries += 1) {
      const { openCalls, openStatements, waitingResults, preparedStatements, openTransactions } = server.stats();
      const left = { openCalls, openStatements, waitingResults, preparedStatements, openTransactions };
      if (Object.values(left).every((count) => count === 0)) return;
      assert(tries < 300, JSON.stringify(left));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  afterEach(async () => {
    await assertNothingLeft();
    // The client is as usable as before.
    assert.equal((await (await client.query('SELECT 1')).table()).numRows, 1);
  });

  test('SQL that does not parse', async () => {
    const refused = { code: 'INVALID_ARGUMENT', message: /near "SELEKT": syntax error/ };
    await assert.rejects(client.query('SELEKT 1'), refused);
    await assert.rejects(client.execute('SELEKT 1'), refused);
    await assert.rejects(client.executeUpdate('SELEKT 1'), refused);
    await assert.rejects(client.prepare('SELEKT 1'), refused);
    await assert.rejects(client.query('SELEKT ?', [1]), refused);
    await assert.rejects(client.getExecuteSchema('SELEKT 1'), refused);
    await assert.rejects(client.exportTo('SELEKT 1', 'never.parquet'), refused);
    await assert.rejects(
      client.transaction((tx) => tx.executeUpdate('SELEKT 1')),
      refused,
    );
    await assert.rejects(client.pollExecute('SELEKT 1'), refused);
  });

  test('a table that is not there', async () => {
    const refused = { message: /no such table: attic/ };
    await assert.rejects(client.query('SELECT * FROM attic'), refused);
    await assert.rejects(client.executeUpdate('DELETE FROM attic WHERE a = ?', [1]), refused);
    await assert.rejects(client.executeIngest('attic', [{ a: 1 }], { mode: 'append' }), { code: 'NOT_FOUND', message: /attic/ });
  });

  test('a value that no type stands for, and one that does not fit', async () => {
    const insert = 'INSERT INTO home VALUES (?, ?)';
    await assert.rejects(client.executeUpdate(insert, ['x', Symbol('y')]), {
      code: 'INVALID_ARGUMENT',
      message: /parameter 2 is a symbol/,
    });
    await assert.rejects(client.executeUpdate(insert, ['x', new Map()]), {
      code: 'INVALID_ARGUMENT',
      message: /parameter 2 is an instance of Map/,
    });
    await assert.rejects(client.executeUpdate(insert, ['x', 2 ** 31], { types: [new Utf8(), new Int32()] }), {
      code: 'INVALID_ARGUMENT',
      message: /parameter 2 is 2147483648, which does not fit its type Int32/,
    });
    await assert.rejects(client.executeUpdate(insert, ['x']), {
      code: 'INVALID_ARGUMENT',
      message: /1 parameter is given, where the statement takes 2/,
    });
    await assert.rejects(client.query('SELECT :a', { b: 1 }), {
      code: 'INVALID_ARGUMENT',
      message: /no parameter 'b': did you mean ':?a'/,
    });
  });

  test('a constraint that does not hold', async () => {
    await assert.rejects(
      client.executeUpdate('INSERT INTO home VALUES (?, ?)', [
        ['hall', 1],
        [null, 2],
      ]),
      {
        message: /NOT NULL constraint failed: home.room/,
      },
    );
    assert.equal((await (await client.query('SELECT * FROM home')).table()).numRows, 0);
  });

  test('a statement that is closed, and one whose transaction has ended', async () => {
    const statement = await client.prepare('SELECT ?');
    await statement.close();
    await statement.close();
    await assert.rejects(statement.query([1]), { code: 'CLOSED', message: /query\(\) was called on a prepared statement that is closed/ });
    await assert.rejects(statement.executeUpdate([1]), { code: 'CLOSED' });
    const tx = await client.beginTransaction();
    const within = await tx.prepare('SELECT ?');
    await tx.rollback();
    await assert.rejects(within.query([1]), { code: 'CLOSED', message: /transaction that is rolled back/ });
    await within.close();
  });

  test('a savepoint that is unknown, and a transaction that has ended', async () => {
    const tx = await client.beginTransaction();
    const savepoint = await tx.savepoint('s');
    await tx.releaseSavepoint(savepoint);
    await assert.rejects(tx.rollbackToSavepoint(savepoint), {
      code: 'INVALID_ARGUMENT',
      message: /the savepoint is none of this transaction, or has ended/,
    });
    await assert.rejects(tx.releaseSavepoint({ name: 's' }), { code: 'INVALID_ARGUMENT' });
    await tx.commit();
    await assert.rejects(tx.query('SELECT 1'), { code: 'CLOSED', message: /transaction that is committed/ });
    await assert.rejects(tx.commit(), { code: 'CLOSED' });
  });

  test('ingest into a table of another schema', async () => {
    const put = (columns: Record<string, ReturnType<typeof makeVector>>) =>
      client.executeIngest('home', new Table(columns), { mode: 'append' });
    await assert.rejects(put({ cellar: makeVector(new Int32Array(2)) }), {
      code: 'INVALID_ARGUMENT',
      message: /cellar.*room|room.*cellar/s,
    });
    const wrong = { room: vectorFromArray(['x', 'y'], new Utf8()), floor: vectorFromArray(['first', 'second'], new Utf8()) };
    await assert.rejects(put(wrong as never), { code: 'INVALID_ARGUMENT', message: /floor/ });
    await assert.rejects(put({ floor: makeVector(new Int32Array(2)) }), { message: /NOT NULL constraint failed: home.room/ });
    const [first] = new Table({ a: makeVector(new Int32Array(1)) }).batches;
    const [second] = new Table({ b: makeVector(new Int32Array(1)) }).batches;
    await assert.rejects(client.executeIngest('mixed', [first, second] as never), {
      code: 'SCHEMA_MISMATCH',
      message: /a batch has the columns b: Int32/,
    });
    assert.equal((await (await client.query('SELECT * FROM home')).table()).numRows, 0);
    await assert.rejects(client.query('SELECT * FROM mixed'), { message: /no such table: mixed/ });
  });

  test('parameters of which the iterable throws, or the server has enough', async () => {
    let closed = 0;
    async function* batches(fails: boolean) {
      try {
        for (let at = 0; at < 50; at += 1) {
          yield* new Table({ room: vectorFromArray([`room ${at}`], new Utf8()), floor: makeVector(Int32Array.of(at)) }).batches;
        }
        if (fails) throw new Error('mine');
      } finally {
        closed += 1;
      }
    }
    const insert = 'INSERT INTO home VALUES (?, ?)';
    await assert.rejects(client.executeUpdate(insert, batches(true)), { message: 'mine' });
    assert.equal((await (await client.query('SELECT * FROM home')).table()).numRows, 0);
    await assert.rejects(client.executeUpdate('INSERT INTO home SELECT ?, ? FROM home JOIN attic', batches(false)), {
      message: /no such table: attic/,
    });
    await assert.rejects(client.executeUpdate('INSERT INTO home VALUES (?, 1)', batches(false)), {
      message: /2 parameters are given, as columns/,
    });
    assert.equal(closed, 2);
  });

  test('a Substrait plan is refused clearly', async () => {
    const plan = { plan: new Uint8Array(4), version: '0.24.0' };
    for (const call of [() => client.query(plan), () => client.executeUpdate(plan), () => client.prepare(plan)]) {
      await assert.rejects(call, { code: 'UNIMPLEMENTED', message: /Substrait/ });
    }
    await assert.rejects(client.query({} as never), { code: 'INVALID_OPTION', message: /a string, or a Substrait plan/ });
    await assert.rejects(client.query({ plan: 'text' } as never), { code: 'INVALID_OPTION', message: /the bytes of a Substrait plan/ });
  });

  test('a result that nobody reads, once it is collected', async () => {
    const forget = async () => {
      await client.query('SELECT ? UNION ALL SELECT 2', [1]);
    };
    await forget();
    assert.equal(server.stats().preparedStatements, 1);
    for (let tries = 0; server.stats().preparedStatements > 0; tries += 1) {
      assert(tries < 200, 'its statement is still there');
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  test('a session that cannot begin as it is told to', async () => {
    const begun = await connect(server.uri, { catalog: 'main', session: { limit: 5, 'time.zone': 'UTC' } });
    assert.deepEqual(await begun.getSessionOptions(), { catalog: 'main', limit: 5n, 'time.zone': 'UTC' });
    await begun.close();
    await assert.rejects(connect(server.uri, { catalog: 'attic' }), {
      code: 'INVALID_ARGUMENT',
      message: /did not set the session options 'catalog' \(INVALID_VALUE\)/,
    });
    await assert.rejects(connect(server.uri, { catalog: 'main', session: { catalog: 'main' } }), {
      code: 'INVALID_OPTION',
      message: /given twice/,
    });
    await assert.rejects(connect(server.uri, { session: { odd: Symbol('s') as never } }), {
      code: 'INVALID_OPTION',
      message: /the session option 'odd'/,
    });
  });

  test('the session ends with the client', async () => {
    const other = await connect(server.uri);
    await other.setSessionOptions({ kept: true });
    assert.equal(server.stats().sessions, 1);
    await other.close();
    assert.equal(server.stats().sessions, 0);
  });
});
