//! Dates, times and timestamps as the text that SQLite's own functions write, and that `temporal.rs` reads back.

use arrow_schema::TimeUnit;

const DAY: i64 = 86_400;
const NANOS: i64 = 1_000_000_000;

/// `YYYY-MM-DD` of days since 1970-01-01; `None` outside of the years -9999 to 9999.
pub(super) fn date(days: i64) -> Option<String> {
    let (year, month, day) = civil_of_days(days);
    let sign = if year < 0 { "-" } else { "" };
    (-9999..=9999).contains(&year).then(|| format!("{sign}{:04}-{month:02}-{day:02}", year.abs()))
}

/// `HH:MM:SS` and a fraction if there is one, of units since midnight; `None` outside of a day.
pub(super) fn time(value: i64, unit: TimeUnit) -> Option<String> {
    let (seconds, nanos) = split(value, unit);
    (0..DAY).contains(&seconds).then(|| clock(seconds, nanos))
}

/// `YYYY-MM-DD HH:MM:SS` and a fraction if there is one, of units since 1970-01-01T00:00; `None` outside of the
/// years -9999 to 9999.
///
/// UTC is not marked by a `Z`: SQLite's `CURRENT_TIMESTAMP` has none either, and text that is equal, or sorted, has
/// to be written alike.
pub(super) fn timestamp(value: i64, unit: TimeUnit) -> Option<String> {
    let (seconds, nanos) = split(value, unit);
    let date = date(seconds.div_euclid(DAY))?;
    Some(format!("{date} {}", clock(seconds.rem_euclid(DAY), nanos)))
}

fn split(value: i64, unit: TimeUnit) -> (i64, i64) {
    let per_second = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => NANOS,
    };
    (value.div_euclid(per_second), value.rem_euclid(per_second) * (NANOS / per_second))
}

/// The fraction has 3, 6 or 9 digits, as few as hold it, so that equal times of any unit are equal as text.
fn clock(seconds: i64, nanos: i64) -> String {
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let whole = format!("{hour:02}:{minute:02}:{second:02}");
    match nanos {
        0 => whole,
        _ if nanos % 1_000_000 == 0 => format!("{whole}.{:03}", nanos / 1_000_000),
        _ if nanos % 1_000 == 0 => format!("{whole}.{:06}", nanos / 1_000),
        _ => format!("{whole}.{nanos:09}"),
    }
}

/// Year, month and day in the proleptic Gregorian calendar, counted in eras of 400 years from a first of March.
fn civil_of_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::values::cell::Cell;
    use crate::server::values::temporal;

    #[test]
    fn every_day_is_read_back_as_itself() {
        for days in (-4_371_587..=2_932_896).step_by(97).chain([-719_529, -719_528, -1, 0, 11_016, 19_782]) {
            let text = date(days).unwrap_or_default();
            assert_eq!(temporal::date(&Cell::Text(text.as_bytes())).map(i64::from), Some(days), "{text}");
        }
        assert_eq!(date(19_782).as_deref(), Some("2024-02-29"));
        assert_eq!((date(2_932_897), date(-4_371_588), date(i64::from(i32::MIN))), (None, None, None));
    }

    #[test]
    fn fractions_are_as_short_as_they_can_be_in_steps_of_three_digits() {
        for (value, unit, expected) in [
            (1_709_210_096, TimeUnit::Second, Some("2024-02-29 12:34:56")),
            (1_709_210_096_000, TimeUnit::Millisecond, Some("2024-02-29 12:34:56")),
            (1_709_210_096_500_000, TimeUnit::Microsecond, Some("2024-02-29 12:34:56.500")),
            (1_709_210_096_123_456_000, TimeUnit::Nanosecond, Some("2024-02-29 12:34:56.123456")),
            (-1, TimeUnit::Nanosecond, Some("1969-12-31 23:59:59.999999999")),
            (i64::MIN, TimeUnit::Nanosecond, Some("1677-09-21 00:12:43.145224192")),
            (i64::MAX, TimeUnit::Microsecond, None),
            (i64::MIN, TimeUnit::Second, None),
        ] {
            let text = timestamp(value, unit);
            assert_eq!(text.as_deref(), expected);
            if let Some(text) = text {
                assert_eq!(temporal::timestamp(&Cell::Text(text.as_bytes()), unit), Some(value), "{text}");
            }
        }
    }

    #[test]
    fn times_are_within_a_day() {
        assert_eq!(time(86_399_999_999_999, TimeUnit::Nanosecond).as_deref(), Some("23:59:59.999999999"));
        assert_eq!(time(0, TimeUnit::Second).as_deref(), Some("00:00:00"));
        assert_eq!((time(86_400, TimeUnit::Second), time(-1, TimeUnit::Millisecond)), (None, None));
    }
}
