//! Lengths that a message claims, as sizes in memory, and how they are wrong.

use crate::error::{Error, Result};

pub(super) fn product(count: usize, width: usize) -> Result<usize> {
    count.checked_mul(width).ok_or_else(|| Error::data(format!("an array of {count} values of {width} bytes is larger than memory")))
}

pub(super) fn to_usize(value: i64, what: &str) -> Result<usize> {
    usize::try_from(value).map_err(|_| Error::data(format!("an array has a {what} of {value}, which is negative")))
}

pub(super) fn short(what: &str, there: usize, needed: usize) -> Error {
    Error::data(format!("a buffer of {what} has {there} bytes where {needed} are needed"))
}

pub(super) fn misaligned(width: usize) -> Error {
    Error::data(format!("a buffer of {width}-byte numbers is not aligned to them"))
}
