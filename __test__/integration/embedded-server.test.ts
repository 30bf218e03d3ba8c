import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type CallOptions, connect, type FlightSQLClient, type FlightSQLClientOptions, FlightSQLError, type RowObject } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { ended, serving } from '../servers/flightsql-serve.js';
import { temporaryFolder } from '../temporary-folder.js';

type Options = NonNullable<Parameters<typeof EmbeddedServer.start>[0]>;

const NUMBERS = `CREATE TABLE numbers (i BIGINT);
  INSERT INTO numbers WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99) SELECT i FROM n`;
const IN_ORDER = 'SELECT i FROM numbers ORDER BY i';
const ENDLESS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(65536) AS bytes FROM n';

async function started(options: Options): Promise<{ server: EmbeddedServer; client: FlightSQLClient }> {
  const server = await EmbeddedServer.start(options);
  after(() => server.stop());
  return { server, client: await connected(server.uri) };
}

async function connected(uri: string, options?: FlightSQLClientOptions): Promise<FlightSQLClient> {
  const client = await connect(uri, options);
  after(() => client.close());
  return client;
}

async function rowsOf(client: FlightSQLClient, sql: string): Promise<RowObject[]> {
  const rows: RowObject[] = [];
  for await (const row of (await client.query(sql)).rows()) rows.push(row);
  return rows;
}

/** Rows of each batch, endpoint by endpoint; and their values, in the order in which they came. */
async function shapeOf(client: FlightSQLClient, options?: CallOptions): Promise<{ sizes: number[][]; values: number[] }> {
  const values: number[] = [];
  const sizes: number[][] = [];
  for (const endpoint of (await client.execute(IN_ORDER, options)).endpoints) {
    const ofEndpoint: number[] = [];
    for await (const { batch } of client.doGet(endpoint)) {
      ofEndpoint.push(batch?.numRows ?? 0);
      for (const value of batch?.getChild('i') ?? []) values.push(Number(value));
    }
    sizes.push(ofEndpoint);
  }
  return { sizes, values };
}

const HUNDRED = Array.from({ length: 100 }, (_, i) => i);

