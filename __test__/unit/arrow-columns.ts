import * as arrow from 'apache-arrow';
import fc from 'fast-check';

/** A column type with values to test it with: what rows make of them by default, and how Arrow stores them. */
export interface ColumnModel {
  readonly type: arrow.DataType;
  /** A value that is not null, as a row has it. */
  readonly value: fc.Arbitrary<unknown>;
  /** A column of values, of which some may be null. */
  data(values: readonly unknown[]): arrow.Data;
}

export function bitmapOf(values: readonly unknown[], set: (value: unknown) => boolean = (value) => value !== null): Uint8Array {
  const bitmap = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (set(value)) bitmap[i >> 3] = (bitmap[i >> 3] as number) | (1 << (i & 7));
  });
  return bitmap;
}

export function validity(values: readonly unknown[]): { length: number; nullCount: number; nullBitmap?: Uint8Array } {
  const nullCount = values.filter((value) => value === null).length;
  return { length: values.length, nullCount, ...(nullCount > 0 ? { nullBitmap: bitmapOf(values) } : {}) };
}

type Words = { [index: number]: unknown };

function fixed<T>(
  type: arrow.DataType,
  value: fc.Arbitrary<T>,
  perValue: number,
  write: (values: Words, at: number, value: T) => void,
): ColumnModel {
  return {
    type,
    value,
    data(values) {
      // makeData takes the type's own array only, which its types cannot say here.
      const data = new (type.ArrayType as new (length: number) => Words)(values.length * perValue);
      values.forEach((entry, i) => {
        if (entry !== null) write(data, i * perValue, entry as T);
      });
      return arrow.makeData({ type, data, ...validity(values) } as never) as arrow.Data;
    },
  };
}

function plain<T>(type: arrow.DataType, value: fc.Arbitrary<T>): ColumnModel {
  return fixed(type, value, 1, (values, at, entry) => {
    values[at] = entry;
  });
}

const int = (bits: number, signed: boolean): fc.Arbitrary<number> =>
  fc.integer(signed ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 } : { min: 0, max: 2 ** bits - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const UNITS = ['s', 'ms', 'us', 'ns'] as const;
const FRACTION_DIGITS = [0, 3, 6, 9] as const;

/** Decimals are generated as text, from which the unscaled integer follows by dropping the point. */
export function decimal(bits: 32 | 64 | 128 | 256, precision: number, scale: number): ColumnModel {
  const digits = fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n });
  const text = digits.map((unscaled) => {
    const magnitude = String(unscaled < 0n ? -unscaled : unscaled).padStart(Math.max(scale, 0) + 1, '0');
    const split = magnitude.length - Math.max(scale, 0);
    const zeros = scale < 0 && unscaled !== 0n ? '0'.repeat(-scale) : '';
    return `${unscaled < 0n ? '-' : ''}${magnitude.slice(0, split)}${scale > 0 ? `.${magnitude.slice(split)}` : ''}${zeros}`;
  });
  const words = bits / 32;
  return fixed(new arrow.Decimal(scale, precision, bits), text, words, (values, at, entry) => {
    let unscaled = BigInt(entry.replace('.', ''));
    if (scale < 0) unscaled /= 10n ** BigInt(-scale);
    for (let i = 0; i < words; i++) values[at + i] = Number(BigInt.asUintN(32, unscaled >> BigInt(32 * i)));
  });
}

function timestamp(unit: 0 | 1 | 2 | 3, timezone: string | null): ColumnModel {
  // The range that both a Date and 64 bits of the unit reach.
  const span = unit === 3 ? 9_223_372_036 : 8_640_000_000_000;
  const perSecond = 10n ** BigInt(FRACTION_DIGITS[unit]);
  const value = fc.record({ second: fc.integer({ min: -span, max: span - 1 }), fraction: fc.bigInt({ min: 0n, max: perSecond - 1n }) });
  const text = value.map(({ second, fraction }) => {
    const whole = new Date(second * 1000).toISOString().slice(0, -5);
    const decimals = unit === 0 ? '' : `.${String(fraction).padStart(FRACTION_DIGITS[unit], '0')}`;
    return `${whole}${decimals}${timezone === null ? '' : 'Z'}`;
  });
  const Type = [arrow.TimestampSecond, arrow.TimestampMillisecond, arrow.TimestampMicrosecond, arrow.TimestampNanosecond][
    unit
  ] as never as new (
    zone: string | null,
  ) => arrow.DataType;
  return fixed(new Type(timezone), text, 1, (values, at, entry) => {
    const [whole, decimals] = entry.replace('Z', '').split('.') as [string, string?];
    values[at] = BigInt(Date.parse(`${whole}Z`) / 1000) * perSecond + BigInt(decimals ?? 0);
  });
}

