//! The checks on values themselves: offsets, indices, views, run ends, type ids. [`super::validate`] says which apply to which array.

use std::collections::HashSet;

use arrow_schema::DataType;

use super::bitmap::Validity;
use super::buffers::Number;
use super::schema::Node;
use super::utf8;
use crate::error::{Error, Result};

/// Bit 63 stands for a negative index, so that one comparison finds both kinds of bad ones.
pub(super) fn sign(negative: bool) -> u64 {
    u64::from(negative) << 63
}

pub(super) fn first_beyond(
    bytes: &[u8],
    length: usize,
    validity: Validity<'_>,
    widen: impl Fn(u8) -> u64,
    most: Option<u64>,
    limit: usize,
) -> Option<usize> {
    let limit = most.map_or(limit as u64, |most| (limit as u64).min(most + 1));
    bytes[..length.min(bytes.len())].iter().enumerate().position(|(row, value)| widen(*value) >= limit && validity.is_valid(row))
}

pub(super) fn first_beyond_in<T: Number>(values: &[T], validity: Validity<'_>, widen: impl Fn(T) -> u64, limit: usize) -> Option<usize> {
    let limit = limit as u64;
    // Without a branch on validity, so that it vectorises; the exact look follows only where something was found.
    let any = values.iter().fold(false, |any, value| any | (widen(*value) >= limit));
    if !any {
        return None;
    }
    values.iter().enumerate().position(|(row, value)| widen(*value) >= limit && validity.is_valid(row))
}

pub(super) fn check_variable<O: Number + Into<i64> + PartialOrd>(
    offsets: &[O],
    data: &[u8],
    utf8: bool,
    validity: Validity<'_>,
) -> Result<()> {
    if offsets.is_empty() {
        return Ok(());
    }
    check_offsets(offsets, data.len())?;
    if utf8 { utf8::check_strings(data, offsets, validity) } else { Ok(()) }
}

/// Offsets must not fall, must not be negative, and must not pass the end.
pub(super) fn check_offsets<O: Number + Into<i64> + PartialOrd>(offsets: &[O], end: usize) -> Result<()> {
    let falls = offsets.windows(2).fold(false, |falls, pair| falls | (pair[1] < pair[0]));
    if falls {
        let row = offsets.windows(2).position(|pair| pair[1] < pair[0]).unwrap_or(0);
        return Err(Error::data(format!("the offsets fall behind row {row}")));
    }
    if let (Some(first), Some(last)) = (offsets.first(), offsets.last()) {
        let (first, last): (i64, i64) = ((*first).into(), (*last).into());
        if first < 0 {
            return Err(Error::data(format!("the offsets begin at {first}, which is negative")));
        }
        if last as u64 > end as u64 {
            return Err(Error::data(format!("the offsets end at {last} where there are {end} values")));
        }
    }
    Ok(())
}

pub(super) fn check_list_views<O: Number + Into<i64>>(offsets: &[O], sizes: &[O], length: usize, end: usize) -> Result<()> {
    for (row, (offset, size)) in offsets.iter().zip(sizes).take(length).enumerate() {
        let (offset, size): (i64, i64) = ((*offset).into(), (*size).into());
        let fits = offset >= 0 && size >= 0 && offset.checked_add(size).is_some_and(|last| last as u64 <= end as u64);
        if !fits {
            return Err(Error::data(format!("row {row} of a list view takes {size} values from {offset} on where there are {end}")));
        }
    }
    Ok(())
}

pub(super) fn check_run_ends<O: Number + Into<i64>>(ends: &[O], length: usize) -> Result<()> {
    let mut last = 0_i64;
    for end in ends {
        let end: i64 = (*end).into();
        if end <= last {
            return Err(Error::data(format!("a run ends at {end} behind one that ends at {last}")));
        }
        last = end;
    }
    if (last as u64) < length as u64 {
        return Err(Error::data(format!("the runs end at {last} where the array has {length} values")));
    }
    Ok(())
}

