import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { startPyarrowTruth } from '../servers/truth-servers.js';
import { expectationOf, type SchemaDescription, type TypeDescription } from './truth/expectation.js';
import { compareEveryCase, truthSuite } from './truth/suite.js';

/** Every type of the Arrow columnar format but the two intervals that pyarrow lacks. */
const KINDS = [
  ...['null', 'bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', 'float64'],
  ...['decimal32', 'decimal64', 'decimal128', 'decimal256', 'date32', 'date64', 'time32', 'time64', 'timestamp', 'duration'],
  ...['interval_month_day_nano', 'utf8', 'large_utf8', 'utf8_view', 'binary', 'large_binary', 'binary_view', 'fixed_size_binary'],
  ...['list', 'large_list', 'fixed_size_list', 'list_view', 'large_list_view', 'struct', 'map', 'dense_union', 'sparse_union'],
  ...['dictionary', 'run_end_encoded'],
];

truthSuite('what pyarrow sends', ['python'], startPyarrowTruth, (suite) => {
  test('the server has every Arrow type that pyarrow has', () => {
    const { server } = suite;
    const served = new Set(Object.keys(server.index.cases).flatMap((name) => kindsOf(expectationOf(server, name).schema)));
    assert.deepEqual([...served].sort(), [...KINDS].sort());
  });

  compareEveryCase(suite);

  test('messages beyond the limits of gRPC stacks arrive whole', async (context) => {
    for (const { name, rows, sha256 } of suite.server.index.large) {
      await context.test(name, async () => {
        const table = await (await suite.client.query(name)).table();
        assert.equal(table.numRows, rows);
        const words: BigInt64Array = table.getChildAt(0)?.toArray();
        assert.equal(words.length, rows);
        assert.equal(createHash('sha256').update(words).digest('hex'), sha256);
      });
    }
  });

  test('an unknown query is an error with the code and the text of the server', async () => {
    await assert.rejects(suite.client.query('no such case'), (error: Error & { code?: string; grpcCode?: number }) => {
      assert.equal(error.code, 'NOT_FOUND');
      assert.equal(error.grpcCode, 5);
      assert.match(error.message, /there is no case called 'no such case'/);
      return true;
    });
  });
});

function kindsOf(schema: SchemaDescription): string[] {
  return schema.fields.flatMap(({ type }) => kindsWithin(type));
}

function kindsWithin({ kind, value, children = [] }: TypeDescription): string[] {
  return [kind, ...(value ? kindsWithin(value) : []), ...children.flatMap(({ type }) => kindsWithin(type))];
}
