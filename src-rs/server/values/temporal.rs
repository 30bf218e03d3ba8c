//! Dates, times and timestamps from the ways in which SQLite holds them: ISO 8601 text, Unix seconds, Julian days.

use arrow_schema::TimeUnit;

use super::cell::Cell;

const DAY: i64 = 86_400;
const NANOS: i64 = 1_000_000_000;

/// What SQLite takes for a Unix time: the years 0 to 9999.
const UNIX_SECONDS: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// The Julian day of 1970-01-01T00:00, and the last one that SQLite takes.
const JULIAN_EPOCH: f64 = 2_440_587.5;
const LAST_JULIAN_DAY: f64 = 5_373_484.5;

/// Days since 1970-01-01 of `YYYY-MM-DD`.
pub(super) fn date(cell: &Cell<'_>) -> Option<i32> {
    let Cell::Text(bytes) = cell else {
        return None;
    };
    let mut reader = Reader(bytes.trim_ascii());
    let days = reader.date()?;
    reader.is_at_end().then(|| i32::try_from(days).ok())?
}

/// `HH:MM[:SS[.fraction]]` in `unit` since midnight.
pub(super) fn time(cell: &Cell<'_>, unit: TimeUnit) -> Option<i64> {
    let Cell::Text(bytes) = cell else {
        return None;
    };
    let mut reader = Reader(bytes.trim_ascii());
    let (seconds, nanos) = reader.clock()?;
    reader.is_at_end().then(|| in_unit(seconds, nanos, unit))?
}

/// A timestamp in `unit` since 1970-01-01T00:00 UTC.
///
/// Text is `YYYY-MM-DD`, alone or followed by `T` or a space, a time, and possibly `Z` or an offset, which is taken
/// off as SQLite's own functions do. An integer counts as Unix seconds and a real as a Julian day in whole
/// milliseconds, which is what SQLite's documentation lays down.
pub(super) fn timestamp(cell: &Cell<'_>, unit: TimeUnit) -> Option<i64> {
    match cell {
        Cell::Text(bytes) => {
            let (seconds, nanos) = instant(bytes.trim_ascii())?;
            in_unit(seconds, nanos, unit)
        }
        Cell::Integer(seconds) if UNIX_SECONDS.contains(seconds) => in_unit(*seconds, 0, unit),
        Cell::Real(day) if (0.0..LAST_JULIAN_DAY).contains(day) => {
            let millis = ((day - JULIAN_EPOCH) * (DAY * 1000) as f64).round() as i64;
            in_unit(millis.div_euclid(1000), millis.rem_euclid(1000) * 1_000_000, unit)
        }
        _ => None,
    }
}

fn instant(text: &[u8]) -> Option<(i64, i64)> {
    let mut reader = Reader(text);
    let days = reader.date()?;
    if reader.is_at_end() {
        return Some((days * DAY, 0));
    }
    if !reader.take(b'T') && !reader.take(b' ') {
        return None;
    }
    let (seconds, nanos) = reader.clock()?;
    let offset = reader.offset()?;
    reader.is_at_end().then_some((days * DAY + seconds - offset, nanos))
}