function time(unit: 0 | 1 | 2 | 3): ColumnModel {
  const perSecond = 10 ** FRACTION_DIGITS[unit];
  const two = (n: number): string => String(n).padStart(2, '0');
  const text = fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(perSecond - 1)).map(([h, m, s, f]) => {
    return `${two(h)}:${two(m)}:${two(s)}${unit === 0 ? '' : `.${String(f).padStart(FRACTION_DIGITS[unit], '0')}`}`;
  });
  const Type = [arrow.TimeSecond, arrow.TimeMillisecond, arrow.TimeMicrosecond, arrow.TimeNanosecond][
    unit
  ] as never as new () => arrow.DataType;
  return fixed(new Type(), text, 1, (values, at, entry) => {
    const [clock, decimals] = entry.split('.') as [string, string?];
    const [h, m, s] = clock.split(':').map(Number) as [number, number, number];
    const count = (h * 3600 + m * 60 + s) * perSecond + Number(decimals ?? 0);
    values[at] = unit < 2 ? count : BigInt(count);
  });
}

const day = fc.integer({ min: -100_000_000, max: 100_000_000 });
const dayText = (days: number): string => {
  const text = new Date(days * 86_400_000).toISOString();
  return text.slice(0, text.indexOf('T'));
};

function variableWidth(
  type: arrow.DataType,
  value: fc.Arbitrary<unknown>,
  bytesOf: (value: unknown) => Uint8Array,
  large: boolean,
): ColumnModel {
  return {
    type,
    value,
    data(values) {
      const parts = values.map((entry) => (entry === null ? new Uint8Array(0) : bytesOf(entry)));
      // Value offsets need not begin at 0.
      const { offsets, bytes } = concatenate([new Uint8Array(3), ...parts]);
      const valueOffsets = large ? BigInt64Array.from(offsets.slice(1), BigInt) : Int32Array.from(offsets.slice(1));
      return arrow.makeData({ type, valueOffsets, data: bytes, ...validity(values) } as never) as arrow.Data;
    },
  };
}

function concatenate(parts: readonly Uint8Array[]): { offsets: number[]; bytes: Uint8Array } {
  const offsets = [0];
  for (const part of parts) offsets.push((offsets.at(-1) as number) + part.length);
  const bytes = new Uint8Array(offsets.at(-1) as number);
  for (const [i, part] of parts.entries()) bytes.set(part, offsets[i]);
  return { offsets, bytes };
}

function view(type: arrow.DataType, value: fc.Arbitrary<unknown>, bytesOf: (value: unknown) => Uint8Array): ColumnModel {
  return {
    type,
    value,
    data(values) {
      const views = new Uint8Array(values.length * 16);
      const words = new DataView(views.buffer);
      const outside: Uint8Array[][] = [[], []];
      values.forEach((entry, i) => {
        if (entry === null) return;
        const bytes = bytesOf(entry);
        words.setInt32(i * 16, bytes.length, true);
        views.set(bytes.subarray(0, bytes.length <= 12 ? 12 : 4), i * 16 + 4);
        if (bytes.length <= 12) return;
        const buffer = outside[i % 2] as Uint8Array[];
        words.setInt32(i * 16 + 8, i % 2, true);
        words.setInt32(
          i * 16 + 12,
          buffer.reduce((sum, part) => sum + part.length, 0),
          true,
        );
        buffer.push(bytes);
      });
      const variadicBuffers = outside.map((parts) => concatenate(parts).bytes);
      return arrow.makeData({ type, views, variadicBuffers, ...validity(values) } as never) as arrow.Data;
    },
  };
}

const text = fc.string({ unit: 'binary', maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 20 });
const utf8 = (value: unknown): Uint8Array => new TextEncoder().encode(value as string);
const itself = (value: unknown): Uint8Array => value as Uint8Array;

