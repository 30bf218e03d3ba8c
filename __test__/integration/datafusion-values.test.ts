// A value of every type that can be bound, sent to DataFusion as a parameter, kept there, and read again.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Binary, type DataType, Int32, Int64, Utf8 } from 'apache-arrow';
import { connect, type FlightSQLClient } from 'flightsql';
import { collected } from '../conformance/collected.js';
import { startDataFusion } from '../servers/datafusion.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { BINDABLE, NOT_KEPT } from './foreign/bindable-values.js';

describe('values that DataFusion is sent and returns', { skip: unlessInstallable('datafusion') }, () => {
  const server = useServer(startDataFusion);
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri);
  });
  after(() => client?.close());

  /** A table of a column `v` of a type, and `at`, which keeps the order of the rows. */
  let tables = 0;
  const tableOf = async (name: string) => {
    const table = `values_${tables++}`;
    await (
      await client.query(`CREATE TABLE ${table} AS SELECT CAST(0 AS BIGINT) AS at, arrow_cast(NULL, '${name}') AS v WHERE false`)
    ).table();
    return table;
  };

  /** DataFusion types parameters by what they are inserted into, and runs an INSERT as a query that returns how many rows there were. */
  const insert = async (table: string, values: readonly unknown[], type: DataType) => {
    await using statement = await client.prepare(`INSERT INTO ${table} VALUES ($1, $2)`);
    for (const [at, value] of values.entries()) {
      assert.deepEqual(await collected(await statement.query([at, value], { types: [new Int64(), type] })), [[1n]]);
    }
    return statement.parameterSchema?.fields[1];
  };

  for (const { name, type, values, returned } of BINDABLE) {
    test(`${name}: ${values.length} values and null`, async () => {
      const table = await tableOf(name);
      const sent = [...values, null];
      assert.equal(String((await insert(table, sent, type))?.type), String(type));
      const result = await client.query(`SELECT v FROM ${table} ORDER BY at`);
      assert.equal(String((await result.schema()).fields[0]?.type), returned ?? String(type));
      assert.deepEqual(
        (await collected(result)).map(([value]) => value),
        sent,
      );
    });
  }

  for (const { name, type, values } of NOT_KEPT) {
    test(`${name}, sent as ${type}: refused when it is read in order`, async () => {
      const table = await tableOf(name);
      await insert(table, values, type);
      await assert.rejects(async () => collected(await client.query(`SELECT v FROM ${table} ORDER BY at`)), {
        code: 'INTERNAL',
        message: new RegExp(`column types must match schema types, expected ${name.slice(0, name.indexOf('('))}`),
      });
    });
  }

  /** Of another type than its parameter a value is cast by the server, or refused. What cannot be cast is null to it. */
  const others: readonly (readonly [name: string, type: DataType, value: unknown, outcome: unknown])[] = [
    ['Int64', new Int32(), 7, 7n],
    ['Int32', new Int64(), 7n, 7],
    ['Int8', new Int64(), 128n, null],
    ['Utf8', new Int64(), 7n, '7'],
    ['Int64', new Utf8(), '7', 7n],
    ['Int64', new Utf8(), 'seven', null],
    [
      'Boolean',
      new Binary(),
      Uint8Array.of(1),
      /schema mismatch: Expected table field 'v' with type Boolean, but got 'v' with type Binary/,
    ],
  ];
  for (const [name, type, value, outcome] of others) {
    test(`${type} ${String(value)} for a parameter that is ${name}: ${outcome}`, async () => {
      const table = await tableOf(name);
      if (outcome instanceof RegExp) {
        await assert.rejects(insert(table, [value], type), { code: 'INTERNAL', message: outcome });
      } else {
        await insert(table, [value], type);
        assert.deepEqual(await collected(await client.query(`SELECT v FROM ${table}`)), [[outcome]]);
      }
    });
  }
});
