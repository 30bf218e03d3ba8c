import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arrow from 'apache-arrow';
import { type Row, RowFormatter, type RowOptions, resolveRowOptions, rowsOf } from '../../src-ts/arrow/index.js';
import { uniqueNames } from '../../src-ts/arrow/rows/column-names.js';
import { bitmapOf, decimal } from './arrow-columns.js';

function rows(columns: readonly (readonly [name: string, data: arrow.Data])[], options?: RowOptions): Row[] {
  const fields = columns.map(([name, data]) => new arrow.Field(name, data.type, true));
  const length = columns[0]?.[1].length ?? 0;
  const struct = arrow.makeData({ type: new arrow.Struct(fields), length, nullCount: 0, children: columns.map(([, data]) => data) });
  const empty = arrow.makeData({ type: new arrow.Struct([]), length: 0, nullCount: 0, children: [] });
  const batch = Object.assign(new arrow.RecordBatch(new arrow.Schema([]), empty), { schema: new arrow.Schema(fields), data: struct });
  return new RowFormatter(batch.schema, options).toArray(batch);
}

/** The values of a column `c` in rows. */
function values(data: unknown, options?: RowOptions): unknown[] {
  return rows([['c', data as arrow.Data]], options).map((row) => (row as { c: unknown }).c);
}

const int64 = (...data: bigint[]): arrow.Data => arrow.makeData({ type: new arrow.Int64(), data: BigInt64Array.from(data) });
const int32 = (...data: number[]): arrow.Data => arrow.makeData({ type: new arrow.Int32(), data: Int32Array.from(data) });
const timestamp = (unit: arrow.TimeUnit, ...data: bigint[]): arrow.Data =>
  arrow.makeData({ type: new arrow.Timestamp(unit, 'UTC'), data: BigInt64Array.from(data) });
const loss = (text: RegExp): object => ({ name: 'FlightSQLError', code: 'LOSSY_CONVERSION', column: 'c', message: text });

describe('a row', () => {
  it('is an object by column name, or an array in column order', () => {
    const columns = [
      ['b', int32(1, 2)],
      ['a', int64(3n, 4n)],
    ] as const;
    assert.deepEqual(rows(columns), [
      { b: 1, a: 3n },
      { b: 2, a: 4n },
    ]);
    assert.deepEqual(rows(columns, { rowMode: 'array' }), [
      [1, 3n],
      [2, 4n],
    ]);
    assert.deepEqual(Object.keys(rows(columns)[0] as object), ['b', 'a']);
    assert.equal(Object.getPrototypeOf(rows(columns)[0]), Object.prototype);
  });

  it('has every column of a name under a name of its own', () => {
    const columns = ['a', 'a', 'a_1', 'a'].map((name, i) => [name, int32(i)] as const);
    assert.deepEqual(rows(columns), [{ a: 0, a_2: 1, a_1: 2, a_3: 3 }]);
    assert.deepEqual(rows(columns, { rowMode: 'array' }), [[0, 1, 2, 3]]);
  });

  it('has columns called __proto__ and constructor as its own properties, and no other prototype, few columns or many', () => {
    for (const more of [0, 200]) {
      const columns = ['__proto__', 'constructor', 'toString', ...Array.from({ length: more }, (_, i) => `c${i}`)].map(
        (name, i) => [name, int32(i)] as const,
      );
      const [row] = rows(columns) as [Record<string, unknown>];
      assert.deepEqual(
        Object.entries(row),
        columns.map(([name], i) => [name, i]),
      );
      assert.equal(Object.getPrototypeOf(row), Object.prototype);
    }
    assert.equal(({} as { c0?: unknown }).c0, undefined);
  });

  it('has columns with odd names', () => {
    const names = ['', ' ', '"', '\\', 'é', '\u2028', '💥', 'a.b'];
    const [row] = rows(names.map((name, i) => [name, int32(i)] as const));
    assert.deepEqual(
      Object.entries(row as object),
      names.map((name, i) => [name, i]),
    );
  });

  it('of a struct follows the same rules', () => {
    const fields = ['x', 'x', '__proto__'].map((name) => new arrow.Field(name, new arrow.Int32(), true));
    const struct = arrow.makeData({ type: new arrow.Struct(fields), length: 1, children: [int32(1), int32(2), int32(3)] } as never);
    const [value] = values(struct) as [object];
    assert.deepEqual(Object.entries(value), [
      ['x', 1],
      ['x_1', 2],
      ['__proto__', 3],
    ]);
  });

  it('comes in order from batches longer than a stretch', () => {
    const expected = Array.from({ length: 1000 }, (_, i) => i);
    const batch = new arrow.RecordBatch({ c: int32(...expected) });
    assert.deepEqual(
      [...rowsOf(batch)].map((row) => (row as { c: number }).c),
      expected,
    );
    assert.deepEqual(values(int32(...expected)), expected);
  });

  it('holds nothing of its batch: bytes are copies', () => {
    const data = Uint8Array.of(1, 2, 3);
    for (const type of [new arrow.Binary(), new arrow.FixedSizeBinary(3)]) {
      const column = arrow.makeData({ type, length: 1, data, valueOffsets: Int32Array.of(0, 3) } as never);
      const [bytes] = values(column) as [Uint8Array];
      assert.deepEqual(bytes, data);
      assert.notEqual(bytes.buffer, data.buffer);
    }
  });

  it('shares no object with another row, even through a dictionary', () => {
    const ofInt32 = new arrow.List(new arrow.Field('i', new arrow.Int32()));
    const list: arrow.Data = arrow.makeData({ type: ofInt32, valueOffsets: Int32Array.of(0, 2), child: int32(1, 2) as never });
    const dictionary = new arrow.Vector([list]);
    const type = new arrow.Dictionary(list.type, new arrow.Int8());
    const [first, second] = values(arrow.makeData({ type, data: Int8Array.of(0, 0), dictionary } as never));
    assert.deepEqual(
      [first, second],
      [
        [1, 2],
        [1, 2],
      ],
    );
    assert.notEqual(first, second);
  });

  it('has text as it was sent, byte order marks included', () => {
    const text = '\ufeffx';
    const bytes = new TextEncoder().encode(text);
    const column = arrow.makeData({ type: new arrow.Utf8(), valueOffsets: Int32Array.of(0, bytes.length), data: bytes });
    assert.deepEqual(values(column), [text]);
  });
});

