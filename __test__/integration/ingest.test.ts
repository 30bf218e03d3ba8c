import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as arrow from 'apache-arrow';
import { connect, type FlightSQLClient, FlightSQLError, type IngestProgress } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { temporaryFolder } from '../temporary-folder.js';

const MIB = 2 ** 20;

describe('executeIngest, with the embedded server', () => {
  let server: EmbeddedServer;
  let client: FlightSQLClient;
  before(async () => {
    server = await EmbeddedServer.start();
    client = await connect(server.uri);
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  const rowsOf = async (sql: string) => (await (await client.query(sql)).table()).toArray().map((row) => Object.values(row.toJSON()));
  const settled = async () => {
    for (let tries = 0; ; tries += 1) {
      const { openCalls, openStatements, openTransactions } = server.stats();
      if (openCalls + openStatements + openTransactions === 0) return;
      assert(tries < 200, 'the server does not come to rest');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  test('rows as objects: columns that are left out are null, and types are chosen or told', async () => {
    const rows = [{ a: 1, b: 'x' }, { b: 'y' }, { a: null, c: 1.5 }];
    assert.equal(await client.executeIngest('objects', rows, { types: { a: new arrow.Int32() } }), 3n);
    assert.deepEqual(await rowsOf('SELECT a, b, c FROM objects ORDER BY rowid'), [
      [1, 'x', null],
      [null, 'y', null],
      [null, null, 1.5],
    ]);
    const { schema } = await (await client.query('SELECT a, c FROM objects')).table();
    assert.deepEqual(
      schema.fields.map((field) => String(field.type)),
      ['Int32', 'Float64'],
    );
  });

  test('columns may be called like what every object has, and are null in rows that leave them out', async () => {
    const rows = [
      { constructor: 'x', valueOf: 1, id: 1 },
      { id: 2 },
      JSON.parse('{ "id": 3, "constructor": "y", "toString": null, "__proto__": "z" }'),
    ];
    assert.equal(await client.executeIngest('inherited', rows), 3n);
    assert.deepEqual(await rowsOf('SELECT id, constructor, valueOf, toString, __proto__ AS proto FROM inherited ORDER BY id'), [
      [1n, 'x', 1n, null, null],
      [2n, null, null, null, null],
      [3n, 'y', null, null, 'z'],
    ]);
  });

  test('a Map or a Set is no row, as its columns would all be null', async () => {
    for (const element of [new Map([['id', 2]]), new Set([2])]) {
      const error = {
        code: 'INVALID_ARGUMENT',
        message: /element 1 of the data of the ingest is .*, where the first one is a row as an object/,
      };
      await assert.rejects(client.executeIngest('maps', [{ id: 1 }, element] as never), error);
    }
    await settled();
  });

  test('many rows of an async iterable go as several batches, in order', async () => {
    const count = 40_000;
    async function* rows() {
      for (let id = 0; id < count; id += 1) yield { id, text: `row ${id}` };
    }
    const seen: IngestProgress[] = [];
    const options = { batchRows: 1000, onProgress: (progress: IngestProgress) => void seen.push(progress) };
    assert.equal(await client.executeIngest('many', rows(), options), BigInt(count));
    assert.deepEqual(seen.at(-1), { rows: count, batches: 40 });
    const wrong = await rowsOf("SELECT count(*) FROM many WHERE rowid != id + 1 OR text != 'row ' || id");
    assert.deepEqual(wrong, [[0n]]);
  });

  test('a batch of 50 MiB goes in messages below 4 MiB', async () => {
    const texts = Array.from({ length: 50 }, (_, at) => String.fromCharCode(97 + (at % 26)).repeat(MIB));
    const table = new arrow.Table({ text: arrow.vectorFromArray(texts, new arrow.Utf8()) });
    assert.equal(table.batches.length, 1);
    const seen: IngestProgress[] = [];
    const count = await client.executeIngest('large', table, { onProgress: (progress) => void seen.push(progress) });
    assert.equal(count, 50n);
    const last = seen.at(-1);
    assert(last !== undefined && last.rows === 50 && last.batches >= 17, JSON.stringify(last));
    const back = await (await client.query('SELECT text FROM large ORDER BY rowid')).table();
    assert.deepEqual(back.getChild('text')?.toJSON(), texts);
    await client.executeUpdate('DROP TABLE large');
  });

  test('a file of Arrow IPC, read by a Node stream', async () => {
    const table = new arrow.Table({
      id: arrow.vectorFromArray([1n, 2n], new arrow.Int64()),
      t: arrow.vectorFromArray([new Date(0), null]),
    });
    const path = join(temporaryFolder(), 'two.arrow');
    writeFileSync(path, arrow.tableToIPC(table, 'file'));
    assert.equal(await client.executeIngest('file', createReadStream(path, { highWaterMark: 100 })), 2n);
    assert.deepEqual(await rowsOf('SELECT id FROM file ORDER BY id'), [[1n], [2n]]);
    const damaged = createReadStream(path, { highWaterMark: 64, end: 300 });
    await assert.rejects(client.executeIngest('file', damaged, { mode: 'append' }), {
      code: 'INVALID_DATA',
      message: /no whole Arrow IPC file: they do not end with its footer/,
    });
    if (!damaged.destroyed) await once(damaged, 'close');
    assert.deepEqual(await rowsOf('SELECT count(*) FROM file'), [[2n]]);
  });

  test('memory that is filled anew for each batch brings each as it was', async () => {
    const ROWS = 20_000;
    const BATCHES = 40;
    const ids = new BigInt64Array(ROWS);
    const texts = new Uint8Array(ROWS * 5);
    const offsets = Int32Array.from({ length: ROWS + 1 }, (_, at) => at * 5);
    const fields = [new arrow.Field('id', new arrow.Int64()), new arrow.Field('text', new arrow.Utf8())];
    async function* batches() {
      for (let at = 0; at < BATCHES; at += 1) {
        for (let row = 0; row < ROWS; row += 1) ids[row] = BigInt(at * ROWS + row);
        texts.fill(97 + (at % 26));
        const children = [
          arrow.makeData({ type: new arrow.Int64(), length: ROWS, data: ids }),
          arrow.makeData({ type: new arrow.Utf8(), length: ROWS, valueOffsets: offsets, data: texts }),
        ] as const;
        const data = arrow.makeData({ type: new arrow.Struct(fields), length: ROWS, nullCount: 0, children: [...children] });
        yield new arrow.RecordBatch(new arrow.Schema(fields), data);
      }
      ids.fill(-1n);
      texts.fill(35);
    }
    assert.equal(await client.executeIngest('refilled', batches()), BigInt(ROWS * BATCHES));
    const [row] = await rowsOf(`SELECT count(DISTINCT id), min(id), max(id),
      sum(text <> replace('00000', '0', char(97 + (id / ${ROWS}) % 26))) FROM refilled`);
    assert.deepEqual(row, [BigInt(ROWS * BATCHES), 0n, BigInt(ROWS * BATCHES - 1), 0n]);
    await client.executeUpdate('DROP TABLE refilled');
  });

  test('an iterable that is not asynchronous: closed once where not all is taken, and as it was left where it is', async () => {
    const [batch] = new arrow.Table({ id: arrow.vectorFromArray([1n, 2n], new arrow.Int64()) }).batches;
    let closed: number[] = [];
    let taken = 0;
    function* elements(count: number, then: unknown = null) {
      taken = 0;
      try {
        for (; taken < count; taken += 1) yield batch;
        if (then instanceof Error) throw then;
        if (then !== null) yield then;
      } finally {
        closed.push(taken);
      }
    }
    const ingest = (data: Iterable<unknown>, table = 'plain') =>
      client.executeIngest(table, data as Iterable<arrow.RecordBatch>, { mode: 'replace' });
    assert.equal(await ingest(elements(300)), 600n);
    const reason = new Error('the source is dry');
    await assert.rejects(ingest(elements(3, reason)), reason);
    await assert.rejects(ingest(elements(0, reason)), reason);
    await assert.rejects(ingest(elements(3, { id: 1 })), {
      code: 'INVALID_ARGUMENT',
      message: /^element 3 of the data of the ingest is an object, where the first one is a record batch/,
    });
    await assert.rejects(ingest(elements(0, 7)), { code: 'INVALID_OPTION' });
    await assert.rejects(ingest(elements(0)), { code: 'INVALID_ARGUMENT', message: /an iterable of nothing/ });
    assert.deepEqual(closed, [300, 3, 0, 3, 0, 0]);
    // Refused by the server, while there is no end of it.
    closed = [];
    await client.executeUpdate('CREATE TABLE checked (id INTEGER CHECK (id < 2))');
    const refused = client.executeIngest('checked', elements(Number.POSITIVE_INFINITY) as Iterable<arrow.RecordBatch>, { mode: 'append' });
    await assert.rejects(refused, { message: /^table "checked", row 2: CHECK constraint failed/ });
    assert.deepEqual(closed, [taken]);
    const signal = AbortSignal.timeout(100);
    const endless = client.executeIngest('endless', elements(Number.POSITIVE_INFINITY) as Iterable<arrow.RecordBatch>, { signal });
    await assert.rejects(endless, (error) => error === signal.reason);
    assert.equal(closed.length, 2);
    // Promises of batches, as an array has them, are waited for.
    assert.equal(await ingest([Promise.resolve(batch), Promise.resolve(batch)]), 4n);
    assert.equal(await ingest([batch, Promise.resolve(batch)]), 4n);
    // An iterator that was written by hand, and does not like to be closed.
    const strict = (steps: readonly (() => IteratorResult<unknown>)[]) => {
      let [at, returns] = [0, 0];
      const next = () => (steps[at++] ?? (() => ({ done: true as const, value: undefined })))();
      const iterator = { next, return: () => (returns++ === 0 && at <= steps.length ? { done: true, value: undefined } : assert.fail()) };
      return { [Symbol.iterator]: () => iterator as Iterator<unknown>, returns: () => returns };
    };
    const one = () => ({ done: false, value: batch });
    const dry = () => {
      throw reason;
    };
    const whole = strict([one, one]);
    assert.equal(await ingest(whole), 4n);
    const broken = strict([one, dry]);
    await assert.rejects(ingest(broken), reason);
    const mixed = strict([one, () => ({ done: false, value: 7 }), one]);
    await assert.rejects(ingest(mixed), { code: 'INVALID_ARGUMENT' });
    assert.deepEqual(
      [whole, broken, mixed].map(({ returns }) => returns()),
      [0, 0, 1],
    );
    await settled();
    for (const table of ['plain', 'checked']) await client.executeUpdate(`DROP TABLE ${table}`);
  });

  test('what the iterable throws is thrown on, and no row of it stays', async () => {
    const reason = new Error('the source is dry');
    let closed = false;
    async function* rows() {
      try {
        for (let id = 0; id < 100_000; id += 1) yield { id };
        throw reason;
      } finally {
        closed = true;
      }
    }
    await assert.rejects(client.executeIngest('thrown', rows()), reason);
    assert.equal(closed, true);
    await settled();
    await assert.rejects(client.query('SELECT * FROM thrown'), { message: /no such table/ });
  });

  test('a refusal says how many rows were sent, ends the iteration, and leaves nothing open', async () => {
    await client.executeUpdate('CREATE TABLE narrow (id INTEGER CHECK (id < 50000))');
    let closed = false;
    async function* rows() {
      try {
        for (let id = 0; ; id += 1) yield { id };
      } finally {
        closed = true;
      }
    }
    await assert.rejects(client.executeIngest('narrow', rows(), { mode: 'append' }), (error: unknown) => {
      assert(error instanceof FlightSQLError);
      assert.match(error.message, /^table "narrow", row 50001: CHECK constraint failed: id < 50000/);
      assert.match(error.message, /\(\d+ rows were sent, and the server has not said how many it took\)$/);
      assert(error.progress !== null && error.progress.rows > 40_000 && error.progress.acknowledgedRows === null);
      return true;
    });
    assert.equal(closed, true);
    await settled();
    assert.deepEqual(await rowsOf('SELECT count(*) FROM narrow'), [[0n]]);
  });

  test('a signal and a timeout end an ingest whose source waits for ever, and close one that goes on', async () => {
    let closed = 0;
    let goOn = () => {};
    async function* rows(count: number) {
      try {
        for (let id = 0; id < count; id += 1) yield { id };
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        yield { id: -1 };
      } finally {
        closed += 1;
      }
    }
    const reason = new Error('enough');
    for (const count of [0, 1, 20_000]) {
      const signal = abortedSoon();
      const aborted = client.executeIngest('endless', rows(count), { signal });
      await assert.rejects(aborted, (error) => error === signal.reason);
      await assert.rejects(client.executeIngest('endless', rows(count), { timeout: 100 }), { code: 'DEADLINE_EXCEEDED' });
    }
    assert.equal(closed, 0);
    const controller = new AbortController();
    const last = client.executeIngest('endless', rows(20_000), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    await assert.rejects(last, reason);
    goOn();
    await new Promise(setImmediate);
    assert.equal(closed, 1);
    await settled();
    await assert.rejects(client.query('SELECT * FROM endless'), { message: /no such table/ });
  });

  test('so do they with parameters, and with messages of DoPut', async () => {
    const [batch] = arrow.tableFromArrays({ id: Int32Array.of(1) }).batches;
    async function* batches() {
      yield batch as arrow.RecordBatch;
      await new Promise(() => {});
    }
    await client.executeUpdate('CREATE TABLE waiting (id INTEGER)');
    const insert = await client.prepare('INSERT INTO waiting VALUES (?)');
    const query = await client.prepare('SELECT * FROM waiting WHERE id = ?');
    const ends: ((options: { timeout?: number; signal?: AbortSignal }) => Promise<unknown>)[] = [
      (options) => insert.executeUpdate(batches(), options),
      (options) => query.query(batches(), options),
      (options) => client.doPut({ command: ingestCommand('waiting') }, batches(), options),
    ];
    for (const end of ends) {
      await assert.rejects(end({ timeout: 100 }), { code: 'DEADLINE_EXCEEDED' });
      const signal = abortedSoon();
      await assert.rejects(end({ signal }), (error) => error === signal.reason);
    }
    await Promise.all([insert.close(), query.close()]);
    await settled();
    assert.deepEqual(await rowsOf('SELECT * FROM waiting'), []);
  });

  test('an error of the source says how far the upload had come, not how far its own reading had', async () => {
    const progress = { batches: 77, rows: 123_456 };
    async function* rows() {
      yield { id: 1 };
      throw new FlightSQLError('CONNECTION_LOST', 'the source died', { progress });
    }
    const failed = client.executeIngest('copied', rows(), { batchRows: 1 });
    await assert.rejects(failed, (error: FlightSQLError) => {
      assert.equal(error.code, 'CONNECTION_LOST');
      assert.match(error.message, /^the source died($| \(1 row was sent, and)/);
      assert((error.progress?.rows ?? 2) <= 1);
      return true;
    });
  });

  test('a refusal ends an ingest, an upload of parameters and a closed server theirs, whose sources wait for ever', async () => {
    await client.executeIngest('taken', [{ id: 1 }]);
    async function* stuck() {
      yield { id: 2 };
      await new Promise(() => {});
    }
    await assert.rejects(client.executeIngest('taken', stuck(), { batchRows: 1 }), { code: 'ALREADY_EXISTS' });
    const other = await EmbeddedServer.start({ init: 'CREATE TABLE t (id INTEGER)', stopTimeout: 0 });
    const writer = await connect(other.uri);
    const left = writer.executeIngest('t', stuck(), { mode: 'append', batchRows: 1 });
    async function* batches() {
      yield* new arrow.Table({ id: arrow.makeVector(Int32Array.of(1)) }).batches;
      await new Promise(() => {});
    }
    const bound = writer.executeUpdate('INSERT INTO t VALUES (?)', batches());
    setTimeout(() => void other.stop(), 200);
    await assert.rejects(left, FlightSQLError);
    await assert.rejects(bound, FlightSQLError);
    await writer.close();
    await settled();
  });

  test('what cannot be ingested is refused with its place, before or while it is sent', async () => {
    const put = (data: unknown, options?: object) => client.executeIngest('bad', data as never, options);
    await assert.rejects(put(7), { code: 'INVALID_OPTION', message: /the data of an ingest must be a Table/ });
    await assert.rejects(put([]), { code: 'INVALID_ARGUMENT', message: /an iterable of nothing/ });
    await assert.rejects(put(['text']), { code: 'INVALID_OPTION', message: /an element of the data of an ingest must be/ });
    await assert.rejects(put([{}]), { code: 'INVALID_ARGUMENT', message: /without any property/ });
    await assert.rejects(put([{ a: 1 }, 'b']), { code: 'INVALID_ARGUMENT', message: /element 1 of the data of the ingest is a string/ });
    await assert.rejects(put([{ a: 1 }, { b: 2 }], { batchRows: 1 }), { message: /row 1 has a column 'b', which the first rows have not/ });
    await assert.rejects(put([{ a: 1 }, { a: 'x' }], { batchRows: 1 }), {
      message: /column 'a' in row 1 is 'x', which does not fit its type Int64/,
    });
    await assert.rejects(put(Uint8Array.of(1, 2, 3)), { code: 'INVALID_DATA', message: /no Arrow IPC stream|before the schema/ });
    await assert.rejects(put([{ a: 1 }], { mode: 'upsert' }), { code: 'INVALID_OPTION', message: /mode must be one of 'create'/ });
    await assert.rejects(put([{ a: 1 }], { temporary: true }), { code: 'UNIMPLEMENTED' });
    await assert.rejects(client.executeIngest('', [{ a: 1 }]), { code: 'INVALID_OPTION', message: /the table of an ingest/ });
    await settled();
    await assert.rejects(client.query('SELECT * FROM bad'), { message: /no such table/ });
  });

  test('the source is asked for more as the server has room, and no faster', async () => {
    const other = await EmbeddedServer.start({ database: ':memory:' });
    const writer = await connect(other.uri);
    try {
      await writer.executeUpdate('CREATE TABLE held (id BLOB)');
      // While another writes, the server takes no rows.
      const tx = await writer.beginTransaction();
      await tx.executeUpdate("INSERT INTO held VALUES (x'00')");
      const blob = arrow.vectorFromArray([new Uint8Array(MIB)], new arrow.Binary());
      const [data] = new arrow.Table({ id: blob }).batches;
      let asked = 0;
      function* batches() {
        for (let at = 0; at < 200; at += 1) {
          asked += 1;
          yield data as arrow.RecordBatch;
        }
      }
      const ingest = writer.executeIngest('held', batches(), { mode: 'append' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      const whileHeld = asked;
      assert(whileHeld < 60, `${whileHeld} batches of 1 MiB were asked for`);
      await tx.commit();
      assert.equal(await ingest, 200n);
    } finally {
      await writer.close();
      await other.stop();
    }
  });
});

/** CommandStatementIngest that appends to a table. */
function ingestCommand(table: string): Uint8Array {
  const field = (number: number, bytes: Uint8Array) => Buffer.concat([Buffer.of(number * 8 + 2, bytes.length), bytes]);
  const command = Buffer.concat([field(1, Buffer.of(8, 2, 16, 2)), field(2, Buffer.from(table))]);
  const url = 'type.googleapis.com/arrow.flight.protocol.sql.CommandStatementIngest';
  return Buffer.concat([field(1, Buffer.from(url)), field(2, command)]);
}

/** Aborted in 100 ms. The timer of `AbortSignal.timeout()` would not keep the process alive until then. */
function abortedSoon(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  return controller.signal;
}
