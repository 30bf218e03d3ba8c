//! Which types of values `CAST` makes of which others.

use std::collections::BTreeMap;

use arrow_flight::sql::SqlSupportsConvert;
use arrow_flight::sql::SqlSupportsConvert::{
    SqlConvertBigint, SqlConvertBinary, SqlConvertBit, SqlConvertChar, SqlConvertDate, SqlConvertDecimal, SqlConvertFloat,
    SqlConvertInteger, SqlConvertLongvarbinary, SqlConvertLongvarchar, SqlConvertNumeric, SqlConvertReal, SqlConvertSmallint,
    SqlConvertTime, SqlConvertTimestamp, SqlConvertTinyint, SqlConvertVarbinary, SqlConvertVarchar,
};

const NUMBERS: [SqlSupportsConvert; 9] = [
    SqlConvertBit,
    SqlConvertTinyint,
    SqlConvertSmallint,
    SqlConvertInteger,
    SqlConvertBigint,
    SqlConvertReal,
    SqlConvertFloat,
    SqlConvertDecimal,
    SqlConvertNumeric,
];
const TEXTS: [SqlSupportsConvert; 3] = [SqlConvertChar, SqlConvertVarchar, SqlConvertLongvarchar];
const BINARIES: [SqlSupportsConvert; 3] = [SqlConvertBinary, SqlConvertVarbinary, SqlConvertLongvarbinary];
const TIMES: [SqlSupportsConvert; 3] = [SqlConvertDate, SqlConvertTime, SqlConvertTimestamp];

/// What a cast to a number makes: SQLite knows no narrower integer and no shorter float, and does not round to digits.
const CAST_NUMBERS: [SqlSupportsConvert; 3] = [SqlConvertBigint, SqlConvertFloat, SqlConvertNumeric];

/// SQLite takes `BINARY` and `VARBINARY` in a cast for numbers, so that `BLOB` is left.
const CAST_BINARY: SqlSupportsConvert = SqlConvertLongvarbinary;

/// From each type to those that `CAST` makes of it without changing what the value means. Nothing becomes a date or a
/// time, as to SQLite those words mean a number.
pub(super) fn conversions() -> BTreeMap<i32, Vec<i32>> {
    let mut conversions = BTreeMap::new();
    for (from, to) in [
        (&NUMBERS[..], [&CAST_NUMBERS[..], &TEXTS].concat()),
        (&TEXTS, [&CAST_NUMBERS[..], &TEXTS, &[CAST_BINARY]].concat()),
        (&BINARIES, [&TEXTS[..], &[CAST_BINARY]].concat()),
        (&TIMES, TEXTS.to_vec()),
    ] {
        let mut to: Vec<_> = to.into_iter().map(|to| to as i32).collect();
        to.sort_unstable();
        for from in from {
            conversions.insert(*from as i32, to.clone());
        }
    }
    conversions
}
