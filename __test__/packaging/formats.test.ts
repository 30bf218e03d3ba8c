import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect } from 'flightsql';
import { ended, servingFrom } from '../servers/flightsql-serve.js';
import { InstalledApp } from './installed-app.js';

// What both formats are asked to do, after they have got hold of the package.
const QUERY = `
  const server = await EmbeddedServer.start({ init: "CREATE TABLE t (id BIGINT, name TEXT); INSERT INTO t VALUES (1, 'a'), (2, NULL)" });
  const db = await connect(server.uri);
  try {
    const result = await db.query('SELECT id, name FROM t ORDER BY id');
    const table = await result.table();
    const info = await db.execute('SELECT id FROM t');
    const read = await db.doGet(info.endpoints[0].ticket).readAll();
    const batches = [];
    for await (const batch of await db.query('SELECT id FROM t')) batches.push(batch);
    console.log(JSON.stringify({
      rows: table.toArray().map((row) => [String(row.id), row.name]),
      tablePrototype: Object.getPrototypeOf(table) === arrow.Table.prototype,
      readPrototype: Object.getPrototypeOf(read) === arrow.Table.prototype,
      batchPrototype: batches.length > 0 && batches.every((batch) => Object.getPrototypeOf(batch) === arrow.RecordBatch.prototype),
      schemaPrototype: Object.getPrototypeOf(await result.schema()) === arrow.Schema.prototype,
      infoSchemaPrototype: Object.getPrototypeOf(info.schema) === arrow.Schema.prototype,
      int64: Object.getPrototypeOf(table.schema.fields[0].type).constructor === arrow.Int64 && table.schema.fields[0].type instanceof arrow.Int64,
      utf8: table.schema.fields[1].type instanceof arrow.Utf8,
    }));
  } finally {
    await db.close();
    await server.stop();
  }
`;

const EXPECTED = {
  rows: [
    ['1', 'a'],
    ['2', null],
  ],
  tablePrototype: true,
  readPrototype: true,
  batchPrototype: true,
  schemaPrototype: true,
  infoSchemaPrototype: true,
  int64: true,
  utf8: true,
};