/// `None` if the unit is too coarse for the nanoseconds, or its range too small for the seconds.
fn in_unit(seconds: i64, nanos: i64, unit: TimeUnit) -> Option<i64> {
    let per_second = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => NANOS,
    };
    let nanos_per_unit = NANOS / per_second;
    if nanos % nanos_per_unit != 0 {
        return None;
    }
    let value = i128::from(seconds) * i128::from(per_second) + i128::from(nanos / nanos_per_unit);
    i64::try_from(value).ok()
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years from a first of March,
/// so that the leap day is the last of its year.
fn days_of_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Takes text apart from its front.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, byte: u8) -> bool {
        match self.0 {
            [first, rest @ ..] if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// A number of exactly `count` digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let mut value = 0;
        for digit in digits {
            value = value * 10 + i64::from(char::from(*digit).to_digit(10)?);
        }
        self.0 = rest;
        Some(value)
    }

    fn date(&mut self) -> Option<i64> {
        let negative = self.take(b'-');
        let year = self.digits(4)?;
        let year = if negative { -year } else { year };
        let month = self.take(b'-').then(|| self.digits(2))??;
        let day = self.take(b'-').then(|| self.digits(2))??;
        let is_a_day = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        is_a_day.then(|| days_of_civil(year, month, day))
    }

    /// Seconds and nanoseconds since midnight.
    fn clock(&mut self) -> Option<(i64, i64)> {
        let hour = self.digits(2)?;
        let minute = self.take(b':').then(|| self.digits(2))??;
        let mut second = 0;
        let mut nanos = 0;
        if self.take(b':') {
            second = self.digits(2)?;
            if self.take(b'.') {
                nanos = self.fraction()?;
            }
        }
        let is_a_time = hour < 24 && minute < 60 && second < 60;
        is_a_time.then_some((hour * 3600 + minute * 60 + second, nanos))
    }

    /// Digits behind the second; beyond nanoseconds they must be zeros.
    fn fraction(&mut self) -> Option<i64> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let (kept, dropped) = digits.split_at_checked(9).unwrap_or((digits, &[]));
        if kept.is_empty() || dropped.iter().any(|digit| *digit != b'0') {
            return None;
        }
        let value = kept.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        Some(value * 10i64.pow(9 - kept.len() as u32))
    }

    /// Seconds east of UTC: nothing, `Z`, `+HH:MM`, `+HHMM` or `+HH`.
    fn offset(&mut self) -> Option<i64> {
        if self.is_at_end() || self.take(b'Z') || self.take(b'z') {
            return Some(0);
        }
        let sign = match (self.take(b'+'), self.take(b'-')) {
            (true, false) => 1,
            (false, true) => -1,
            _ => return None,
        };
        let hours = self.digits(2)?;
        let minutes = if self.take(b':') || !self.is_at_end() { self.digits(2)? } else { 0 };
        (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell<'_> {
        Cell::Text(text.as_bytes())
    }

    #[test]
    fn dates_are_days_since_1970() {
        for (given, expected) in [
            ("1970-01-01", Some(0)),
            ("1969-12-31", Some(-1)),
            ("2000-02-29", Some(11_016)),
            ("2024-12-31", Some(20_088)),
            ("0000-01-01", Some(-719_528)),
            ("-0001-12-31", Some(-719_529)),
            ("9999-12-31", Some(2_932_896)),
            ("2023-02-29", None),
            ("1900-02-29", None),
            ("2024-13-01", None),
            ("2024-00-01", None),
            ("2024-1-1", None),
            ("2024-01-01T00:00", None),
            ("", None),
        ] {
            assert_eq!(date(&text(given)), expected, "{given}");
        }
        assert_eq!(date(&Cell::Integer(0)), None);
    }

    #[test]
    fn times_are_units_since_midnight() {
        let micros = TimeUnit::Microsecond;
        for (given, unit, expected) in [
            ("00:00", micros, Some(0)),
            ("23:59:59.999999", micros, Some(86_399_999_999)),
            ("12:34:56.7", TimeUnit::Millisecond, Some(45_296_700)),
            ("12:34:56.7891", TimeUnit::Millisecond, None),
            ("12:34:56.123456789", TimeUnit::Nanosecond, Some(45_296_123_456_789)),
            ("12:34:56.1234567891", TimeUnit::Nanosecond, None),
            ("12:34:56.12345600000", micros, Some(45_296_123_456)),
            ("24:00:00", micros, None),
            ("12:60", micros, None),
            ("12:34:56.", micros, None),
            ("12", micros, None),
            ("12:34 ", micros, Some(45_240_000_000)),
        ] {
            assert_eq!(time(&text(given), unit), expected, "{given}");
        }
    }

    #[test]
    fn timestamps_are_units_since_1970_in_utc() {
        let micros = TimeUnit::Microsecond;
        for (cell, unit, expected) in [
            (text("1970-01-01"), micros, Some(0)),
            (text("1970-01-01 00:00:00.000001"), micros, Some(1)),
            (text("1969-12-31T23:59:59.999999"), micros, Some(-1)),
            (text("2024-02-29T12:34:56.123456Z"), micros, Some(1_709_210_096_123_456)),
            (text("2024-02-29T12:34:56+02:00"), TimeUnit::Second, Some(1_709_202_896)),
            (text("2024-02-29T12:34:56-0530"), TimeUnit::Second, Some(1_709_229_896)),
            (text("2024-02-29T12:34:56+02"), TimeUnit::Second, Some(1_709_202_896)),
            (text("2024-02-29 12:34:56.000000001"), TimeUnit::Nanosecond, Some(1_709_210_096_000_000_001)),
            (text("2024-02-29 12:34:56.000000001"), micros, None),
            (text("2262-04-11T23:47:16.854775807"), TimeUnit::Nanosecond, Some(i64::MAX)),
            (text("2262-04-11T23:47:16.854775808"), TimeUnit::Nanosecond, None),
            (text("9999-12-31 23:59:59"), micros, Some(253_402_300_799_000_000)),
            (text("2024-02-29x12:00"), micros, None),
            (text("2024-02-29 12:00 CET"), micros, None),
            (text("now"), micros, None),
            (Cell::Integer(1_700_000_000), micros, Some(1_700_000_000_000_000)),
            (Cell::Integer(1_700_000_000_000), micros, None),
            (Cell::Real(2_440_587.5), micros, Some(0)),
            (Cell::Real(2_460_000.75), TimeUnit::Millisecond, Some(1_677_304_800_000)),
            (Cell::Real(1_700_000_000.0), micros, None),
            (Cell::Blob(b"1970-01-01"), micros, None),
        ] {
            assert_eq!(timestamp(&cell, unit), expected, "{cell}");
        }
    }
}
