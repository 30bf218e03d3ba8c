import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as arrow from 'apache-arrow';
import { connect, type FlightSQLClient, FlightSQLError, type QueryParameters, type RowObject } from 'flightsql';
import { RowFormatter } from '../../src-ts/arrow/index.js';
import { startEcho, startPyarrowTruth } from '../servers/truth-servers.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';

async function collected(client: FlightSQLClient, params: QueryParameters, types?: arrow.DataType[]): Promise<RowObject[]> {
  const rows: RowObject[] = [];
  for await (const row of (await client.query('echo', params, types === undefined ? undefined : { types })).rows()) rows.push(row);
  return rows;
}

function rowsOf({ schema, batches }: Pick<arrow.Table, 'schema' | 'batches'>): unknown[] {
  const formatter = new RowFormatter(schema, { rowMode: 'array' });
  return batches.flatMap((batch) => formatter.toArray(batch));
}

describe('parameters as pyarrow reads them', { skip: unlessInstallable('python') }, () => {
  const truth = useServer(startPyarrowTruth);
  const echo = useServer(startEcho);
  let source: FlightSQLClient;
  let client: FlightSQLClient;
  before(async () => {
    source = await connect(truth().uri);
    client = await connect(echo().uri);
  });
  after(async () => {
    await source?.close();
    await client?.close();
  });

  test('tables of every type, whole and in slices', async (context) => {
    const names = Object.keys(truth().index.cases);
    assert(names.length > 100);
    for (const name of names) {
      await context.test(name, async () => {
        const table = await (await source.query(name)).table();
        if (table.schema.fields.length === 0 || table.batches.length === 0) return;
        const back = await (await client.query('echo', table)).table();
        assert.deepEqual(
          back.schema.fields.map((field) => [field.name, String(field.type), field.nullable, [...field.metadata]]),
          table.schema.fields.map((field) => [field.name, String(field.type), field.nullable, [...field.metadata]]),
        );
        assert.deepEqual(rowsOf(back), rowsOf(table));
        const sliced = table.batches.map((batch) => batch.slice(1, Math.max(batch.numRows - 1, 1)));
        const part = await (await client.query('echo', sliced)).table();
        assert.deepEqual(rowsOf(part), rowsOf({ schema: table.schema, batches: sliced }));
      });
    }
  });

  test('ingested tables of every type, whole, in slices, and as Arrow IPC', async (context) => {
    for (const name of Object.keys(truth().index.cases)) {
      await context.test(name, async () => {
        const table = await (await source.query(name)).table();
        if (table.schema.fields.length === 0) return;
        const fieldsOf = ({ schema }: { readonly schema: arrow.Schema }) =>
          schema.fields.map((field) => [field.name, String(field.type), field.nullable, [...field.metadata]]);
        const sliced = table.batches.map((batch) => batch.slice(1, Math.max(batch.numRows - 1, 1)));
        const ipc = await (await source.query(name)).toIPC();
        for (const [data, expected, compression] of [
          [table, table, undefined],
          [sliced, { schema: table.schema, batches: sliced }, undefined],
          [ipc, table, undefined],
          [table, table, 'lz4'],
          [table, table, 'zstd'],
          [ipc, table, 'zstd'],
        ] as const) {
          if (Array.isArray(data) && data.length === 0) continue;
          const count = await client.executeIngest('sent', data, { compression });
          assert.equal(count, BigInt(expected.batches.reduce((sum, { numRows }) => sum + numRows, 0)));
          const back = await (await client.query('sent')).table();
          // A slice without rows has another schema in apache-arrow, where names are double.
          assert.deepEqual(fieldsOf(back), fieldsOf(Array.isArray(data) ? (data[0] as arrow.RecordBatch) : table));
          assert.deepEqual(rowsOf(back), rowsOf(expected));
        }
      });
    }
  });

  test('what an ingest says to the server', async () => {
    const options = { catalog: 'c', schema: 's', mode: 'append', options: { durable: 'no' } } as const;
    await client.executeIngest('told', [{ a: 1 }], options);
    for await (const command of client.doAction('command')) {
      const text = Buffer.from(command).toString('latin1');
      for (const part of ['CommandStatementIngest', 'told', '\x22\x01c', '\x1a\x01s', 'durable', 'no', '\x08\x02\x10\x02']) {
        assert(text.includes(part), JSON.stringify([part, text]));
      }
    }
  });

  test('values get the narrowest type that holds them exactly', async () => {
    const bytes = Uint8Array.of(1, 2);
    const values = [true, 1, -2n, 2n ** 63n, 0.5, 'é', bytes, new Date(5), [1, null], { a: 1, b: ['x'] }, null, -0, 2n ** 200n];
    const [row] = await collected(client, values);
    assert.deepEqual(Object.values(row ?? {}), [
      ...[true, 1n, -2n, '9223372036854775808', 0.5, 'é', bytes, '1970-01-01T00:00:00.005Z', [1n, null], { a: 1n, b: ['x'] }, null, -0],
      String(2n ** 200n),
    ]);
  });

  test('mixed columns keep every value as it is', async () => {
    const rows = [
      [1, 'a'],
      [0.5, 2n],
      [null, true],
      [2 ** 53, '2024-01-02'],
      [-1, new Date(0)],
    ];
    const back = await collected(client, rows);
    assert.deepEqual(
      back.map((row) => Object.values(row)),
      [
        [1, 'a'],
        [0.5, 2n],
        [null, true],
        [2 ** 53, '2024-01-02'],
        [-1, '1970-01-01T00:00:00.000Z'],
      ],
    );
  });

  test('0, false and the empty string are values', async () => {
    assert.deepEqual(Object.values((await collected(client, [0, false, '', 0n, new Uint8Array()]))[0] ?? {}), [
      0n,
      false,
      '',
      0n,
      new Uint8Array(),
    ]);
  });

  test('explicit types', async () => {
    const types = [
      new arrow.Decimal(2, 12, 128),
      new arrow.TimestampNanosecond(null),
      new arrow.Int8(),
      new arrow.DateDay(),
      new arrow.Utf8View(),
    ];
    const values = ['-12.5', '2024-01-02T03:04:05.123456789', -128, '2024-02-29', 'longer than twelve bytes'];
    const [row] = await collected(client, values, types);
    assert.deepEqual(Object.values(row ?? {}), ['-12.50', '2024-01-02T03:04:05.123456789', -128, '2024-02-29', 'longer than twelve bytes']);
  });

  test('many rows, in messages that every server takes', async () => {
    const text = 'x'.repeat(1000);
    const rows = Array.from({ length: 20_000 }, (_, row) => [row, row % 7 === 0 ? null : `${text}${row}`]);
    const back = await (await client.query('echo', rows)).table();
    assert(back.batches.length > 5, `${back.batches.length} messages`);
    assert.deepEqual(
      rowsOf(back),
      rows.map(([number, string]) => [BigInt(number as number), string]),
    );
    const statement = await client.prepare('echo');
    assert.equal(await statement.executeUpdate(rows), 20_000n);
    await statement.close();
  });

  test('batches from an async iterable are sent as they come', async () => {
    async function* batches() {
      for (let first = 0; first < 5; first++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield* arrow.tableFromArrays({ id: Int32Array.of(first, first + 10), word: [`w${first}`, null] }).batches;
      }
    }
    const back = await collected(client, batches());
    assert.deepEqual(
      back.map(({ id }) => id),
      [0, 10, 1, 11, 2, 12, 3, 13, 4, 14],
    );
  });

  test('an iterable that throws ends the call with what it threw', async () => {
    async function* batches() {
      yield* arrow.tableFromArrays({ id: Int32Array.of(1) }).batches;
      throw new RangeError('no more');
    }
    await assert.rejects(client.query('echo', batches()), RangeError);
    assert.equal((await collected(client, [1])).length, 1, 'the client goes on');
  });

  test('a batch of another schema is refused', async () => {
    const batches = [
      ...arrow.tableFromArrays({ id: Int32Array.of(1) }).batches,
      ...arrow.tableFromArrays({ id: Float64Array.of(1) }).batches,
    ];
    await assert.rejects(client.query('echo', batches), { code: 'SCHEMA_MISMATCH', message: /id: Float64.*id: Int32/ });
  });

  test('a signal that is aborted while parameters are sent ends the call with its reason', async () => {
    const controller = new AbortController();
    async function* batches() {
      for (;;) {
        yield* arrow.tableFromArrays({ id: Int32Array.of(1) }).batches;
        controller.abort(new Error('enough'));
      }
    }
    await assert.rejects(client.query('echo', batches(), { signal: controller.signal }), /enough/);
  });

  test('what does not fit is refused before anything is sent', async () => {
    const misfits: readonly (readonly [value: unknown, type: arrow.DataType, message: RegExp])[] = [
      [128, new arrow.Int8(), /parameter 1 is 128, which does not fit its type Int8: it goes from -128 to 127/],
      [-1n, new arrow.Uint64(), /it goes from 0 to 18446744073709551615/],
      [1.5, new arrow.Int32(), /whole numbers/],
      [2 ** 53, new arrow.Int64(), /whole numbers/],
      [1e39, new arrow.Float32(), /beyond the largest/],
      [2n ** 53n + 1n, new arrow.Float64(), /no such number/],
      ['1.234', new arrow.Decimal(2, 10, 128), /digits beyond the 2 behind the point/],
      ['123456789', new arrow.Decimal(2, 10, 128), /more than 10 digits/],
      ['twelve', new arrow.Decimal(2, 10, 128), /decimal text/],
      [5, new arrow.Utf8(), /it takes strings/],
      ['\ud800', new arrow.Utf8(), /surrogate/],
      ['text', new arrow.Binary(), /it takes a Uint8Array/],
      [new Uint8Array(3), new arrow.FixedSizeBinary(4), /it takes 4 bytes, and has 3/],
      [1, new arrow.Bool(), /true and false/],
      ['2024-02-30', new arrow.DateDay(), /YYYY-MM-DD/],
      [new Date(1), new arrow.DateDay(), /time of day/],
      ['2024-01-02T03:04:05', new arrow.TimestampMillisecond('UTC'), /with a zone/],
      ['2024-01-02T03:04:05Z', new arrow.TimestampMillisecond(null), /without a zone/],
      [1n, new arrow.TimestampMillisecond(null), /more digits of a second/],
      ['24:00', new arrow.TimeSecond(), /HH:MM:SS/],
      [{ c: 1 }, new arrow.Struct([new arrow.Field('a', new arrow.Int8(), true)]), /no field 'c': .*'?a/],
      ['abc', new arrow.List(new arrow.Field('item', new arrow.Utf8(), true)), /it takes arrays/],
      [Symbol('s'), new arrow.Utf8(), /it takes strings/],
    ];
    for (const [value, type, message] of misfits) {
      await assert.rejects(client.query('echo', [[value]], { types: [type] }), (error: unknown) => {
        assert(error instanceof FlightSQLError, String(error));
        assert.equal(error.code, 'INVALID_ARGUMENT');
        assert.match(error.message, message);
        return true;
      });
    }
  });
});
