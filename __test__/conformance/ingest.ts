import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as arrow from 'apache-arrow';
import type { IngestMode } from 'flightsql';
import { collected } from './collected.js';
import type { Profile } from './profile.js';
import { assertLacking, assertRefused } from './refused.js';

/** Rows that go into a table without a statement. */
export function ingest({ client, supports }: Profile): void {
  const rows = [
    { id: 1n, name: 'one', share: 0.5 },
    { id: 2n, name: null, share: -1.25 },
    { id: 9_007_199_254_740_993n, name: "o'three", share: null },
  ];
  const asArrays = rows.map(({ id, name, share }) => [id, name, share]);

  if (!supports.ingest) {
    test('ingest is refused', () => assertLacking(() => client().executeIngest('conf_ingest', rows)));
    return;
  }

  const inTable = async () => collected(await client().query('SELECT id, name, share FROM conf_ingest ORDER BY id'));
  const withTable = async (work: () => Promise<void>) => {
    try {
      await work();
    } finally {
      await client().executeUpdate('DROP TABLE IF EXISTS conf_ingest');
    }
  };

  test('every mode makes the table, adds to it, or makes it anew', () =>
    withTable(async () => {
      const put = (mode: IngestMode) => client().executeIngest('conf_ingest', rows, { mode });
      await assertRefused(() => put('append'));
      assert.equal(await put('create'), 3n);
      assert.deepEqual(await inTable(), asArrays);
      await assertRefused(() => put('create'));
      assert.deepEqual(await inTable(), asArrays);
      assert.equal(await put('append'), 3n);
      assert.equal(await put('create_append'), 3n);
      assert.equal((await inTable()).length, 9);
      assert.equal(await put('replace'), 3n);
      assert.deepEqual(await inTable(), asArrays);
    }));

  test('a Table, its batches, and Arrow IPC bytes bring the same rows as objects', () =>
    withTable(async () => {
      const columns = {
        id: arrow.vectorFromArray(
          rows.map(({ id }) => id),
          new arrow.Int64(),
        ),
        name: arrow.vectorFromArray(
          rows.map(({ name }) => name),
          new arrow.Utf8(),
        ),
        share: arrow.vectorFromArray(
          rows.map(({ share }) => share),
          new arrow.Float64(),
        ),
      };
      const table = new arrow.Table(columns);
      for (const data of [table, table.batches, arrow.tableToIPC(table, 'stream'), arrow.tableToIPC(table, 'file')]) {
        assert.equal(await client().executeIngest('conf_ingest', data, { mode: 'replace' }), 3n);
        assert.deepEqual(await inTable(), asArrays);
      }
      for (const compression of ['lz4', 'zstd'] as const) {
        assert.equal(await client().executeIngest('conf_ingest', table, { mode: 'replace', compression }), 3n);
        assert.deepEqual(await inTable(), asArrays);
      }
      assert.equal(await client().executeIngest('conf_ingest', table.slice(0, 0), { mode: 'append' }), 0n);
      assert.deepEqual(await inTable(), asArrays);
    }));

  if (supports.transactions) {
    test('rows that are ingested within a transaction are undone with it', () =>
      withTable(async () => {
        await client().executeIngest('conf_ingest', rows);
        const tx = await client().beginTransaction();
        assert.equal(await tx.executeIngest('conf_ingest', rows, { mode: 'append' }), 3n);
        assert.equal(await client().executeIngest('conf_ingest', rows, { mode: 'append', transaction: tx }), 3n);
        await tx.rollback();
        assert.equal((await inTable()).length, 3);
      }));
  }
}
