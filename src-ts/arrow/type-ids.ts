/**
 * The numbers of Arrow's types and units, as the Arrow format and apache-arrow's `Type` have them.
 *
 * They are repeated here so that what only looks at a Table (exact accessors, rows) needs no apache-arrow of its own: it works on objects of
 * any copy, and importing this package does not load one.
 */
export const TypeId = {
  Null: 1,
  Int: 2,
  Float: 3,
  Binary: 4,
  Utf8: 5,
  Bool: 6,
  Decimal: 7,
  Date: 8,
  Time: 9,
  Timestamp: 10,
  Interval: 11,
  List: 12,
  Struct: 13,
  Union: 14,
  FixedSizeBinary: 15,
  FixedSizeList: 16,
  Map: 17,
  Duration: 18,
  LargeBinary: 19,
  LargeUtf8: 20,
  LargeList: 21,
  BinaryView: 23,
  Utf8View: 24,
  Dictionary: -1,
} as const;

export const TimeUnitId = { Second: 0, Millisecond: 1, Microsecond: 2, Nanosecond: 3 } as const;
export const IntervalUnitId = { YearMonth: 0, DayTime: 1, MonthDayNano: 2 } as const;
export const DateUnitId = { Day: 0, Millisecond: 1 } as const;
export const PrecisionId = { Half: 0, Single: 1, Double: 2 } as const;
export const UnionModeId = { Sparse: 0, Dense: 1 } as const;