const refusedWith = (code: string, message: RegExp) => (error: unknown) => {
  assert(error instanceof FlightSQLError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

describe('a database in a file', () => {
  test('what is written is there after a restart', async () => {
    const database = join(temporaryFolder(), 'shop.sqlite');
    const first = await EmbeddedServer.start({ database, init: NUMBERS });
    const client = await connected(first.uri);
    await client.execute('INSERT INTO numbers VALUES (100), (101)');
    await first.stop();
    const { client: again } = await started({ database });
    assert.deepEqual(await rowsOf(again, 'SELECT count(*) AS n, max(i) AS most FROM numbers'), [{ n: 102n, most: 101n }]);
  });

  test('readOnly after a restart: the data is there, and every write is refused', async () => {
    const database = join(temporaryFolder(), 'shop.sqlite');
    await (await EmbeddedServer.start({ database, init: NUMBERS })).stop();
    const { server, client } = await started({ database, readOnly: true });
    for (const write of [
      'INSERT INTO numbers VALUES (100)',
      'DELETE FROM numbers RETURNING i',
      'DROP TABLE numbers',
      'CREATE TABLE t (x)',
    ]) {
      await assert.rejects(client.execute(write), refusedWith('PERMISSION_DENIED', /read-only/));
    }
    assert.deepEqual(await rowsOf(client, 'SELECT count(*) AS n FROM numbers'), [{ n: 100n }]);
    await server.stop();
    const { client: writing } = await started({ database });
    await writing.execute('INSERT INTO numbers VALUES (100)');
    assert.deepEqual(await rowsOf(writing, 'SELECT count(*) AS n FROM numbers'), [{ n: 101n }]);
  });

  test('readOnly of a file that is not there is an IO_ERROR that names it', async () => {
    const database = join(temporaryFolder(), 'absent.sqlite');
    await assert.rejects(EmbeddedServer.start({ database, readOnly: true }), refusedWith('IO_ERROR', /absent\.sqlite/));
  });

  test('a file that is no database is an IO_ERROR that names it', async () => {
    const database = join(temporaryFolder(), 'notes.txt');
    writeFileSync(database, 'Nothing that SQLite would have written, at some length. '.repeat(100));
    await assert.rejects(EmbeddedServer.start({ database }), refusedWith('IO_ERROR', /notes\.txt/));
  });
});

test('readOnly in memory: what init wrote is there, and every write is refused', async () => {
  const { client } = await started({ init: NUMBERS, readOnly: true });
  await assert.rejects(client.execute('DELETE FROM numbers'), refusedWith('PERMISSION_DENIED', /read-only/));
  assert.deepEqual(await rowsOf(client, 'SELECT count(*) AS n FROM numbers'), [{ n: 100n }]);
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

describe('where it listens', () => {
  for (const [host, address, inUri] of [
    ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0', '127.0.0.1'],
    ['::1', '::1', '[::1]'],
    ['[::1]', '::1', '[::1]'],
  ] as const) {
    const skip = !hasIpv6 && host.includes(':') ? 'this machine has no IPv6' : false;
    test(`on ${host}, and its URI leads there`, { skip }, async () => {
      const { server, client } = await started({ host });
      assert.deepEqual([server.host, server.uri], [address, `flightsql://${inUri}:${server.port}?transport=tcp`]);
      assert.deepEqual(await rowsOf(client, 'SELECT 1 AS one'), [{ one: 1n }]);
    });
  }

  test('an address that no machine has is refused by its name', async () => {
    await assert.rejects(EmbeddedServer.start({ host: '192.0.2.1' }), refusedWith('IO_ERROR', /192\.0\.2\.1/));
  });
});

describe('stop()', () => {
  test('ends what is being read with UNAVAILABLE, at once', async () => {
    const { server, client } = await started({ stopTimeout: 60_000 });
    let stopping: Promise<void> | undefined;
    const reading = (async () => {
      for await (const _batch of await client.query(ENDLESS)) stopping ??= server.stop();
    })();
    await assert.rejects(reading, refusedWith('UNAVAILABLE', /stopping/));
    await stopping;
  });

  for (const stopTimeout of [0, 400]) {
    test(`waits ${stopTimeout} ms for a result that nobody reads, as stopTimeout says, and no longer`, async () => {
      const { server, client } = await started({ stopTimeout });
      const { receivedBodyBytes } = client.stats().memory;
      const result = await client.query(ENDLESS);
      await stalled(client, receivedBodyBytes);
      const began = performance.now();
      await server.stop();
      const took = performance.now() - began;
      // Twice the timeout is what it may take at most; the default is 2,000.
      assert(took >= stopTimeout && took < 2 * stopTimeout + 1000, `${took} ms`);
      result.cancel();
    });
  }

  /** Until the client receives no more of it, and the server cannot send what it has: there is no event for what does not happen. */
  async function stalled(client: FlightSQLClient, began: number): Promise<void> {
    for (let last = -1, now = began; last !== now || now - began < 8 * 2 ** 20; now = client.stats().memory.receivedBodyBytes) {
      last = now;
      await delay(500);
    }
  }
});

describe('how results are cut', () => {
  test('endpoints and batchRows hold for every query', async () => {
    const { client } = await started({ init: NUMBERS, endpoints: 3, batchRows: 15 });
    const sizes = [
      [15, 15, 3],
      [15, 15, 3],
      [15, 15, 4],
    ];
    assert.deepEqual(await shapeOf(client), { sizes, values: HUNDRED });
  });

  test('a call says otherwise by headers', async () => {
    const { client } = await started({ init: NUMBERS, endpoints: 3, batchRows: 15 });
    const headers = { 'x-flightsql-endpoints': '2', 'x-flightsql-batch-rows': '30' };
    const sizes = [
      [30, 20],
      [30, 20],
    ];
    assert.deepEqual(await shapeOf(client, { headers }), { sizes, values: HUNDRED });
  });

  test("a client's headers say it for all of its calls", async () => {
    const { server } = await started({ init: NUMBERS });
    const client = await connected(server.uri, { headers: { 'x-flightsql-endpoints': '4', 'x-flightsql-batch-rows': '25' } });
    assert.deepEqual(await shapeOf(client), { sizes: [[25], [25], [25], [25]], values: HUNDRED });
  });

  test('more endpoints than rows: some are empty', async () => {
    const { client } = await started({ init: NUMBERS, endpoints: 150 });
    const { sizes, values } = await shapeOf(client);
    assert.equal(sizes.length, 150);
    assert.deepEqual(values, HUNDRED);
  });

  test('a call says that its endpoints are in no order', async () => {
    const { client } = await started({ init: NUMBERS, endpoints: 2 });
    const orderedBy = async (value: string) => (await client.execute(IN_ORDER, { headers: { 'x-flightsql-ordered': value } })).ordered;
    assert.deepEqual([await orderedBy('true'), await orderedBy('false')], [true, false]);
  });

  for (const [name, value] of [
    ['x-flightsql-endpoints', '1025'],
    ['x-flightsql-batch-rows', 'many'],
    ['x-flightsql-ordered', 'maybe'],
  ] as const) {
    test(`the header ${name} of '${value}' is refused by its name`, async () => {
      const { client } = await started({ init: NUMBERS });
      const refused = refusedWith('INVALID_ARGUMENT', new RegExp(`${name} is "${value}"`));
      await assert.rejects(client.execute(IN_ORDER, { headers: { [name]: value } }), refused);
    });
  }

  test('the FlightInfo of two endpoints has a value in every place that the server fills', async () => {
    const { client } = await started({ init: NUMBERS, endpoints: 2 });
    const asked = Date.now();
    const info = await client.execute(IN_ORDER);
    assert.deepEqual(info.schema?.names, ['i']);
    assert.equal(info.descriptor?.type, 'command');
    assert(Buffer.from(info.descriptor.command).includes(IN_ORDER));
    assert.deepEqual([info.totalRecords, info.totalBytes, info.ordered], [100n, null, true]);
    assert.deepEqual([info.descriptor.path, info.appMetadata.length], [[], 0]);
    const [first, second, ...more] = info.endpoints;
    assert.deepEqual(more, []);
    assert(first?.ticket && second?.ticket && !Buffer.from(first.ticket).equals(second.ticket));
    for (const { locations, expirationTime, appMetadata } of [first, second]) {
      assert.deepEqual([locations, appMetadata.length], [[], 0]);
      const keptFor = Number(expirationTime) - asked;
      assert(keptFor > 290_000 && keptFor < 310_000, `kept for ${keptFor} ms`);
    }
  });
});

test('declared types come out as exact text', async () => {
  const init = `CREATE TABLE t (price DECIMAL(10, 2), exact DECIMAL TEXT(38, 10), at TIMESTAMP, nano TIMESTAMP(9), zoned TIMESTAMPTZ, day DATE, clock TIME(3));
    INSERT INTO t VALUES
      ('12345678.90', '1234567890123456789012345678.0123456789', '2024-02-29 12:34:56.123456', '2024-02-29T12:34:56.123456789',
        '2024-02-29T12:34:56+02:00', '2024-02-29', '23:59:59.999'),
      (-0.05, '-0.0000000001', '1969-12-31 23:59:59.999999', '1677-09-21T00:12:44', 0, '0001-01-01', '00:00'),
      (NULL, NULL, NULL, NULL, NULL, NULL, NULL)`;
  const { client } = await started({ init });
  const rows: unknown[] = [];
  for await (const row of (await client.query('SELECT * FROM t')).rows({ rowMode: 'array' })) rows.push(row);
  assert.deepEqual(rows, [
    [
      '12345678.90',
      '1234567890123456789012345678.0123456789',
      '2024-02-29T12:34:56.123456',
      '2024-02-29T12:34:56.123456789',
      '2024-02-29T10:34:56.000000Z',
      '2024-02-29',
      '23:59:59.999',
    ],
    [
      '-0.05',
      '-0.0000000001',
      '1969-12-31T23:59:59.999999',
      '1677-09-21T00:12:44.000000000',
      '1970-01-01T00:00:00.000000Z',
      '0001-01-01',
      '00:00:00.000',
    ],
    [null, null, null, null, null, null, null],
  ]);
});

test('flightsql serve serves a file, cut and closed to writing as its arguments say', async () => {
  const database = join(temporaryFolder(), 'shop.sqlite');
  await (await EmbeddedServer.start({ database, init: NUMBERS })).stop();
  const { child, uri } = await serving('--database', database, '--endpoints', '3', '--batch-rows', '10', '--read-only');
  const client = await connected(uri);
  const sizes = [
    [10, 10, 10, 3],
    [10, 10, 10, 3],
    [10, 10, 10, 4],
  ];
  assert.deepEqual(await shapeOf(client), { sizes, values: HUNDRED });
  await assert.rejects(client.execute('DELETE FROM numbers'), refusedWith('PERMISSION_DENIED', /read-only/));
  await client.close();
  assert.equal(await ended(child, 'SIGTERM'), 0);
});

test('flightsql serve listens where --host says', { skip: hasIpv6 ? false : 'this machine has no IPv6' }, async () => {
  const { uri } = await serving('--host', '::1', '--init-sql', NUMBERS);
  assert.match(uri, /^flightsql:\/\/\[::1\]:\d+\?transport=tcp$/);
  assert.deepEqual(await rowsOf(await connected(uri), 'SELECT count(*) AS n FROM numbers'), [{ n: 100n }]);
});
