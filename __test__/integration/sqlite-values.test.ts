// A value of every type that can be bound, sent to the embedded server as a parameter and by ingest, kept in SQLite, and read again.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DataType, Field, Int64, Schema, Table } from 'apache-arrow';
import { connect, type FlightSQLClient } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { collected } from '../conformance/collected.js';
import { BINDABLE } from './foreign/bindable-values.js';

/** What SQLite has no value for, and how the server says so: some values of a type, or all of it. */
const REFUSED: readonly { readonly of: RegExp; readonly values?: readonly unknown[]; readonly message: RegExp }[] = [
  { of: /^UInt64$/, values: [2n ** 64n - 1n, 2n ** 63n], message: /beyond 9223372036854775807, the largest integer of SQLite/ },
  { of: /^Float/, values: [Number.NaN], message: /SQLite has no NaN/ },
  { of: /^Date/, values: ['-271821-04-20', '+275760-09-13'], message: /outside of the years -9999 to 9999/ },
  { of: /^(Duration|Interval|List|LargeList|FixedSizeList|Struct|Map)/, message: /SQLite has no values for it/ },
];

/** SQLite keeps floats without a fraction as integers, which have one zero. */
const kept = (value: unknown) => (Object.is(value, -0) ? 0 : value);

/** Columns of any type are declared without one; what is read of them is of the types that the values have, and text where these differ. */
const UNTYPED = /^(Null|Union)/;

describe('values that SQLite is sent and returns', () => {
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

  let tables = 0;
  const found = async (table: string) => {
    const result = await client.query(`SELECT v FROM ${table} ORDER BY at`);
    return { type: String((await result.schema()).fields[0]?.type), values: (await collected(result)).map(([value]) => value) };
  };

  const ingest = (table: string, type: DataType, values: readonly unknown[]) =>
    client.executeIngest(
      table,
      values.map((v, at) => ({ at, v })),
      { types: { v: type } },
    );

  const bind = async (table: string, type: DataType, values: readonly unknown[]) => {
    const empty = new Table(new Schema([new Field('at', new Int64(), true), new Field('v', type, true)]));
    assert.equal(await client.executeIngest(table, empty), 0n);
    const rows = values.map((v, at) => [at, v]);
    return client.executeUpdate(`INSERT INTO ${table} VALUES (?, ?)`, rows, { types: [null, type] });
  };

  for (const { name, type, values } of BINDABLE) {
    const refusal = REFUSED.find(({ of }) => of.test(name));
    const refused = values.filter((value) => refusal?.values?.some((other) => Object.is(other, value)) ?? refusal !== undefined);
    const sent = [...values.filter((value) => !refused.includes(value)), null];
    const expected = UNTYPED.test(name)
      ? { type: 'Utf8', values: sent.map((value) => (value === null ? null : String(value))) }
      : { type: String(type), values: sent.map(kept) };

    for (const [how, send] of [['ingested', ingest] as const, ['bound', bind] as const]) {
      if (refusal === undefined || refusal.values !== undefined) {
        test(`${name}: ${how}`, async () => {
          const table = `kept_${tables++}`;
          assert.equal(await send(table, type, sent), BigInt(sent.length));
          assert.deepEqual(await found(table), expected);
        });
      }
      for (const value of refused) {
        test(`${name}: ${typeof value === 'object' ? 'its values' : value} ${how}: refused`, async () => {
          await assert.rejects(send(`refused_${tables++}`, type, [value]), { message: refusal?.message ?? /never/ });
        });
      }
    }
  }
});
