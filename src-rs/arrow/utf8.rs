//! UTF-8 of string columns, at the cost that it must have: one vectorised pass, and per-string work only where a byte is not ASCII.

use super::bitmap::Validity;
use crate::error::{Error, Result};

/// Checks the strings that `offsets` cut out of `data`: valid UTF-8, each beginning and ending at a character. `offsets` have been
/// checked to rise and to lie within `data`.
pub fn check_strings<O: Copy + Into<i64>>(data: &[u8], offsets: &[O], validity: Validity<'_>) -> Result<()> {
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else {
        return Ok(());
    };
    let (first, last) = (index(*first), index(*last));
    let used = &data[first..last];
    if used.is_ascii() {
        return Ok(());
    }
    if simdutf8::basic::from_utf8(used).is_ok() {
        // Valid as a whole; each string is, if no offset points into a character. One at the very end may point at a byte that is no
        // longer part of the strings.
        let cuts = |offset: &O| index(*offset) < last && is_continuation(data[index(*offset)]);
        if !offsets.iter().any(cuts) {
            return Ok(());
        }
    }
    // Somewhere it is wrong; only what a valid row shows counts, as the bytes under a null are undefined.
    for (row, pair) in offsets.windows(2).enumerate() {
        if validity.is_valid(row) && simdutf8::basic::from_utf8(&data[index(pair[0])..index(pair[1])]).is_err() {
            return Err(invalid(row));
        }
    }
    Ok(())
}

/// Checks one string.
pub fn check_string(bytes: &[u8], row: usize) -> Result<()> {
    if bytes.is_ascii() || simdutf8::basic::from_utf8(bytes).is_ok() { Ok(()) } else { Err(invalid(row)) }
}

fn invalid(row: usize) -> Error {
    Error::data(format!("the string in row {row} is not valid UTF-8"))
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Offsets are checked not to be negative before anything here runs.
fn index<O: Into<i64>>(offset: O) -> usize {
    offset.into() as usize
}
