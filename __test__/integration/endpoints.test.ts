import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, FlightSQLError } from 'flightsql';
import { startPyarrowTruth } from '../servers/truth-servers.js';
import { describedSchema } from './truth/described-schema.js';
import { expectationOf, type Neutral, wholeColumns } from './truth/expectation.js';
import { rawVectorValues } from './truth/raw-values.js';
import { truthSuite } from './truth/suite.js';

truthSuite('results of several endpoints and locations', ['python'], startPyarrowTruth, (suite) => {
  for (const plan of [
    'several endpoints',
    'several endpoints without a schema',
    'several endpoints with totals',
    'own location',
    'unreachable location first',
    'two unreachable locations first',
    'reuse of the connection',
    'unreachable, then reuse of the connection',
    'a second server',
    'a second server, after an unreachable one',
    'one hundred endpoints',
  ]) {
    test(`${plan}: every row of every endpoint, in order`, async () => {
      const table = await (await suite.client.query(plan)).table();
      assert.deepEqual(rawVectorValues(table.getChildAt(0) ?? assert.fail('no column')), expectedNumbers(plan));
      const rows: unknown[] = [];
      for await (const row of (await suite.client.query(plan)).rows({ rowMode: 'array' })) rows.push(row[0]);
      assert.deepEqual(rows.map(String), expectedNumbers(plan));
    });

    test(`${plan}: one IPC stream of all endpoints`, async () => {
      const bytes = await (await suite.client.query(plan)).toIPC();
      const { tableFromIPC } = await import('apache-arrow');
      assert.deepEqual(rawVectorValues(tableFromIPC(bytes).getChildAt(0) ?? assert.fail('no column')), expectedNumbers(plan));
    });
  }

  for (const plan of ['nulls in the second endpoint only', 'nulls in the first endpoint only']) {
    test(`${plan}: the schema of a result is true for every row of it`, async () => {
      const expected = expectationOf(suite.server, plan);
      const table = await (await suite.client.query(plan)).table();
      assert.deepEqual(describedSchema(table.schema), expected.schema);
      assert.deepEqual(
        expected.schema.fields.map((_, index) => rawVectorValues(table.getChildAt(index) ?? assert.fail('no column'))),
        wholeColumns(expected),
      );
      for await (const batch of await suite.client.query(plan)) assert.deepEqual(describedSchema(batch.schema), expected.schema);
    });

    test(`${plan}: pyarrow finds every value in what is exported`, async () => {
      const { server, client, checker } = suite;
      const files = { ipc: join(server.folder, 'endpoints.arrows'), parquet: join(server.folder, 'endpoints.parquet') };
      writeFileSync(files.ipc, await (await client.query(plan)).toIPC());
      await client.exportTo(plan, files.parquet);
      assert.equal(await checker.difference('ipc', files.ipc, server.filesOf(plan)), null);
      assert.equal(await checker.difference('parquet', files.parquet, server.filesOf(plan)), null);
    });
  }

  test('an endpoint that is read by itself keeps the schema that its stream has', async () => {
    const { endpoints } = await suite.client.execute('nulls in the second endpoint only');
    const nullable: boolean[] = [];
    for (const endpoint of endpoints) {
      const { schema } = await suite.client.doGet(endpoint).readAll();
      nullable.push(schema.fields.some((field) => field.nullable));
    }
    assert.deepEqual(nullable, [false, true]);
  });

  test('endpoints whose order does not matter: every row, once', async () => {
    const plan = 'several endpoints, unordered';
    const table = await (await suite.client.query(plan)).table();
    const numbers = rawVectorValues(table.getChildAt(0) ?? assert.fail('no column'));
    assert.deepEqual(numbers.map(Number).sort(ascending), expectedNumbers(plan).map(Number));
  });

  test('a FlightInfo tells schema, endpoints, order and totals as the server gave them', async () => {
    const ordered = await suite.client.execute('several endpoints with totals');
    assert.deepEqual([ordered.ordered, ordered.totalRecords, ordered.totalBytes, ordered.endpoints.length], [true, 12n, 96n, 4]);
    assert.deepEqual(ordered.schema?.names, ['number']);
    const unordered = await suite.client.execute('several endpoints, unordered');
    assert.deepEqual([unordered.ordered, unordered.totalRecords, unordered.totalBytes], [false, null, null]);
    const located = await suite.client.execute('own location');
    assert.deepEqual(located.endpoints[0]?.locations, [`grpc://127.0.0.1:${suite.server.port}`]);
    const silent = await suite.client.execute('several endpoints without a schema');
    assert.equal(silent.schema, null);
  });

  test('each endpoint can be read by itself, by its ticket or as a whole', async () => {
    const { endpoints } = await suite.client.execute('several endpoints');
    const counts: number[][] = [];
    for (const endpoint of endpoints) {
      const whole = await suite.client.doGet(endpoint).readAll();
      const byTicket = await suite.client.doGet(endpoint.ticket).readAll();
      counts.push([whole.numRows, byTicket.numRows]);
    }
    assert.deepEqual(counts, [
      [8, 8],
      [0, 0],
      [0, 0],
      [4, 4],
    ]);
  });

  test('an endpoint whose only location cannot be reached is read at the server that named it', async () => {
    const table = await (await suite.client.query('only an unreachable location')).table();
    assert.deepEqual(rawVectorValues(table.getChildAt(0) ?? assert.fail('no column')).map(Number), [0, 1, 2, 3, 4]);
  });

  test('credentials go to another port of the same host', async () => {
    await using client = await connect(suite.server.uri, { token: 'a-secret' });
    assert.deepEqual(await authorizations(client, 'authorization at home and at the same host'), ['Bearer a-secret', 'Bearer a-secret']);
  });

  test('credentials go to another host only if it is trusted', async () => {
    const query = 'authorization at another host';
    await using client = await connect(suite.server.uri, { token: 'a-secret' });
    await assert.rejects(authorizations(client, query), (error: unknown) => {
      assert(error instanceof FlightSQLError);
      assert.equal(error.code, 'UNTRUSTED_LOCATION');
      assert.match(error.hint ?? '', /trustedHosts/);
      return true;
    });
    // Nobody has the name, so that an attempt to connect ends with the server that named it.
    const trustedHosts = ['elsewhere.invalid'];
    await using trusting = await connect(suite.server.uri, { token: 'a-secret', trustedHosts });
    await using anonymous = await connect(suite.server.uri);
    assert.deepEqual(await authorizations(trusting, query), ['Bearer a-secret']);
    assert.deepEqual(await authorizations(anonymous, query), [null]);
  });

  function expectedNumbers(plan: string): Neutral[] {
    return wholeColumns(expectationOf(suite.server, plan))[0] ?? [];
  }

  async function authorizations(client: typeof suite.client, query: string): Promise<unknown[]> {
    const found: unknown[] = [];
    for await (const row of (await client.query(query)).rows()) found.push(row['authorization']);
    return found;
  }
});

function ascending(one: number, other: number): number {
  return one - other;
}