/** Every type without children. */
export const leaves: readonly ColumnModel[] = [
  {
    type: new arrow.Null(),
    value: fc.constant(null),
    data: (values) => arrow.makeData({ type: new arrow.Null(), length: values.length }) as arrow.Data,
  },
  {
    type: new arrow.Bool(),
    value: fc.boolean(),
    data: (values) =>
      arrow.makeData({ type: new arrow.Bool(), data: bitmapOf(values, (value) => value === true), ...validity(values) }) as arrow.Data,
  },
  plain(new arrow.Int8(), int(8, true)),
  plain(new arrow.Int16(), int(16, true)),
  plain(new arrow.Int32(), int(32, true)),
  plain(new arrow.Int64(), int64),
  plain(new arrow.Uint8(), int(8, false)),
  plain(new arrow.Uint16(), int(16, false)),
  plain(new arrow.Uint32(), int(32, false)),
  plain(new arrow.Uint64(), uint64),
  plain(new arrow.Float32(), fc.float()),
  plain(new arrow.Float64(), fc.double()),
  fixed(
    new arrow.Float16(),
    fc.constantFrom(
      0,
      -0,
      1,
      -2.5,
      65504,
      2 ** -24,
      2 ** -14,
      0.0999755859375,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ),
    1,
    (values, at, value) => {
      values[at] = Object.is(value, -0) ? 0x8000 : (halfBits.get(value) as number);
    },
  ),
  decimal(32, 9, 2),
  decimal(64, 18, 0),
  decimal(64, 18, 18),
  decimal(128, 38, 10),
  decimal(128, 15, -3),
  decimal(256, 76, 38),
  fixed(new arrow.DateDay(), day.map(dayText), 1, (values, at, value) => {
    values[at] = Date.parse(`${value}T00:00:00Z`) / 86_400_000;
  }),
  fixed(new arrow.DateMillisecond(), day.map(dayText), 1, (values, at, value) => {
    values[at] = BigInt(Date.parse(`${value}T00:00:00Z`));
  }),
  time(0),
  time(1),
  time(2),
  time(3),
  timestamp(0, null),
  timestamp(1, 'UTC'),
  timestamp(2, null),
  timestamp(3, 'Europe/Rome'),
  timestamp(3, null),
  ...UNITS.map((_, unit) => plain(new arrow.Duration(unit), int64)),
  fixed(new arrow.IntervalYearMonth(), fc.record({ months: int(32, true) }), 1, (values, at, value) => {
    values[at] = value.months;
  }),
  fixed(new arrow.IntervalDayTime(), fc.record({ days: int(32, true), milliseconds: int(32, true) }), 2, (values, at, value) => {
    values[at] = value.days;
    values[at + 1] = value.milliseconds;
  }),
  fixed(
    new arrow.IntervalMonthDayNano(),
    fc.record({ months: int(32, true), days: int(32, true), nanoseconds: int64 }),
    4,
    (values, at, value) => {
      values[at] = value.months;
      values[at + 1] = value.days;
      values[at + 2] = Number(BigInt.asIntN(32, value.nanoseconds));
      values[at + 3] = Number(BigInt.asIntN(32, value.nanoseconds >> 32n));
    },
  ),
  variableWidth(new arrow.Utf8(), text, utf8, false),
  variableWidth(new arrow.LargeUtf8(), text, utf8, true),
  variableWidth(new arrow.Binary(), bytes, itself, false),
  variableWidth(new arrow.LargeBinary(), bytes, itself, true),
  view(new arrow.Utf8View(), text, utf8),
  view(new arrow.BinaryView(), bytes, itself),
  fixed(new arrow.FixedSizeBinary(5), fc.uint8Array({ minLength: 5, maxLength: 5 }), 5, (values, at, value) => {
    (values as Uint8Array).set(value, at);
  }),
];

const halfBits = new Map<number, number>([
  [0, 0x0000],
  [1, 0x3c00],
  [-2.5, 0xc100],
  [65504, 0x7bff],
  [2 ** -24, 0x0001],
  [2 ** -14, 0x0400],
  [0.0999755859375, 0x2e66],
  [Number.POSITIVE_INFINITY, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
  [Number.NaN, 0x7e00],
]);