pub(super) fn check_view(view: &[u8; 16], data: &[&[u8]], strings: &mut ViewStrings<'_>, is_valid: bool, row: usize) -> Result<()> {
    let word = |at: usize| i32::from_le_bytes([view[at], view[at + 1], view[at + 2], view[at + 3]]);
    let length = usize::try_from(word(0)).map_err(|_| Error::data(format!("the view in row {row} has a negative length")))?;
    if length <= 12 {
        // The format asks for it, and comparisons of whole views rely on it.
        if view[4 + length..].iter().any(|byte| *byte != 0) {
            return Err(Error::data(format!("the view in row {row} is not padded with zeros")));
        }
        return if strings.utf8 && is_valid { utf8::check_string(&view[4..4 + length], row) } else { Ok(()) };
    }
    let (buffer, offset) = (word(8), word(12));
    let found = usize::try_from(buffer).ok().and_then(|buffer| Some((buffer, data.get(buffer)?)));
    let Some((buffer, bytes)) = found else {
        return Err(Error::data(format!("the view in row {row} is in data buffer {buffer} where there are {}", data.len())));
    };
    let string = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..offset.checked_add(length)?)).ok_or_else(|| {
        Error::data(format!("the view in row {row} takes {length} bytes from {offset} on of a data buffer of {} bytes", bytes.len()))
    })?;
    if string[..4] != view[4..8] {
        return Err(Error::data(format!("the view in row {row} has another prefix than its string")));
    }
    if is_valid { strings.check(buffer, offset as usize, string, row) } else { Ok(()) }
}

/// The UTF-8 of strings that views show. A buffer that is valid as a whole is looked at once, however many views share it.
pub(super) struct ViewStrings<'a> {
    utf8: bool,
    /// By data buffer: its bytes, where it is valid as a whole.
    valid: Vec<Option<&'a [u8]>>,
    /// Strings of other buffers that were checked.
    checked: HashSet<(usize, usize, usize)>,
    /// How many bytes of those may still be looked at.
    budget: usize,
}

impl<'a> ViewStrings<'a> {
    /// How often the bytes of a buffer may be looked at where it is not valid as a whole.
    const LOOKS: usize = 64;

    pub(super) fn new(data: &[&'a [u8]], utf8: bool) -> Self {
        let is_valid = |bytes: &&'a [u8]| (!utf8 || simdutf8::basic::from_utf8(bytes).is_ok()).then_some(*bytes);
        let total: usize = data.iter().map(|bytes| bytes.len()).sum();
        let budget = total.saturating_mul(Self::LOOKS).saturating_add(16 << 20);
        Self { utf8, valid: data.iter().map(is_valid).collect(), checked: HashSet::new(), budget }
    }

    fn check(&mut self, buffer: usize, offset: usize, string: &[u8], row: usize) -> Result<()> {
        if !self.utf8 {
            return Ok(());
        }
        if let Some(whole) = self.valid[buffer] {
            let cuts = |at: usize| whole.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
            return if cuts(offset) || cuts(offset + string.len()) { utf8::check_string(string, row) } else { Ok(()) };
        }
        if !self.checked.insert((buffer, offset, string.len())) {
            return Ok(());
        }
        self.budget = self
            .budget
            .checked_sub(string.len())
            .ok_or_else(|| Error::data(format!("the views up to row {row} overlap so much that their strings cannot be checked")))?;
        utf8::check_string(string, row)
    }
}

/// The type ids of a union's children, in their order.
pub fn union_ids(node: &Node) -> Vec<i8> {
    match node.field.data_type() {
        DataType::Union(fields, _) => fields.iter().map(|(id, _)| id).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn check_type_ids(node: &Node, ids: &[u8]) -> Result<()> {
    let mut known = [false; 256];
    for id in union_ids(node) {
        known[usize::from(id as u8)] = true;
    }
    match ids.iter().position(|id| !known[usize::from(*id)]) {
        None => Ok(()),
        Some(row) => Err(Error::data(format!("row {row} of a union has type id {}, which it does not declare", ids[row] as i8))),
    }
}
