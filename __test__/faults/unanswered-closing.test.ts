// A server that answers queries, and none of the calls by which a client lets go: nobody waits for it for long.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { FlightSQLClient } from 'flightsql';
import { clientOf } from './expect/client.js';
import { refusal, results, ScriptedServer } from './server/scripted-server.js';
import { bytesField } from './wire/flight-data.js';
import { answerOf, infoOf, prepared, putResult } from './wire/flight-sql.js';

const server = await ScriptedServer.start();
server.on('GetFlightInfo', () => [infoOf('good')]);
server.on('CreatePreparedStatement', () => results(prepared('handle')));
server.on('BeginTransaction', () => results(answerOf('ActionBeginTransactionResult', bytesField(1, Buffer.from('tx')))));
server.on('DoPut', () => [putResult()]);
for (const name of ['ClosePreparedStatement', 'EndTransaction', 'CloseSession']) server.on(name, () => 'never');

const clientOfServer = () => new FlightSQLClient({ host: '127.0.0.1', port: server.port, transport: 'tcp' });

/** Milliseconds that some work took. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

// Each waits for seconds: they do it together.
describe('what a server does not answer', { concurrency: true }, () => {
  test('a session whose end is not answered holds up close() for two seconds', async () => {
    const client = clientOfServer();
    await (await client.query('good')).table();
    const took = await timeOf(() => client.close());
    assert(took >= 1900 && took < 4000, `${took} ms`);
    assert.equal(server.messagesOf('CloseSession').length > 0, true);
  });

  test('a client that has asked for nothing closes at once', async () => {
    const client = clientOfServer();
    assert((await timeOf(() => client.close())) < 500);
  });

  test('close() of a statement takes five seconds at most, or as long as it is told, and is an error then', async () => {
    await using client = clientOfServer();
    const late = { code: 'DEADLINE_EXCEEDED' };
    const patient = await client.prepare('SELECT 1');
    const hurried = await client.prepare('SELECT 1');
    const took = await timeOf(() => assert.rejects(hurried.close({ timeout: 200 }), late));
    assert(took < 2000, `${took} ms`);
    const long = await timeOf(() => assert.rejects(patient.close(), late));
    assert(long >= 4900 && long < 8000, `${long} ms`);
  });

  test('a query with parameters does not wait for the end of its statement', async () => {
    const client = clientOfServer();
    const took = await timeOf(async () => {
      assert.equal((await (await client.query('good', [1])).table()).numRows, 4);
    });
    assert(took < 1500, `${took} ms`);
    const closing = await timeOf(() => client.close());
    assert(closing < 4000, `${closing} ms`);
  });

  test('an update with parameters has its count after five seconds, though its statement is not closed', async () => {
    const client = clientOfServer();
    const took = await timeOf(async () => assert.equal(await client.executeUpdate('DELETE FROM t WHERE a = ?', [1]), 0n));
    assert(took < 8000, `${took} ms`);
    await client.close();
  });

  test('an update with parameters has its count no later than its timeout', async () => {
    const client = clientOfServer();
    const updating = () => client.executeUpdate('DELETE FROM t WHERE a = ?', [1], { timeout: 3000 });
    const took = await timeOf(async () => assert.equal(await updating(), 0n));
    assert(took < 4900, `${took} ms`);
    await client.close();
  });

  test('an update with parameters has its count when its signal is aborted after it', async () => {
    const controller = new AbortController();
    const other = await ScriptedServer.start();
    other.on('CreatePreparedStatement', () => results(prepared('handle')));
    other.on('DoPut', () => [putResult()]);
    other.on('ClosePreparedStatement', () => {
      setImmediate(() => controller.abort(new Error('enough')));
      return 'never';
    });
    const client = clientOf(other);
    const updating = () => client.executeUpdate('DELETE FROM t WHERE a = ?', [1], { signal: controller.signal });
    const took = await timeOf(async () => assert.equal(await updating(), 0n));
    assert(took < 4900, `${took} ms`);
    assert(controller.signal.aborted);
  });

  test('close() of a statement with a timeout that is undefined takes five seconds, as without one', async () => {
    await using client = clientOfServer();
    const statement = await client.prepare('SELECT 1');
    const took = await timeOf(() => assert.rejects(statement.close({ timeout: undefined }), { code: 'DEADLINE_EXCEEDED' }));
    assert(took >= 4900 && took < 8000, `${took} ms`);
  });

  test('a transaction that is left open is given up after five seconds', async () => {
    const client = clientOfServer();
    const took = await timeOf(async () => {
      await using tx = await client.beginTransaction();
      assert.equal(tx.ended, false);
    });
    assert(took >= 4900 && took < 8000, `${took} ms`);
    await client.close();
  });

  test('a commit that is not answered ends with its timeout, and nobody knows how the transaction ended', async () => {
    const client = clientOfServer();
    const tx = await client.beginTransaction();
    await assert.rejects(tx.commit({ timeout: 200 }), { code: 'DEADLINE_EXCEEDED' });
    await assert.rejects(tx.executeUpdate('DELETE FROM t'), { code: 'CLOSED', message: /a transaction whose end failed/ });
    await client.close();
  });
});

test('a server that refuses to end a session is no reason why a client would not close', async () => {
  const refusing = await ScriptedServer.start();
  refusing.on('GetFlightInfo', () => [infoOf('good')]);
  for (const code of [status.UNIMPLEMENTED, status.INTERNAL, status.UNAUTHENTICATED]) {
    refusing.on('CloseSession', () => {
      throw refusal(code, 'no');
    });
    const client = new FlightSQLClient({ host: '127.0.0.1', port: refusing.port, transport: 'tcp' });
    await (await client.query('good')).table();
    await client.close();
    assert.equal(client.closed, true);
  }
  assert.equal(refusing.messagesOf('CloseSession').length, 3);
});
