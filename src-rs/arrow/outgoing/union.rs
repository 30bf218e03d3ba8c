//! Windows of dense unions: of each child what the rows point at, and offsets that count from there.

use std::ops::Range;

use super::OutgoingArray;
use super::body::short;
use crate::arrow::schema::Node;
use crate::arrow::value_checks::union_ids;
use crate::error::{Error, Result};

/// By child: its type id, and from the first to the last of its values that the rows point at.
pub(super) fn ranges(node: &Node, array: &OutgoingArray<'_>, rows: &Range<usize>) -> Result<Vec<(i8, Range<usize>)>> {
    let mut ranges: Vec<(i8, Option<Range<usize>>)> = union_ids(node).into_iter().map(|id| (id, None)).collect();
    for (id, offset) in values(array, rows)? {
        let Some(at) = ranges.iter().position(|(known, _)| *known == id) else {
            return Err(Error::data(format!("a union has the type id {id}, which its type does not declare")));
        };
        let range = ranges[at].1.get_or_insert(offset..offset + 1);
        *range = range.start.min(offset)..range.end.max(offset + 1);
        let length = array.children.get(at).map_or(0, |child| child.length);
        if offset >= length {
            return Err(Error::data(format!("a union points at value {offset} of a child that has {length}")));
        }
    }
    Ok(ranges.into_iter().map(|(id, range)| (id, range.unwrap_or(0..0))).collect())
}

/// The offsets of the rows, each from where its child's window begins.
pub(super) fn offsets(node: &Node, array: &OutgoingArray<'_>, rows: &Range<usize>) -> Result<Vec<i32>> {
    let ranges = ranges(node, array, rows)?;
    let base = |id: i8| ranges.iter().find(|(known, _)| *known == id).map_or(0, |(_, range)| range.start);
    Ok(values(array, rows)?.map(|(id, offset)| (offset - base(id)) as i32).collect())
}

fn values<'a>(array: &OutgoingArray<'a>, rows: &Range<usize>) -> Result<impl Iterator<Item = (i8, usize)> + use<'a>> {
    let (ids, (offsets, _)) = (array.buffers[0], array.buffers[1].as_chunks::<4>());
    let ids = ids.get(rows.clone()).ok_or_else(|| short(ids.len(), rows.end))?;
    let offsets = offsets.get(rows.clone()).ok_or_else(|| short(array.buffers[1].len(), rows.end.saturating_mul(4)))?;
    // A negative offset is beyond every child.
    Ok(ids.iter().zip(offsets).map(|(id, offset)| (*id as i8, i32::from_le_bytes(*offset) as u32 as usize)))
}
