import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { type FlightSQLClient, FlightSQLError, type RowObject } from 'flightsql';

/** A query in the words of a server, and its rows as `rows()` gives them. */
export interface KnownQuery {
  readonly sql: string;
  readonly rows: readonly RowObject[];
}

/** What the tests need to know of a server. */
export interface ServerDialect {
  readonly client: () => FlightSQLClient;
  /** Text, numbers and a null. */
  readonly known: KnownQuery;
  /** Selects columns of no row; null for a server that forgets the columns then. */
  readonly none: string | null;
  /** `count` rows, whose only column counts from 1 or from 0. */
  readonly long: { readonly sql: string; readonly count: number };
  /** What the server says to a table that does not exist: the name of its status, and a part of its text. */
  readonly unknownTable: { readonly sql: string; readonly code: string; readonly message: RegExp };
}

/**
 * Queries that every server understands as they stand, over a table `inttable (id, keyname, value)` that all of them have, and the values of their
 * rows. How wide its whole numbers are and how it spells names is the server's: values are compared by their place, whole ones as bigint.
 */
const SAME: readonly (readonly [sql: string, rows: readonly (readonly (bigint | number | string | null)[])[]])[] = [
  [
    'SELECT id, keyname, value FROM inttable WHERE id < 4 ORDER BY id',
    [
      [1n, 'one', 1n],
      [2n, 'zero', 0n],
      [3n, 'negative one', -1n],
    ],
  ],
  [
    'SELECT COUNT(*) AS n, SUM(value) AS total, MIN(keyname) AS least, MAX(id) AS most FROM inttable WHERE id < 4',
    [[3n, 0n, 'negative one', 3n]],
  ],
  [
    'SELECT a.keyname, b.keyname AS other FROM inttable a JOIN inttable b ON a.value = b.id WHERE a.id < 4 AND b.id < 4 ORDER BY a.id',
    [['one', 'one']],
  ],
  [
    "SELECT id, CASE WHEN value < 0 THEN 'below' WHEN value = 0 THEN NULL ELSE 'above' END AS side FROM inttable WHERE id < 4 ORDER BY id DESC",
    [
      [3n, 'below'],
      [2n, null],
      [1n, 'above'],
    ],
  ],
  [
    'SELECT id, value + 0.5E0 AS half FROM inttable WHERE id < 4 ORDER BY id',
    [
      [1n, 1.5],
      [2n, 0.5],
      [3n, -0.5],
    ],
  ],
  [
    'SELECT id FROM inttable WHERE id < 4 UNION ALL SELECT value FROM inttable WHERE id < 4 ORDER BY 1',
    [[-1n], [0n], [1n], [1n], [2n], [3n]],
  ],
];

/** Declares a test for each query that all servers are asked alike. */
export function sameQueries(client: () => FlightSQLClient): void {
  for (const [sql, expected] of SAME) {
    test(`the same query for all: ${sql}`, async () => {
      const rows = await collected((await client().query(sql)).rows());
      const values = rows.map((row) => Object.values(row).map((value) => (Number.isInteger(value) ? BigInt(value as number) : value)));
      assert.deepEqual(values, expected);
      const batches: number[] = [];
      for await (const batch of await client().query(sql)) batches.push(batch.numRows);
      assert.equal(
        batches.reduce((sum, count) => sum + count, 0),
        expected.length,
      );
    });
  }
}

/** Declares the tests that hold for every Flight SQL server. */
export function conversation({ client, known, none, long, unknownTable }: ServerDialect): void {
  sameQueries(client);

  test('execute, then doGet: the rows of the ticket', async () => {
    const [endpoint, ...more] = (await client().execute(known.sql)).endpoints;
    assert(endpoint);
    assert.equal(more.length, 0);
    assert.deepEqual(await client().doGet(endpoint).readRows(), known.rows);
    // Several servers redeem a ticket once.
    const [another] = (await client().execute(known.sql)).endpoints;
    assert.equal(
      (
        await client()
          .doGet(another?.ticket ?? null)
          .readAll()
      ).numRows,
      known.rows.length,
    );
  });

  test('query: the same rows from rows(), from the table and from IPC', async () => {
    assert.deepEqual(await collected((await client().query(known.sql)).rows()), known.rows);
    const table = await (await client().query(known.sql)).table();
    const names = Object.keys(known.rows[0] ?? {});
    assert.deepEqual(table.schema.names, names);
    assert.equal(table.numRows, known.rows.length);
    const restored = tableFromIPC(await (await client().query(known.sql)).toIPC());
    assert.deepEqual(restored.schema.names, names);
    assert.equal(restored.numRows, known.rows.length);
  });

  if (none !== null) {
    test('a result without rows keeps its columns', async () => {
      const table = await (await client().query(none)).table();
      assert.equal(table.numRows, 0);
      assert(table.schema.fields.length > 0);
    });
  }

  test('a long result: every row once, in batches as they come', async () => {
    let rows = 0;
    let sum = 0n;
    for await (const batch of await client().query(long.sql)) {
      rows += batch.numRows;
      for (const value of batch.getChildAt(0) ?? []) sum += BigInt(value);
    }
    assert.equal(rows, long.count);
    const fromZero = (BigInt(long.count) * BigInt(long.count - 1)) / 2n;
    assert(sum === fromZero || sum === fromZero + BigInt(long.count), `the sum is ${sum}`);
  });

  test('a loop that is left early leaves a client that works', async () => {
    for await (const batch of await client().query(long.sql)) {
      assert(batch.numRows > 0);
      break;
    }
    assert.deepEqual(await collected((await client().query(known.sql)).rows()), known.rows);
  });

  test('thirty queries at a time', async () => {
    const results = await Promise.all(Array.from({ length: 30 }, async () => collected((await client().query(known.sql)).rows())));
    for (const rows of results) assert.deepEqual(rows, known.rows);
  });

  test('an export to Parquet has every row', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flightsql-export-'));
    try {
      const { rows } = await client().exportTo(long.sql, join(folder, 'long.parquet'));
      assert.equal(BigInt(rows), BigInt(long.count));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('SQL that the server refuses is its error, with code and text', async () => {
    await assert.rejects(
      async () => (await client().query(unknownTable.sql)).table(),
      (error: unknown) => {
        assert(error instanceof FlightSQLError);
        assert.equal(error.code, unknownTable.code);
        assert.match(error.message, unknownTable.message);
        return true;
      },
    );
  });
}

async function collected<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** Expects that a server refuses whoever connects or queries so. */
export async function assertUnauthenticated(attempt: () => Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error: unknown) => {
    assert(error instanceof FlightSQLError);
    assert.equal(error.code, 'UNAUTHENTICATED');
    assert.equal(error.grpcCode, 16);
    return true;
  });
}
