import * as arrow from 'apache-arrow';

/** A type that parameters can have, as DataFusion's `arrow_cast` names it, and values from its edges, in the form that rows have. */
export interface BindableType {
  readonly name: string;
  readonly type: arrow.DataType;
  readonly values: readonly unknown[];
  /** What the values come back as, where that is another type. */
  readonly returned?: string;
}

const bits = (width: number) => [-(2n ** BigInt(width - 1)), 2n ** BigInt(width - 1) - 1n, 0n, -1n];
const unsigned = (width: number) => [0n, 2n ** BigInt(width) - 1n, 2n ** BigInt(width - 1)];
const numbers = (values: readonly bigint[]) => values.map(Number);
const nullable = (name: string, type: arrow.DataType) => new arrow.Field(name, type, true);
const item = (type: arrow.DataType) => nullable('item', type);

const INFINITE = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
const TEXTS = ['', 'größer', "it's", 'a\u0000b', '\ufeff𝄞', 'twelve bytes', 'thirteen bytes', 'é'.repeat(50_000)];
const BYTES = [new Uint8Array(), Uint8Array.of(0, 255, 128), new Uint8Array(12).fill(1), new Uint8Array(100_000).fill(7)];
const DATES = ['1970-01-01', '1969-12-31', '0001-01-01', '9999-12-31', '2024-02-29', '-271821-04-20', '+275760-09-13'];
const DURATIONS = bits(64);

const plain: readonly BindableType[] = [
  { name: 'Boolean', type: new arrow.Bool(), values: [true, false] },
  { name: 'Int8', type: new arrow.Int8(), values: numbers(bits(8)) },
  { name: 'Int16', type: new arrow.Int16(), values: numbers(bits(16)) },
  { name: 'Int32', type: new arrow.Int32(), values: numbers(bits(32)) },
  { name: 'Int64', type: new arrow.Int64(), values: bits(64) },
  { name: 'UInt8', type: new arrow.Uint8(), values: numbers(unsigned(8)) },
  { name: 'UInt16', type: new arrow.Uint16(), values: numbers(unsigned(16)) },
  { name: 'UInt32', type: new arrow.Uint32(), values: numbers(unsigned(32)) },
  { name: 'UInt64', type: new arrow.Uint64(), values: unsigned(64) },
  { name: 'Float16', type: new arrow.Float16(), values: [...INFINITE, 65_504, -65_504, 2 ** -24, 0.0999755859375] },
  { name: 'Float32', type: new arrow.Float32(), values: [...INFINITE, 2 ** 128 - 2 ** 104, 2 ** -149, Math.fround(0.1)] },
  { name: 'Float64', type: new arrow.Float64(), values: [...INFINITE, Number.MAX_VALUE, Number.MIN_VALUE, 0.1, 2 ** 53] },
  { name: 'Decimal32(9, 2)', type: new arrow.Decimal(2, 9, 32), values: ['9999999.99', '-9999999.99', '0.00', '-0.01'] },
  { name: 'Decimal64(18, 6)', type: new arrow.Decimal(6, 18, 64), values: ['999999999999.999999', '-999999999999.999999', '0.000001'] },
  { name: 'Decimal128(38, 0)', type: new arrow.Decimal(0, 38, 128), values: ['9'.repeat(38), `-${'9'.repeat(38)}`, '0'] },
  { name: 'Decimal128(38, 38)', type: new arrow.Decimal(38, 38, 128), values: [`0.${'9'.repeat(38)}`, `-0.${'9'.repeat(38)}`] },
  {
    name: 'Decimal256(76, 20)',
    type: new arrow.Decimal(20, 76, 256),
    values: [`${'9'.repeat(56)}.${'9'.repeat(20)}`, `-1.${'0'.repeat(20)}`],
  },
  { name: 'Utf8', type: new arrow.Utf8(), values: TEXTS },
  { name: 'LargeUtf8', type: new arrow.LargeUtf8(), values: TEXTS },
  { name: 'Utf8View', type: new arrow.Utf8View(), values: TEXTS },
  { name: 'Binary', type: new arrow.Binary(), values: BYTES },
  { name: 'LargeBinary', type: new arrow.LargeBinary(), values: BYTES },
  { name: 'BinaryView', type: new arrow.BinaryView(), values: BYTES },
  { name: 'FixedSizeBinary(4)', type: new arrow.FixedSizeBinary(4), values: [new Uint8Array(4), Uint8Array.of(1, 255, 0, 128)] },
];

const timestamps = (unit: string, type: (zone: string | null) => arrow.DataType, texts: readonly string[]): BindableType[] => [
  { name: `Timestamp(${unit})`, type: type(null), values: texts },
  ...['UTC', 'Europe/Rome', '+02:00'].map((zone) => ({
    name: `Timestamp(${unit}, "${zone}")`,
    type: type(zone),
    values: texts.map((text) => `${text}Z`),
  })),
];

