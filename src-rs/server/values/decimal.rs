//! Exact decimals from the ways in which SQLite holds numbers.

use arrow_buffer::i256;

use super::cell::Cell;

/// The digits of `cell` as an integer of `scale` digits behind the point, for up to 38 digits.
///
/// A real counts as the shortest decimal that reads back as the same real, which is how it is written and shown:
/// 0.1 is 0.1, and not the 55 digits of its binary value. `None` if a digit would be lost or is too many.
pub(super) fn to_i128(cell: &Cell<'_>, precision: u8, scale: i8) -> Option<i128> {
    let value = match cell {
        Cell::Integer(value) if scale >= 0 => i128::from(*value).checked_mul(power_of_ten(scale.unsigned_abs())?)?,
        Cell::Integer(value) => Digits::parse(value.to_string().as_bytes())?.to_i128(scale)?,
        Cell::Real(value) => short_real(*value, scale).or_else(|| Digits::of_real(*value)?.to_i128(scale))?,
        Cell::Text(bytes) => Digits::parse(bytes)?.to_i128(scale)?,
        Cell::Null | Cell::Blob(_) => return None,
    };
    (value.unsigned_abs() < power_of_ten(precision)?.unsigned_abs()).then_some(value)
}

/// The same for up to 76 digits.
pub(super) fn to_i256(cell: &Cell<'_>, precision: u8, scale: i8) -> Option<i256> {
    let digits = match cell {
        Cell::Integer(value) => Digits::parse(value.to_string().as_bytes())?,
        Cell::Real(value) => Digits::of_real(*value)?,
        Cell::Text(bytes) => Digits::parse(bytes)?,
        Cell::Null | Cell::Blob(_) => return None,
    };
    let text = digits.scaled(scale)?;
    if text.len() > usize::from(precision) {
        return None;
    }
    let value = if text.is_empty() { i256::ZERO } else { i256::from_string(&text)? };
    Some(if digits.negative { value.wrapping_neg() } else { value })
}

/// `unscaled × 10^-scale` as text, with as many digits behind the point as the scale says: what the two above read back.
pub(super) fn to_text(unscaled: &str, scale: i8) -> String {
    let (sign, digits) = match unscaled.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", unscaled),
    };
    let places = usize::from(scale.unsigned_abs());
    match scale {
        0 => unscaled.to_owned(),
        ..0 if digits == "0" => digits.to_owned(),
        ..0 => format!("{sign}{digits}{}", "0".repeat(places)),
        1.. => {
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            format!("{sign}{whole}.{fraction}")
        }
    }
}

fn power_of_ten(exponent: u8) -> Option<i128> {
    10i128.checked_pow(u32::from(exponent))
}

/// The usual case: up to 15 digits in all. So many digits name at most one real each, so that the one that divides
/// back to `value` is its shortest decimal.
fn short_real(value: f64, scale: i8) -> Option<i128> {
    const EXACT: f64 = 1e15;
    if !(0..=22).contains(&scale) {
        return None;
    }
    let power = 10f64.powi(i32::from(scale));
    let scaled = (value * power).round_ties_even();
    // Both operands are exact, so the quotient is the real that this decimal reads as.
    (scaled.abs() <= EXACT && scaled / power == value).then_some(scaled as i128)
}

/// A decimal number as its digits: `0.digits × 10^point`, without zeros at either end.
#[derive(Debug, PartialEq, Eq)]
struct Digits {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
}

