import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { compiler, InstalledApp } from './installed-app.js';

const CONSUMER = `
  async function use(): Promise<[Table, bigint | null, string]> {
    const server = await EmbeddedServer.start();
    const db = await connect(server.uri, { token: 't' });
    const result = await db.query('SELECT 1');
    for await (const row of result.rows({ rowMode: 'array' })) row.length.toFixed();
    const info = await db.execute('SELECT 1');
    const schema: Schema | null = info.schema;
    try {
      return [await db.doGet(info.endpoints[0]!).readAll(), info.totalRecords, String(schema)];
    } catch (error) {
      if (error instanceof FlightSQLError) return [await result.table(), null, error.code];
      throw error;
    }
  }
  void use;
  // @ts-expect-error types are there: a wrong one is refused
  new FlightSQLClient({ host: 7 });
`;

const ESM = `import type { Schema, Table } from 'apache-arrow';
import { connect, FlightSQLClient, FlightSQLError } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
${CONSUMER}`;

const CJS = `import type { Schema, Table } from 'apache-arrow';
import flightsql = require('flightsql');
import server = require('flightsql/server');
const { connect, FlightSQLClient, FlightSQLError } = flightsql;
const { EmbeddedServer } = server;
${CONSUMER}`;

describe('the types of the packed package', () => {
  let app: InstalledApp;
  before(async () => {
    // Nothing is run.
    app = await InstalledApp.create({ platform: { kind: 'script', text: '' } });
    app.write('esm.mts', ESM);
    app.write('cjs.cts', CJS);
  });
  after(() => app.remove());

  for (const [format, file] of [
    ['an ESM', 'esm.mts'],
    ['a CommonJS', 'cjs.cts'],
  ] as const) {
    it(`hold for ${format} application under strict checks`, async () => {
      const args = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', file];
      assert.deepEqual(await app.execute(process.execPath, [compiler(), ...args]), { code: 0, output: '' });
    });
  }
});
