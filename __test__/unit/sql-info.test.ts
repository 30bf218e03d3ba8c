import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightSQLError } from '../../src-ts/errors.js';
import { sqlInfoCodes, sqlInfoOf } from '../../src-ts/metadata/sql-info.js';

test('values of every kind by name, and what the specification does not know by code', () => {
  const info = sqlInfoOf([
    { info_name: 0, value: 'a server' },
    { info_name: 3, value: false },
    { info_name: 8, value: 2 },
    { info_name: 508, value: ['ABORT', 'AFTER'] },
    { info_name: 541, value: 9_007_199_254_740_993n },
    {
      info_name: 517,
      value: [
        [1, [2, 3]],
        [4, []],
      ],
    },
    { info_name: 10_001, value: 'a vendor' },
    { info_name: 10_002, value: null },
  ]);
  assert.equal(info.FLIGHT_SQL_SERVER_NAME, 'a server');
  assert.equal(info.FLIGHT_SQL_SERVER_READ_ONLY, false);
  assert.equal(info.FLIGHT_SQL_SERVER_TRANSACTION, 2);
  assert.deepEqual(info.SQL_KEYWORDS, ['ABORT', 'AFTER']);
  assert.equal(info.SQL_MAX_BINARY_LITERAL_LENGTH, 9_007_199_254_740_993n);
  assert.deepEqual(
    info.SQL_SUPPORTS_CONVERT,
    new Map([
      [1, [2, 3]],
      [4, []],
    ]),
  );
  assert.deepEqual(
    [...info.other],
    [
      [10_001, 'a vendor'],
      [10_002, null],
    ],
  );
  assert.equal(info.SQL_SCHEMA_TERM, undefined);
});

test('numbers are as wide as the specification has them, whatever the server chose', () => {
  const info = sqlInfoOf([
    { info_name: 503, value: 1n },
    { info_name: 560, value: 64 },
    { info_name: 0, value: 5 },
  ]);
  assert.equal(info.SQL_IDENTIFIER_CASE, 1);
  assert.equal(info.SQL_MAX_TABLES_IN_SELECT, 64n);
  // Not what it should be, and so shown as it is.
  assert.equal(info.FLIGHT_SQL_SERVER_NAME, 5);
});

test('rows without a code or without a value', () => {
  const info = sqlInfoOf([{ value: 'of what?' }, { info_name: 0 }, { info_name: 1, value: null }]);
  assert.equal(info.FLIGHT_SQL_SERVER_NAME, null);
  assert.equal(info.FLIGHT_SQL_SERVER_VERSION, null);
  assert.equal(info.other.size, 0);
});

test('an empty map is a map', () => {
  assert.deepEqual(sqlInfoOf([{ info_name: 517, value: [] }]).SQL_SUPPORTS_CONVERT, new Map());
  assert.deepEqual(sqlInfoOf([{ info_name: 508, value: [] }]).SQL_KEYWORDS, []);
});

test('codes by name and by number', () => {
  assert.deepEqual(sqlInfoCodes(['FLIGHT_SQL_SERVER_NAME', 10_001, 'SQL_KEYWORDS']), [0, 10_001, 508]);
  assert.deepEqual(sqlInfoCodes(undefined), []);
  assert.deepEqual(sqlInfoCodes(null), []);
});

for (const [infos, message] of [
  [['FLIGHT_SQL_SERVER_NAM'], /infos\[0\].*FLIGHT_SQL_SERVER_NAME/],
  [[-1], /infos\[0\].*-1/],
  [[0, 1.5], /infos\[1\].*1\.5/],
  [['toString'], /infos\[0\]/],
  ['FLIGHT_SQL_SERVER_NAME', /an array of names or codes/],
] as const) {
  test(`refused: ${JSON.stringify(infos)}`, () => {
    assert.throws(
      () => sqlInfoCodes(infos),
      (error: unknown) => error instanceof FlightSQLError && error.code === 'INVALID_OPTION' && message.test(error.message),
    );
  });
}