describe('the packed package, installed beside apache-arrow', () => {
  let app: InstalledApp;
  before(async () => {
    app = await InstalledApp.create();
  });
  after(() => app.remove());

  it("gives an ESM application objects of the application's own apache-arrow", async () => {
    const text = `
      import * as arrow from 'apache-arrow';
      import { connect } from 'flightsql';
      import { EmbeddedServer } from 'flightsql/server';
      ${QUERY}`;
    assert.deepEqual(await app.run('query.mjs', text), EXPECTED);
  });

  it("gives a CommonJS application objects of the application's own apache-arrow", async () => {
    const text = `
      const arrow = require('apache-arrow');
      const { connect } = require('flightsql');
      const { EmbeddedServer } = require('flightsql/server');
      (async () => { ${QUERY} })();`;
    assert.deepEqual(await app.run('query.cjs', text), EXPECTED);
  });

  it('does not load apache-arrow before a result', async () => {
    const text = `
      const loaded = () => Object.keys(require.cache).some((file) => file.includes('apache-arrow'));
      const { connect } = require('flightsql');
      const { EmbeddedServer } = require('flightsql/server');
      (async () => {
        const server = await EmbeddedServer.start();
        const db = await connect(server.uri);
        const before = loaded();
        await (await db.query('SELECT 1 AS one')).table();
        console.log(JSON.stringify({ before, after: loaded() }));
        await db.close();
        await server.stop();
      })();`;
    assert.deepEqual(await app.run('lazy.cjs', text), { before: false, after: true });
  });

  it('does not load apache-arrow before a result, as an ES module', async () => {
    // What the ESM application loads says so when it is evaluated.
    app.prepend('node_modules/apache-arrow/Arrow.node.mjs', 'globalThis.arrowIsLoaded = true;\n');
    const text = `
      import { connect } from 'flightsql';
      import { EmbeddedServer } from 'flightsql/server';
      const server = await EmbeddedServer.start();
      const db = await connect(server.uri);
      const before = globalThis.arrowIsLoaded === true;
      await (await db.query('SELECT 1 AS one')).table();
      console.log(JSON.stringify({ before, after: globalThis.arrowIsLoaded === true }));
      await db.close();
      await server.stop();`;
    assert.deepEqual(await app.run('lazy.mjs', text), { before: false, after: true });
  });

  it('has a command that serves', async () => {
    const { bin } = app.description('flightsql') as { bin: { flightsql: string } };
    // As npm leaves it: executable, by its first line.
    const program = app.executable(`node_modules/flightsql/${bin.flightsql}`);
    const { child, uri } = await servingFrom(program, [], '--init-sql', 'CREATE TABLE t AS SELECT 7 AS x');
    await using client = await connect(uri);
    assert.equal((await (await client.query('SELECT x FROM t')).table()).numRows, 1);
    await client.close();
    assert.equal(await ended(child, 'SIGTERM'), 0);
  });

  it('has two builds whose errors are recognised by each other, and one addon', async () => {
    const text = `
      import { createRequire } from 'node:module';
      import * as esm from 'flightsql';
      const require = createRequire(import.meta.url);
      const cjs = require('flightsql');
      const own = (error, { FlightSQLError }) => error instanceof FlightSQLError;
      const made = [new esm.FlightSQLError('CLOSED', 'x'), new cjs.FlightSQLError('CLOSED', 'x')];
      const thrown = [];
      for (const { FlightSQLClient } of [esm, cjs]) {
        try { new FlightSQLClient({}); } catch (error) { thrown.push(error); }
      }
      console.log(JSON.stringify({
        twoClasses: esm.FlightSQLError !== cjs.FlightSQLError,
        recognised: [...made, ...thrown].map((error) => [own(error, esm), own(error, cjs)]),
        others: [own(new Error('x'), esm), own({ code: 'CLOSED' }, cjs)],
        addons: Object.keys(require.cache).filter((file) => file.endsWith('.node')).length,
      }));`;
    assert.deepEqual(await app.run('both.mjs', text), {
      twoClasses: true,
      recognised: [
        [true, true],
        [true, true],
        [true, true],
        [true, true],
      ],
      others: [false, false],
      addons: 1,
    });
  });

  it('exits by itself with clients and servers left open and idle', async () => {
    const text = `
      import { connect } from 'flightsql';
      import { EmbeddedServer } from 'flightsql/server';
      const server = await EmbeddedServer.start();
      const db = await connect(server.uri);
      console.log(JSON.stringify((await (await db.query('SELECT 7 AS x')).table()).numRows));`;
    assert.equal(await app.run('idle.mjs', text), 1);
  });
});

describe('the packed package without apache-arrow', () => {
  let app: InstalledApp;
  before(async () => {
    app = await InstalledApp.create({ arrow: false });
  });
  after(() => app.remove());

  const WITHOUT = `
    const server = await EmbeddedServer.start();
    const db = await connect(server.uri);
    const written = await db.exportTo('SELECT 1 AS one', 'one.parquet');
    const error = await db.query('SELECT 1 AS one').then(() => null, (error) => error);
    console.log(JSON.stringify({ rows: String(written.rows), code: error?.code, hint: /npm install apache-arrow/.test(error?.hint) }));
    await db.close();
    await server.stop();`;
  const EXPECTED_WITHOUT = { rows: '1', code: 'MISSING_DEPENDENCY', hint: true };

  it('is imported, connects and exports as ESM, and says what a result needs', async () => {
    const text = `
      import { connect } from 'flightsql';
      import { EmbeddedServer } from 'flightsql/server';
      ${WITHOUT}`;
    assert.deepEqual(await app.run('without.mjs', text), EXPECTED_WITHOUT);
  });

  it('is required, connects and exports as CommonJS, and says what a result needs', async () => {
    const text = `
      const { connect } = require('flightsql');
      const { EmbeddedServer } = require('flightsql/server');
      (async () => { ${WITHOUT} })();`;
    assert.deepEqual(await app.run('without.cjs', text), EXPECTED_WITHOUT);
  });
});