impl Digits {
    /// Reads `[+-]digits[.digits][e[+-]digits]`, with spaces around it as SQLite allows them.
    fn parse(text: &[u8]) -> Option<Self> {
        let text = text.trim_ascii();
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let exponent_at = text.iter().position(|byte| matches!(byte, b'e' | b'E'));
        let (mantissa, exponent) = match exponent_at {
            Some(at) => (&text[..at], std::str::from_utf8(&text[at + 1..]).ok()?.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let point_at = mantissa.iter().position(|byte| *byte == b'.').unwrap_or(mantissa.len());
        let whole = &mantissa[..point_at];
        let fraction = mantissa.get(point_at + 1..).unwrap_or_default();
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let digits: Vec<u8> = whole.iter().chain(fraction).copied().collect();
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        let trailing = digits[leading..].iter().rev().take_while(|digit| **digit == b'0').count();
        let point = i64::try_from(point_at).ok()? - i64::try_from(leading).ok()? + i64::from(exponent);
        Some(Self { negative, digits: digits[leading..digits.len() - trailing].to_vec(), point })
    }

    fn of_real(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        Self::parse(format!("{value:e}").as_bytes())
    }

    /// The digits of the number times `10^scale`, without zeros in front; `None` if that has a fraction, or more
    /// digits than any decimal type.
    fn scaled(&self, scale: i8) -> Option<String> {
        if self.digits.is_empty() {
            return Some(String::new());
        }
        let len = usize::try_from(self.point + i64::from(scale)).ok()?;
        if len < self.digits.len() || len > 76 {
            return None;
        }
        let mut text = String::from_utf8(self.digits.clone()).ok()?;
        text.extend(std::iter::repeat_n('0', len - self.digits.len()));
        Some(text)
    }

    fn to_i128(&self, scale: i8) -> Option<i128> {
        let text = self.scaled(scale)?;
        let value: i128 = if text.is_empty() { 0 } else { text.parse().ok()? };
        Some(if self.negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_kept_or_the_value_is_refused() {
        let text = |text: &'static str| Cell::Text(text.as_bytes());
        for (cell, precision, scale, expected) in [
            (Cell::Integer(12), 10, 2, Some(1200)),
            (Cell::Integer(-12), 4, 2, Some(-1200)),
            (Cell::Integer(100), 4, 2, None),
            (Cell::Integer(i64::MAX), 19, 0, Some(i128::from(i64::MAX))),
            (Cell::Integer(i64::MIN), 38, 19, Some(i128::from(i64::MIN) * 10i128.pow(19))),
            (Cell::Integer(i64::MIN), 38, 20, None),
            (Cell::Real(12.34), 10, 2, Some(1234)),
            (Cell::Real(12.345), 10, 2, None),
            (Cell::Real(0.1 + 0.2), 10, 2, None),
            (Cell::Real(0.1 + 0.2), 38, 17, Some(30_000_000_000_000_004)),
            (Cell::Real(-0.0), 10, 2, Some(0)),
            (Cell::Real(1e20), 38, 0, Some(100_000_000_000_000_000_000)),
            (Cell::Real(123_456_789_012_345.67), 20, 2, Some(12_345_678_901_234_567)),
            (Cell::Real(1e-30), 38, 30, Some(1)),
            (Cell::Real(f64::INFINITY), 38, 0, None),
            (Cell::Real(1e300), 38, 0, None),
            (text("12.340"), 4, 2, Some(1234)),
            (text(" -0.5 "), 4, 2, Some(-50)),
            (text("+.5"), 4, 2, Some(50)),
            (text("5."), 4, 2, Some(500)),
            (text("1.5e3"), 10, 2, Some(150_000)),
            (text("15E-1"), 10, 1, Some(15)),
            (text("1.234"), 10, 2, None),
            (text("12000"), 5, -3, Some(12)),
            (text("-12000"), 2, -3, Some(-12)),
            (text("12000"), 1, -3, None),
            (text("12001"), 5, -3, None),
            (Cell::Integer(12_000), 5, -3, Some(12)),
            (Cell::Integer(12_100), 5, -3, None),
            (Cell::Real(12_000.0), 5, -3, Some(12)),
            (Cell::Integer(0), 5, -3, Some(0)),
            (text("99999999999999999999999999999999999999"), 38, 0, Some(10i128.pow(38) - 1)),
            (text("100000000000000000000000000000000000000"), 38, 0, None),
            (text("0.00000000000000000000000000000000000001"), 38, 38, Some(1)),
            (text("000000000000000000000000000000000000000000000001"), 38, 0, Some(1)),
            (text("0e999999999"), 38, 0, Some(0)),
            (text("1e999999999"), 38, 0, None),
            (text("abc"), 10, 2, None),
            (text(""), 10, 2, None),
            (text("."), 10, 2, None),
            (text("1.2.3"), 10, 2, None),
            (Cell::Blob(b"1"), 10, 2, None),
        ] {
            assert_eq!(to_i128(&cell, precision, scale), expected, "{cell} as decimal({precision}, {scale})");
        }
    }

    #[test]
    fn text_has_every_digit_of_the_scale() {
        for (unscaled, scale, expected) in [
            ("0", 0, "0"),
            ("-12", 0, "-12"),
            ("150", 2, "1.50"),
            ("-5", 2, "-0.05"),
            ("0", 2, "0.00"),
            ("1", 38, "0.00000000000000000000000000000000000001"),
            ("12", -3, "12000"),
            ("-12", -1, "-120"),
            ("0", -3, "0"),
        ] {
            assert_eq!(to_text(unscaled, scale), expected, "{unscaled} and {scale}");
        }
    }

    #[test]
    fn the_wide_decimals_are_as_exact() {
        let nines = "9".repeat(76);
        let cell = Cell::Text(nines.as_bytes());
        assert_eq!(to_i256(&cell, 76, 0), i256::from_string(&nines));
        assert_eq!(to_i256(&cell, 75, 0), None);
        assert_eq!(to_i256(&Cell::Integer(-7), 76, 70), i256::from_string(&format!("-7{}", "0".repeat(70))));
        assert_eq!(to_i256(&Cell::Real(2.5), 40, 1), Some(i256::from_i128(25)));
        assert_eq!(to_i256(&Cell::Text(b"0.0"), 40, 1), Some(i256::ZERO));
    }
}