describe('the row option int64', () => {
  const data = int64(0n, -1n, 2n ** 53n - 1n, -(2n ** 53n) + 1n);
  it('gives bigint by default', () => assert.deepEqual(values(data), [0n, -1n, 2n ** 53n - 1n, -(2n ** 53n) + 1n]));
  it('gives text for string', () =>
    assert.deepEqual(values(data, { int64: 'string' }), ['0', '-1', '9007199254740991', '-9007199254740991']));
  it('gives numbers for number', () => assert.deepEqual(values(data, { int64: 'number' }), [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1]));

  it('throws for a number that would not be exact, naming column and value', () => {
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
      assert.throws(() => values(int64(value), { int64: 'number' }), loss(new RegExp(`"c".*${value}`)));
    }
    const unsigned = arrow.makeData({ type: new arrow.Uint64(), data: BigUint64Array.of(2n ** 64n - 1n) });
    assert.throws(() => values(unsigned, { int64: 'number' }), loss(/18446744073709551615/));
  });

  it('does not look at nulls', () => {
    const data = arrow.makeData({ type: new arrow.Int64(), data: BigInt64Array.of(2n ** 60n, 5n), nullBitmap: bitmapOf([null, 1]) });
    assert.deepEqual(values(data, { int64: 'number' }), [null, 5]);
  });

  it('covers uint64, durations, and the nanoseconds of intervals, at any depth', () => {
    const unsigned = arrow.makeData({ type: new arrow.Uint64(), data: BigUint64Array.of(3_000_000_000n) });
    const duration = arrow.makeData({ type: new arrow.DurationSecond(), data: BigInt64Array.of(-4n) });
    const interval = arrow.makeData({ type: new arrow.IntervalMonthDayNano(), data: Int32Array.of(1, 2, -3, -1) });
    const list = arrow.makeData({
      type: new arrow.List(new arrow.Field('i', new arrow.Uint64())),
      valueOffsets: Int32Array.of(0, 1),
      child: unsigned,
    });
    assert.deepEqual(
      [unsigned, duration, interval, list].flatMap((data) => values(data, { int64: 'number' })),
      [3_000_000_000, -4, { months: 1, days: 2, nanoseconds: -3 }, [3_000_000_000]],
    );
    assert.deepEqual(
      [duration, interval].flatMap((data) => values(data, { int64: 'string' })),
      ['-4', { months: 1, days: 2, nanoseconds: '-3' }],
    );
  });
});

describe('the row option decimal', () => {
  const data = decimal(128, 38, 2).data(['1.10', '-0.01', null]);
  it('gives exact text by default', () => assert.deepEqual(values(data), ['1.10', '-0.01', null]));
  it('gives the nearest number for number', () => assert.deepEqual(values(data, { decimal: 'number' }), [1.1, -0.01, null]));
});

