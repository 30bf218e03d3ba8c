//! Numbers and booleans from the ways in which SQLite holds them.

use arrow_array::types::{ArrowPrimitiveType, Float16Type};

use super::cell::Cell;

pub(super) fn boolean(cell: &Cell<'_>) -> Option<bool> {
    match cell {
        Cell::Integer(0) => Some(false),
        Cell::Integer(1) => Some(true),
        Cell::Text(text) if text.eq_ignore_ascii_case(b"false") => Some(false),
        Cell::Text(text) if text.eq_ignore_ascii_case(b"true") => Some(true),
        _ => None,
    }
}

/// A real that is a whole number counts, as it does when SQLite stores one in an INTEGER column.
pub(super) fn integer(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Integer(value) => Some(*value),
        Cell::Real(value) => exact_integer(*value),
        _ => None,
    }
}

fn exact_integer(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    ((-LIMIT..LIMIT).contains(&value) && value.fract() == 0.0).then_some(value as i64)
}

/// An integer counts if it has a double of its own.
pub(super) fn double(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Real(value) => Some(*value),
        Cell::Integer(value) => {
            let double = *value as f64;
            (exact_integer(double) == Some(*value)).then_some(double)
        }
        _ => None,
    }
}

/// The nearest single: that is what declaring FLOAT4 asks for. Only what is out of its range does not fit.
pub(super) fn single(cell: &Cell<'_>) -> Option<f32> {
    let double = double(cell)?;
    let single = double as f32;
    (single.is_finite() || !double.is_finite()).then_some(single)
}

/// The nearest half, in the same way.
pub(super) fn half(cell: &Cell<'_>) -> Option<<Float16Type as ArrowPrimitiveType>::Native> {
    let double = double(cell)?;
    let half = <Float16Type as ArrowPrimitiveType>::Native::from_f64(double);
    (half.is_finite() || !double.is_finite()).then_some(half)
}
