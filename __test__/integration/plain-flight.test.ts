import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as arrow from 'apache-arrow';
import {
  connect,
  deserializeEndpoint,
  deserializeFlightInfo,
  type FlightSQLClient,
  FlightSQLError,
  serializeEndpoint,
  serializeFlightInfo,
} from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { startPlain } from '../servers/truth-servers.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => (value === null ? null : new TextDecoder().decode(value));

describe('plain Flight, with a server on pyarrow', { skip: unlessInstallable('python') }, () => {
  const server = useServer(startPlain);
  let client: FlightSQLClient;
  const table = new arrow.Table({
    id: arrow.vectorFromArray([1n, 2n, 3n], new arrow.Int64()),
    name: arrow.vectorFromArray(['a', null, 'c']),
  });
  before(async () => {
    client = await connect(server().uri);
    await client.doPut({ path: ['home', 'first'] }, table);
    await client.doPut({ command: bytes('other') }, table.slice(1, 2));
  });
  after(() => client?.close());

  test('doPut: batches with application metadata, each of which the server answers', async () => {
    const [batch] = table.batches;
    const answers = await client.doPut({ path: ['put'] }, [
      { appMetadata: bytes('before') },
      { batch, appMetadata: bytes('with') },
      ...table.batches,
      { appMetadata: bytes('behind') },
    ]);
    assert.deepEqual(answers.map(text), ['got before', 'got with', 'got ', 'got behind']);
    const large = new arrow.Table({ bytes: arrow.makeVector(new Uint8Array(9 << 20)) });
    const parts = await client.doPut({ path: ['large'] }, [{ batch: large.batches[0], appMetadata: bytes('once') }]);
    assert(parts.length >= 3, 'it went as several messages');
    assert.deepEqual(
      parts.map(text).filter((answer) => answer !== 'got '),
      ['got once'],
    );
    const back = await client.read(await client.getFlightInfo({ path: ['put'] })).table();
    assert.deepEqual(back.toArray().map(String), [...table.toArray(), ...table.toArray()].map(String));
  });

  test('compressed batches, by doPut and by doExchange', async () => {
    for (const compression of ['lz4', 'zstd'] as const) {
      await client.doPut({ path: [compression] }, table, { compression });
      const back = await client.read(await client.getFlightInfo({ path: [compression] })).table();
      assert.deepEqual(back.toArray().map(String), table.toArray().map(String));
      const exchanged = await (await client.doExchange({ path: ['echo'] }, table, { compression })).readAll();
      assert.deepEqual(exchanged.toArray().map(String), table.toArray().map(String));
    }
  });

  test('doExchange: what is sent comes back while more is sent', async () => {
    const [batch] = table.batches;
    async function* data() {
      yield { appMetadata: bytes('before') };
      for (let at = 0; at < 300; at += 1) yield { batch, appMetadata: bytes(`${at}`) };
    }
    const seen: (string | null)[] = [];
    let rows = 0;
    for await (const chunk of await client.doExchange({ path: ['echo'] }, data())) {
      seen.push(text(chunk.appMetadata));
      rows += chunk.batch?.numRows ?? 0;
    }
    assert.deepEqual(seen, ['before', ...Array.from({ length: 300 }, (_, at) => `${at}`)]);
    assert.equal(rows, 900);
    const back = await (await client.doExchange({ path: ['echo'] }, table)).readAll();
    assert.deepEqual(back.toArray().map(String), table.toArray().map(String));
  });

  test('doExchange: what was sent to its end is answered to its end, whatever is collected meanwhile', async () => {
    const large = arrow.vectorFromArray([new Uint8Array(2 << 20)], new arrow.Binary());
    const [batch] = new arrow.Table({ large }).batches;
    const answers = await client.doExchange(
      { path: ['echo'] },
      Array.from({ length: 30 }, () => batch as arrow.RecordBatch),
    );
    let rows = 0;
    for await (const { batch: back } of answers) {
      rows += back?.numRows ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 30));
      globalThis.gc?.();
    }
    assert.equal(rows, 30);
  });

  test("doExchange: an error of the source is the reader's, whatever its code", async () => {
    async function* data() {
      yield* table.batches;
      throw new FlightSQLError('PROTOCOL_ERROR', 'another stream broke');
    }
    await assert.rejects(async () => (await client.doExchange({ path: ['echo'] }, data())).readAll(), {
      code: 'PROTOCOL_ERROR',
      message: 'another stream broke',
    });
  });

  test('doExchange: a refusal, a source that throws, and a reader that has enough', async () => {
    await assert.rejects(async () => (await client.doExchange({ path: ['refused'] }, table)).readAll(), { message: /not to be exchanged/ });
    let closed = 0;
    async function* data(fails: boolean) {
      try {
        for (let at = 0; fails ? at < 5 : true; at += 1) yield* table.batches;
        throw new Error('mine');
      } finally {
        closed += 1;
      }
    }
    await assert.rejects(async () => (await client.doExchange({ path: ['echo'] }, data(true))).readAll(), { message: 'mine' });
    for await (const { batch } of await client.doExchange({ path: ['echo'] }, data(false))) {
      assert.equal(batch?.numRows, 3);
      break;
    }
    for (let tries = 0; closed < 2; tries += 1) {
      assert(tries < 300, 'the source is not closed');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal((await client.getFlightInfo({ path: ['home', 'first'] })).totalRecords, 3n);
  });

  test('getFlightInfo and getSchema: by path and by command', async () => {
    const info = await client.getFlightInfo({ path: ['home', 'first'] });
    assert.deepEqual([info.totalRecords, info.endpoints.length, info.descriptor?.path], [3n, 1, ['home', 'first']]);
    assert.deepEqual((await client.getSchema({ path: ['home', 'first'] })).names, ['id', 'name']);
    assert.equal((await client.getFlightInfo({ command: bytes('other') })).totalRecords, 1n);
    await assert.rejects(client.getFlightInfo({ path: ['absent'] }), { message: /nothing is there by the name of absent/ });
    await assert.rejects(client.getSchema({ path: ['absent'] }), { message: /nothing is there/ });
    await assert.rejects(client.pollFlightInfo({ path: ['absent'] }), { code: 'UNIMPLEMENTED' });
    await assert.rejects(client.getFlightInfo({} as never), { code: 'INVALID_OPTION', message: /the descriptor must be/ });
  });

  test('endpoints and infos are read from the bytes that they are written as', async () => {
    const info = await client.getFlightInfo({ path: ['home', 'first'] });
    const again = await deserializeFlightInfo(serializeFlightInfo(info));
    assert.deepEqual(again, info);
    assert.equal((await client.read(again).table()).numRows, 3);
    const [endpoint] = info.endpoints;
    assert(endpoint !== undefined);
    const elsewhere = deserializeEndpoint(serializeEndpoint(endpoint));
    assert.deepEqual(elsewhere, endpoint);
    assert.equal((await client.doGet(elsewhere).readAll()).numRows, 3);
    assert.throws(() => deserializeEndpoint(bytes('no endpoint')), { code: 'PROTOCOL_ERROR' });
    await assert.rejects(deserializeFlightInfo(Uint8Array.of(0xff)), { code: 'PROTOCOL_ERROR' });
    assert.throws(() => serializeFlightInfo({ ...info }), { code: 'INVALID_OPTION', message: /the FlightInfo must be one that a call/ });
    assert.throws(() => serializeEndpoint({ ...endpoint }), { code: 'INVALID_OPTION' });
  });

  test('listFlights: what the criteria let through', async () => {
    const names = async (criteria?: Uint8Array) => {
      const found: unknown[] = [];
      for await (const info of client.listFlights(criteria)) found.push(info.descriptor?.path);
      return found;
    };
    assert((await names()).length >= 2);
    assert.deepEqual(await names(bytes('home')), [['home', 'first']]);
    assert.deepEqual(await names(bytes('absent')), []);
  });

  test('listActions and doAction: any number of results, as they come', async () => {
    assert.deepEqual(await client.listActions(), [
      { type: 'drop', description: 'forgets a table' },
      { type: 'count', description: 'counts to a number' },
    ]);
    const all: (string | null)[] = [];
    for await (const body of client.doAction('count', bytes('3000'))) all.push(text(body));
    assert.deepEqual(
      all,
      Array.from({ length: 3000 }, (_, number) => String(number)),
    );
    let some = 0;
    for await (const _ of client.doAction('count', bytes('1000000000'))) {
      some += 1;
      if (some === 10) break;
    }
    await assert.rejects(client.doAction('nothing').next(), { message: /there is no action nothing/ });
    const sequence = client.doAction('count', bytes('0'));
    assert.deepEqual(await sequence.next(), { done: true, value: undefined });
    assert.deepEqual(await sequence.next(), { done: true, value: undefined });
  });

  test('an action is ended by its timeout, and by its signal', async () => {
    const timed = client.doAction('count', bytes('1000000000'), { timeout: 200 });
    await assert.rejects(
      async () => {
        for await (const _ of timed);
      },
      { code: 'DEADLINE_EXCEEDED' },
    );
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = client.doAction('count', bytes('1000000000'), { signal: controller.signal });
    await aborted.next();
    controller.abort(reason);
    await assert.rejects(async () => {
      for await (const _ of aborted);
    }, reason);
  });

  test('what is no action, body, data or message is refused before anything is sent', async () => {
    assert.throws(() => client.doAction(''), { code: 'INVALID_OPTION' });
    assert.throws(() => client.doAction('count', 'text' as never), {
      code: 'INVALID_OPTION',
      message: /the action's body must be a Uint8Array/,
    });
    await assert.rejects(client.doPut({ path: ['bad'] }, 7 as never), { code: 'INVALID_OPTION', message: /the data must be a Table/ });
    await assert.rejects(client.doPut({ path: ['bad'] }, [7] as never), {
      code: 'INVALID_OPTION',
      message: /an element of the data must be/,
    });
    await assert.rejects(client.getFlightInfo({ path: ['bad'] }), { message: /nothing is there/ });
  });
});

test('handshake: what the server answers', async () => {
  await using server = await EmbeddedServer.start({ auth: { user: 'me', password: 'secret' } });
  await using client = await connect(server.uri, { user: 'me', password: 'secret' });
  const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
  assert.equal((await client.handshake(undefined, { headers: { authorization } })).length, 1);
  await assert.rejects(client.handshake(undefined, { headers: { authorization: 'Basic bWU6d3Jvbmc=' } }), { code: 'UNAUTHENTICATED' });
});
