import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, type ExportOptions, type ExportProgress, type FlightSQLClient, type ParquetCompression } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { asyncBufferFromFile, type CompressionCodec, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { temporaryFolder } from '../temporary-folder.js';

const ROWS = 1000;
const INIT = `
  CREATE TABLE home (id BIGINT, note TEXT, amount DOUBLE, day DATE);
  WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS - 1})
  INSERT INTO home SELECT i, iif(i % 7 = 0, NULL, 'a note that is much like any other, number ' || i), i / 4.0, date('2024-01-01', i || ' days') FROM n`;
const QUERY = 'SELECT id, note, amount, day FROM home ORDER BY id';

const EXPECTED = Array.from({ length: ROWS }, (_, id) => ({
  id: BigInt(id),
  note: id % 7 === 0 ? null : `a note that is much like any other, number ${id}`,
  amount: id / 4,
  day: new Date(Date.UTC(2024, 0, 1 + id)),
}));

/** What Parquet calls each compression, and levels of those that have any. */
const CODECS: readonly [ParquetCompression, CompressionCodec, levels: readonly (number | undefined)[]][] = [
  ['none', 'UNCOMPRESSED', [undefined]],
  ['snappy', 'SNAPPY', [undefined]],
  ['gzip', 'GZIP', [undefined, 0, 9]],
  ['brotli', 'BROTLI', [undefined, 0, 11]],
  ['lz4', 'LZ4_RAW', [undefined]],
  ['zstd', 'ZSTD', [undefined, 1, 22]],
];

describe('options of an export', () => {
  let server: EmbeddedServer;
  let client: FlightSQLClient;
  before(async () => {
    // Batches that end within row groups.
    server = await EmbeddedServer.start({ init: INIT, batchRows: 130 });
    client = await connect(server.uri);
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  for (const [compression, codec, levels] of CODECS) {
    for (const compressionLevel of levels) {
      for (const [rowGroupRows, groups] of [
        [300, [300, 300, 300, 100]],
        [5000, [1000]],
      ] as const) {
        const level = compressionLevel === undefined ? '' : ` at level ${compressionLevel}`;
        test(`${compression}${level}, ${rowGroupRows} rows a group: the file is so, with every value, and the summary is the file's`, async () => {
          const file = join(temporaryFolder(), 'out.parquet');
          const summary = await client.exportTo(QUERY, file, { compression, compressionLevel, rowGroupRows });
          const buffer = await asyncBufferFromFile(file);
          const metadata = await parquetMetadataAsync(buffer);
          assert.deepEqual(
            metadata.row_groups.map(({ num_rows }) => num_rows),
            groups.map(BigInt),
          );
          const found = metadata.row_groups.flatMap(({ columns }) => columns.map((column) => column.meta_data?.codec));
          assert.deepEqual(new Set(found), new Set([codec]));
          assert.deepEqual(summary, { rows: BigInt(ROWS), bytes: BigInt(statSync(file).size), rowGroups: groups.length });
          // No other codec is understood, so that no page has one.
          const { [codec]: decompress } = compressors;
          const rows = await parquetReadObjects({ file: buffer, metadata, ...(decompress && { compressors: { [codec]: decompress } }) });
          assert.deepEqual(rows, EXPECTED);
        });
      }
    }
  }

  async function exported(options: ExportOptions): Promise<{ bytes: bigint; codec: string | undefined; rowGroups: number }> {
    const file = join(temporaryFolder(), 'out.parquet');
    const { bytes, rowGroups } = await client.exportTo(QUERY, file, options);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(file));
    return { bytes, codec: metadata.row_groups[0]?.columns[0]?.meta_data?.codec, rowGroups };
  }

  test('without options it is zstd, in one row group for so few rows', async () => {
    const { codec, rowGroups } = await exported({});
    assert.deepEqual([codec, rowGroups], ['ZSTD', 1]);
  });

  for (const [compression, low, high] of [
    ['gzip', 1, 9],
    ['brotli', 1, 11],
    ['zstd', 1, 22],
  ] as const) {
    test(`${compression}: a higher level makes a smaller file`, async () => {
      const fast = await exported({ compression, compressionLevel: low });
      const small = await exported({ compression, compressionLevel: high });
      assert(small.bytes < fast.bytes, `${small.bytes} bytes at level ${high}, ${fast.bytes} at level ${low}`);
    });
  }

  test('a row group of one row each', async () => {
    const { rowGroups } = await exported({ rowGroupRows: 1 });
    assert.equal(rowGroups, ROWS);
  });

  test('progress is told in growing numbers while the export goes on', async () => {
    const endless = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
    const told: ExportProgress[] = [];
    const controller = new AbortController();
    const exporting = client.exportTo(endless, join(temporaryFolder(), 'out.parquet'), {
      signal: controller.signal,
      rowGroupRows: 1000,
      onProgress: (progress) => {
        if (progress.rows > (told.at(-1)?.rows ?? 0)) told.push(progress);
        if (told.length === 4) controller.abort(new Error('enough'));
      },
    });
    await assert.rejects(exporting, /enough/);
    for (const [at, { rows, bytes, batches }] of told.slice(1).entries()) {
      const earlier = told[at] ?? assert.fail();
      assert(rows > earlier.rows && bytes > earlier.bytes && batches > earlier.batches, JSON.stringify(told));
    }
  });

  test('progress is told once more at the end, with all rows and the size of the file', async () => {
    const told: ExportProgress[] = [];
    const file = join(temporaryFolder(), 'out.parquet');
    const { rows, bytes } = await client.exportTo(QUERY, file, { onProgress: (progress) => told.push(progress) });
    assert.deepEqual(told.at(-1), { rows: Number(rows), bytes: Number(bytes), batches: Math.ceil(ROWS / 130) });
  });

  test('a result without rows is a file with its columns and no row group', async () => {
    const file = join(temporaryFolder(), 'out.parquet');
    const summary = await client.exportTo('SELECT id, note FROM home WHERE id < 0', file);
    assert.deepEqual(summary, { rows: 0n, bytes: BigInt(statSync(file).size), rowGroups: 0 });
    const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(file));
    assert.deepEqual(
      schema.slice(1).map(({ name }) => name),
      ['id', 'note'],
    );
  });
});