const temporal: readonly BindableType[] = [
  { name: 'Date32', type: new arrow.DateDay(), values: DATES },
  { name: 'Date64', type: new arrow.DateMillisecond(), values: DATES },
  { name: 'Time32(s)', type: new arrow.TimeSecond(), values: ['00:00:00', '23:59:59'] },
  { name: 'Time32(ms)', type: new arrow.TimeMillisecond(), values: ['00:00:00.000', '23:59:59.999'] },
  { name: 'Time64(µs)', type: new arrow.TimeMicrosecond(), values: ['00:00:00.000001', '23:59:59.999999'] },
  { name: 'Time64(ns)', type: new arrow.TimeNanosecond(), values: ['00:00:00.000000001', '23:59:59.999999999'] },
  ...timestamps('s', (zone) => new arrow.TimestampSecond(zone), ['1970-01-01T00:00:00', '0001-01-01T00:00:00', '9999-12-31T23:59:59']),
  ...timestamps('ms', (zone) => new arrow.TimestampMillisecond(zone), ['0001-01-01T00:00:00.001', '9999-12-31T23:59:59.999']),
  ...timestamps('µs', (zone) => new arrow.TimestampMicrosecond(zone), ['0001-01-01T00:00:00.000001', '9999-12-31T23:59:59.999999']),
  // From the first nanosecond that 64 bits reach to the last.
  ...timestamps('ns', (zone) => new arrow.TimestampNanosecond(zone), [
    '1677-09-21T00:12:43.145224192',
    '2262-04-11T23:47:16.854775807',
    '1969-12-31T23:59:59.999999999',
  ]),
  { name: 'Duration(s)', type: new arrow.DurationSecond(), values: DURATIONS },
  { name: 'Duration(ms)', type: new arrow.DurationMillisecond(), values: DURATIONS },
  { name: 'Duration(µs)', type: new arrow.DurationMicrosecond(), values: DURATIONS },
  { name: 'Duration(ns)', type: new arrow.DurationNanosecond(), values: DURATIONS },
  { name: 'Interval(YearMonth)', type: new arrow.IntervalYearMonth(), values: numbers(bits(32)).map((months) => ({ months })) },
  {
    name: 'Interval(DayTime)',
    type: new arrow.IntervalDayTime(),
    values: numbers(bits(32)).map((days) => ({ days, milliseconds: -1 - days })),
  },
  {
    name: 'Interval(MonthDayNano)',
    type: new arrow.IntervalMonthDayNano(),
    values: bits(64).map((nanoseconds, at) => ({ months: at - 2 ** 31, days: 2 ** 31 - 1 - at, nanoseconds })),
  },
];

const keyed = new arrow.Struct([new arrow.Field('key', new arrow.Utf8(), false), nullable('value', new arrow.Int32())]);

const nested: readonly BindableType[] = [
  { name: 'List(Int32)', type: new arrow.List(item(new arrow.Int32())), values: [[1, null, -3], [], [null]] },
  // arrow-flight 59 announces large lists as lists, and sends them so; 60 does not any more.
  {
    name: 'LargeList(Utf8)',
    type: new arrow.LargeList(item(new arrow.Utf8())),
    values: [['a', null, 'é'], []],
    returned: 'List<Utf8>',
  },
  {
    name: 'FixedSizeList(3 x Int32)',
    type: new arrow.FixedSizeList(3, item(new arrow.Int32())),
    values: [
      [1, 2, 3],
      [null, 0, null],
    ],
  },
  {
    name: 'List(List(Float64))',
    type: new arrow.List(item(new arrow.List(item(new arrow.Float64())))),
    values: [[[0.5, null], null, []], []],
  },
  {
    name: 'Struct("a": Int64, "b": List(Utf8))',
    type: new arrow.Struct([nullable('a', new arrow.Int64()), nullable('b', new arrow.List(item(new arrow.Utf8())))]),
    values: [
      { a: 1n, b: ['x', null] },
      { a: null, b: null },
    ],
  },
  {
    name: 'Map("entries": non-null Struct("key": non-null Utf8, "value": Int32), unsorted)',
    type: new arrow.Map_(new arrow.Field('entries', keyed, false), false),
    values: [
      [
        ['a', 1],
        ['b', null],
      ],
      [],
    ],
  },
];

const alternatives = [nullable('a', new arrow.Int32()), nullable('b', new arrow.Utf8())];

const others: readonly BindableType[] = [
  { name: 'Null', type: new arrow.Null(), values: [] },
  {
    name: 'Union(Dense, 0: ("a": Int32), 1: ("b": Utf8))',
    type: new arrow.DenseUnion([0, 1], alternatives),
    values: [1, 'x', -(2 ** 31)],
  },
  { name: 'Union(Sparse, 3: ("a": Int32), 5: ("b": Utf8))', type: new arrow.SparseUnion([3, 5], alternatives), values: ['', 1] },
];

export const BINDABLE: readonly BindableType[] = [...plain, ...temporal, ...nested, ...others];

/** Types whose parameters this client sends as those of another one, which DataFusion keeps as it is, and then cannot sort. */
export const NOT_KEPT: readonly BindableType[] = [
  { name: 'Dictionary(Int32, Utf8)', type: new arrow.Utf8(), values: ['text'] },
  { name: 'RunEndEncoded("run_ends": non-null Int32, "values": Utf8)', type: new arrow.Utf8(), values: ['text'] },
  { name: 'ListView(Int32)', type: new arrow.List(item(new arrow.Int32())), values: [[1, null]] },
];