describe('the row option timestamp', () => {
  it('gives ISO text by default', () => {
    assert.deepEqual(values(timestamp(arrow.TimeUnit.NANOSECOND, 1704164645123456789n)), ['2024-01-02T03:04:05.123456789Z']);
  });

  it('gives the count in the unit of the column for bigint', () => {
    assert.deepEqual(values(timestamp(arrow.TimeUnit.MICROSECOND, -1n), { timestamp: 'bigint' }), [-1n]);
  });

  it('gives Dates for date, in every unit', () => {
    const exact = [1n, 1_000n, 1_000_000n, 1_000_000_000n].map((second, unit) => timestamp(unit, -5n * second));
    assert.deepEqual(
      exact.flatMap((data) => values(data, { timestamp: 'date' })),
      Array(4).fill(new Date(-5000)),
    );
  });

  it('throws for a Date that would not be exact or not exist, naming column and value', () => {
    const tooFine = timestamp(arrow.TimeUnit.MICROSECOND, 1704164645123456n);
    assert.throws(() => values(tooFine, { timestamp: 'date' }), loss(/"c".*2024-01-02T03:04:05\.123456/));
    for (const count of [8_640_000_000_001n, -8_640_000_000_001n]) {
      assert.throws(() => values(timestamp(arrow.TimeUnit.SECOND, count), { timestamp: 'date' }), loss(/a Date cannot hold [+-]\d{6}/));
    }
    assert.deepEqual(values(timestamp(arrow.TimeUnit.SECOND, 8_640_000_000_000n), { timestamp: 'date' }), [new Date(8.64e15)]);
  });
});

describe('a time of day', () => {
  const time = (type: arrow.DataType, ...data: bigint[]): arrow.Data =>
    arrow.makeData({
      type,
      data: (type.ArrayType as BigInt64ArrayConstructor).from(type.ArrayType === Int32Array ? (data.map(Number) as never) : data),
    } as never) as arrow.Data;

  it('is text with the decimals of the unit, or a count', () => {
    const seconds = time(new arrow.TimeSecond(), 11_045n);
    const nanos = time(new arrow.TimeNanosecond(), 86_399_999_999_999n);
    assert.deepEqual([...values(seconds), ...values(nanos)], ['03:04:05', '23:59:59.999999999']);
    assert.deepEqual([...values(seconds, { time: 'bigint' }), ...values(nanos, { time: 'bigint' })], [11_045n, 86_399_999_999_999n]);
  });

  it('is written out even where it is none', () => {
    const odd = [time(new arrow.TimeSecond(), -1n, 86_400n, -90_061n), time(new arrow.TimeMicrosecond(), -(2n ** 63n), 2n ** 63n - 1n)];
    assert.deepEqual(
      odd.flatMap((data) => values(data)),
      ['-00:00:01', '24:00:00', '-25:01:01', '-2562047788:00:54.775808', '2562047788:00:54.775807'],
    );
  });
});

describe('a date in milliseconds', () => {
  it('keeps a time of day that it should not have', () => {
    const data = arrow.makeData({ type: new arrow.DateMillisecond(), data: BigInt64Array.of(86_400_000n, 1n, -1n, -(2n ** 63n)) });
    assert.deepEqual(values(data), ['1970-01-02', '1970-01-01T00:00:00.001', '1969-12-31T23:59:59.999', '-292275055-05-16T16:47:04.192']);
  });
});

describe('row options', () => {
  it('have defaults', () => {
    assert.deepEqual(resolveRowOptions(), { rowMode: 'object', int64: 'bigint', decimal: 'string', timestamp: 'iso', time: 'iso' });
    assert.deepEqual(resolveRowOptions({ int64: 'string', time: undefined as never }).time, 'iso');
    assert.ok(Object.isFrozen(resolveRowOptions()));
  });

  it('that do not exist are refused by name', () => {
    const refusal = (message: RegExp): object => ({ name: 'FlightSQLError', code: 'INVALID_OPTION', message });
    assert.throws(() => resolveRowOptions({ rowmode: 'array' } as never), refusal(/'rowmode'.*'rowMode'/));
    assert.throws(() => resolveRowOptions({ decimal: 'float' } as never), refusal(/decimal.*'string', 'number'.*'float'/));
    assert.throws(() => new RowFormatter(new arrow.Schema([]), { toString: 1 } as never), refusal(/toString/));
  });
});

describe('uniqueNames', () => {
  const cases: readonly [names: string[], unique: string[]][] = [
    [[], []],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      ['a', 'a', 'a'],
      ['a', 'a_1', 'a_2'],
    ],
    [
      ['a', 'a', 'a_1', 'a'],
      ['a', 'a_2', 'a_1', 'a_3'],
    ],
    [
      ['a_1', 'a', 'a', 'a_1'],
      ['a_1', 'a', 'a_2', 'a_1_1'],
    ],
    [
      ['', ''],
      ['', '_1'],
    ],
  ];
  for (const [names, unique] of cases) it(`makes ${unique} of ${names}`, () => assert.deepEqual(uniqueNames(names), unique));
});
