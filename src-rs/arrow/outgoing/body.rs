//! Windows of arrays, copied into a body.

use std::ops::{Range, Sub};

use arrow_ipc::{Buffer, FieldNode};

use super::message::Head;
use super::rope::Rope;
use super::{OutgoingArray, union, views};
use crate::arrow::bitmap;
use crate::arrow::ipc_metadata::BodyParts;
use crate::arrow::schema::{Dictionary, Kind, Node};
use crate::error::{Error, Result};
use crate::flight::memory::ALIGNMENT;

/// What is smaller is copied in any case: to be told of one more place costs the kernel more.
const LENT: usize = 2 << 10;

/// A body, and what it is.
pub(super) struct Plain<'a> {
    pub(super) head: Head,
    pub(super) body: Rope<'a>,
    pub(super) parts: BodyParts,
}

/// Appends the bodies of `rows`: halves of them, and halves of these, where a body would pass `limit`.
///
/// With `lends` they have large buffers where the caller has them.
pub(super) fn batches<'a>(
    nodes: &[Node],
    columns: &[OutgoingArray<'a>],
    rows: Range<usize>,
    limit: usize,
    lends: bool,
    out: &mut Vec<Plain<'a>>,
) -> Result<()> {
    let size = columns.iter().zip(nodes).try_fold(0, |sum, (column, node)| Ok(sum + size(node, column, &rows)?))?;
    if size > limit && rows.len() > 1 {
        let middle = rows.start + rows.len() / 2;
        batches(nodes, columns, rows.start..middle, limit, lends, out)?;
        return batches(nodes, columns, middle..rows.end, limit, lends, out);
    }
    let mut body = Body::new(size, lends)?;
    for (node, column) in nodes.iter().zip(columns) {
        body.array(node, column, &rows).map_err(|error| error.in_column(node.field.name()))?;
    }
    out.push(Plain { head: Head::Batch { rows: rows.len() }, body: body.rope, parts: body.parts });
    Ok(())
}

/// Appends the bodies of some of a dictionary's values. Where a body would pass `limit` they are halves, of which the second adds to the first.
pub(super) fn dictionaries<'a>(
    dictionary: &Dictionary,
    values: &OutgoingArray<'a>,
    rows: Range<usize>,
    is_delta: bool,
    limit: usize,
    out: &mut Vec<Plain<'a>>,
) -> Result<()> {
    let size = size(&dictionary.values, values, &rows)?;
    if size > limit && rows.len() > 1 {
        let middle = rows.start + rows.len() / 2;
        dictionaries(dictionary, values, rows.start..middle, is_delta, limit, out)?;
        return dictionaries(dictionary, values, middle..rows.end, true, limit, out);
    }
    let mut body = Body::new(size, false)?;
    body.array(&dictionary.values, values, &rows)?;
    out.push(Plain { head: Head::Dictionary { id: dictionary.id, is_delta, values: rows.len() }, body: body.rope, parts: body.parts });
    Ok(())
}

/// What a window of an array takes in a body, at most.
fn size(node: &Node, array: &OutgoingArray<'_>, rows: &Range<usize>) -> Result<usize> {
    let count = rows.len();
    let own = match node.kind {
        Kind::Fixed(width) => count * width,
        Kind::Bool | Kind::SparseUnion => count,
        Kind::DenseUnion => count * 5,
        Kind::Dictionary(index) => count * index.bytes,
        Kind::View { .. } => count * 16 + views::data_bytes(array, rows)?,
        Kind::Variable { large, .. } => {
            let values = offsets(array, rows, large)?;
            values.len() + (count + 1) * if large { 8 } else { 4 }
        }
        Kind::List { large } => (count + 1) * if large { 8 } else { 4 },
        Kind::Map => (count + 1) * 4,
        _ => 0,
    };
    let children = children(node, array, rows)?
        .iter()
        .zip(node.children.iter().zip(&array.children))
        .try_fold(0, |sum, (rows, (child, values))| Ok::<_, Error>(sum + size(child, values, rows)?))?;
    // Validity, and padding.
    Ok(own + count.div_ceil(8) + 4 * ALIGNMENT + children)
}

/// Which rows of each child belong to `rows` of their parent.
fn children(node: &Node, array: &OutgoingArray<'_>, rows: &Range<usize>) -> Result<Vec<Range<usize>>> {
    let range = match node.kind {
        Kind::List { large } => offsets(array, rows, large)?,
        Kind::Map => offsets(array, rows, false)?,
        Kind::FixedSizeList(size) => rows.start * size..rows.end * size,
        Kind::DenseUnion => return Ok(union::ranges(node, array, rows)?.into_iter().map(|(_, range)| range).collect()),
        _ => rows.clone(),
    };
    Ok(vec![range; node.children.len()])
}

/// From the first to the last value that the rows point at.
fn offsets(array: &OutgoingArray<'_>, rows: &Range<usize>, large: bool) -> Result<Range<usize>> {
    if rows.is_empty() {
        return Ok(0..0);
    }
    let bytes = array.buffers[1];
    let (first, last) = (offset(bytes, rows.start, large)?, offset(bytes, rows.end, large)?);
    if first > last {
        return Err(Error::data("the offsets fall"));
    }
    Ok(first..last)
}

fn offset(bytes: &[u8], at: usize, large: bool) -> Result<usize> {
    let value = if large {
        bytes.as_chunks::<8>().0.get(at).map(|bytes| i64::from_le_bytes(*bytes))
    } else {
        bytes.as_chunks::<4>().0.get(at).map(|bytes| i64::from(i32::from_le_bytes(*bytes)))
    };
    let value = value.ok_or_else(|| Error::data("there are fewer offsets than values"))?;
    usize::try_from(value).map_err(|_| Error::data(format!("an offset is {value}, which is negative")))
}

/// A body in the making.
#[derive(Default)]
struct Body<'a> {
    rope: Rope<'a>,
    parts: BodyParts,
    /// Whether large buffers are sent from where they lie.
    lends: bool,
}

impl<'a> Body<'a> {
    /// A body of `size` bytes at most.
    fn new(size: usize, lends: bool) -> Result<Self> {
        let rope = if lends { Rope::default() } else { Rope::with_capacity(size)? };
        Ok(Self { rope, parts: BodyParts::default(), lends })
    }

    fn array(&mut self, node: &Node, array: &OutgoingArray<'a>, rows: &Range<usize>) -> Result<()> {
        if rows.end > array.length {
            return Err(Error::data(format!("an array has {} values where {} are needed", array.length, rows.end)));
        }
        let at = self.parts.nodes.len();
        self.parts.nodes.push(FieldNode::default());
        let nulls = match node.kind {
            Kind::Null => rows.len(),
            Kind::DenseUnion | Kind::SparseUnion => 0,
            _ => self.validity(array, rows)?,
        };
        self.parts.nodes[at] = FieldNode::new(rows.len() as i64, nulls as i64);
        self.buffers(node, array, rows)?;
        let ranges = children(node, array, rows)?;
        for (rows, (child, values)) in ranges.iter().zip(node.children.iter().zip(&array.children)) {
            self.array(child, values, rows).map_err(|error| error.in_column(child.field.name()))?;
        }
        Ok(())
    }

    /// Everything behind validity.
    fn buffers(&mut self, node: &Node, array: &OutgoingArray<'a>, rows: &Range<usize>) -> Result<()> {
        let buffer = |at: usize| array.buffers[at];
        match node.kind {
            Kind::Bool => self.bits(buffer(1), array.bit_offset + rows.start, rows.len()),
            Kind::Fixed(width) => self.values(buffer(1), rows, width),
            Kind::Dictionary(index) => self.values(buffer(1), rows, index.bytes),
            Kind::Variable { large, .. } => {
                self.offsets(array, rows, large)?;
                let range = offsets(array, rows, large)?;
                self.values(buffer(2), &range, 1)
            }
            Kind::List { large } => self.offsets(array, rows, large),
            Kind::Map => self.offsets(array, rows, false),
            Kind::View { .. } => {
                let (views, data) = views::window(array, rows)?;
                self.buffer(|bytes| bytes.extend_from_slice(&views));
                data.iter().for_each(|data| self.buffer(|bytes| bytes.extend_from_slice(data)));
                self.parts.variadic.push(data.len() as i64);
                Ok(())
            }
            Kind::SparseUnion => self.values(buffer(0), rows, 1),
            Kind::DenseUnion => {
                self.values(buffer(0), rows, 1)?;
                let offsets = union::offsets(node, array, rows)?;
                self.buffer(|bytes| bytes.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes())));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The nulls among the rows. Without any the bitmap is left out.
    fn validity(&mut self, array: &OutgoingArray<'_>, rows: &Range<usize>) -> Result<usize> {
        let bits = array.buffers[0];
        if !bits.is_empty() {
            let before = self.parts.length;
            self.bits(bits, array.bit_offset + rows.start, rows.len())?;
            let own = self.parts.length - before;
            let nulls = bitmap::count_zeros(self.rope.last(own), rows.len());
            if nulls > 0 {
                return Ok(nulls);
            }
            self.rope.take_back(own);
            self.parts.length = before;
            self.parts.buffers.pop();
        }
        self.buffer(|_| ());
        Ok(0)
    }

    fn bits(&mut self, bits: &[u8], start: usize, count: usize) -> Result<()> {
        if count == 0 {
            self.buffer(|_| ());
            return Ok(());
        }
        let needed = (start + count).div_ceil(8);
        let bits = bits.get(start / 8..needed).ok_or_else(|| short(bits.len(), needed))?;
        let shift = start % 8;
        self.buffer(|bytes| {
            let whole = bytes.len() + count.div_ceil(8);
            if shift == 0 {
                bytes.extend_from_slice(&bits[..count.div_ceil(8)]);
            } else {
                let next = bits.iter().skip(1).chain(std::iter::once(&0));
                bytes.extend(bits.iter().zip(next).map(|(low, high)| low >> shift | high << (8 - shift)));
                bytes.truncate(whole);
            }
            // What lies behind the last bit is somebody else's.
            if !count.is_multiple_of(8)
                && let Some(last) = bytes.last_mut()
            {
                *last &= (1 << (count % 8)) - 1;
            }
        });
        Ok(())
    }

    fn values(&mut self, values: &'a [u8], rows: &Range<usize>, width: usize) -> Result<()> {
        let range = rows.start.checked_mul(width).zip(rows.end.checked_mul(width));
        let (start, end) = range.ok_or_else(|| Error::data("an array is larger than memory"))?;
        // An array without values may have no buffer.
        let values = if start == end { &[][..] } else { values.get(start..end).ok_or_else(|| short(values.len(), end))? };
        self.plain(values);
        Ok(())
    }

    /// Offsets that begin at 0.
    fn offsets(&mut self, array: &OutgoingArray<'a>, rows: &Range<usize>, large: bool) -> Result<()> {
        offsets(array, rows, large)?;
        if rows.is_empty() {
            self.buffer(|bytes| bytes.extend_from_slice(&[0; 8][..if large { 8 } else { 4 }]));
            return Ok(());
        }
        // Their number was checked with the last of them.
        let all = rows.start..rows.end + 1;
        if large {
            self.rebased(&array.buffers[1].as_chunks::<8>().0[all], i64::from_le_bytes, i64::to_le_bytes)
        } else {
            self.rebased(&array.buffers[1].as_chunks::<4>().0[all], i32::from_le_bytes, i32::to_le_bytes)
        }
    }

    /// Appends offsets as they are from the first of them on, by plain loops over all of them, which compilers make vectors of. The last is known to be no
    /// less than the first.
    fn rebased<const N: usize, T: Copy + Ord + Sub<Output = T>>(
        &mut self,
        offsets: &'a [[u8; N]],
        from: impl Fn([u8; N]) -> T,
        to: impl Fn(T) -> [u8; N],
    ) -> Result<()> {
        let Some(&first) = offsets.first() else { return Ok(()) };
        if offsets.iter().zip(&offsets[1..]).fold(false, |falls, (one, next)| falls | (from(*next) < from(*one))) {
            return Err(Error::data("the offsets fall"));
        }
        if from(first) == from([0; N]) {
            self.plain(offsets.as_flattened());
            return Ok(());
        }
        self.buffer(|bytes| {
            let start = bytes.len();
            bytes.extend_from_slice(offsets.as_flattened());
            bytes[start..].as_chunks_mut::<N>().0.iter_mut().for_each(|offset| *offset = to(from(*offset) - from(first)));
        });
        Ok(())
    }

    /// Appends a buffer that is sent as it is.
    fn plain(&mut self, values: &'a [u8]) {
        if self.lends && values.len() >= LENT {
            self.append(values.len(), |rope| rope.lend(values));
        } else {
            self.buffer(|bytes| bytes.extend_from_slice(values));
        }
    }

    /// Appends one buffer, which `write` writes.
    fn buffer(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.rope.own().len();
        write(self.rope.own());
        let length = self.rope.own().len() - before;
        self.append(length, |_| ());
    }

    /// Notes a buffer of so many bytes, which `append` appends, and appends its padding.
    fn append(&mut self, length: usize, append: impl FnOnce(&mut Rope<'a>)) {
        append(&mut self.rope);
        self.parts.buffers.push(Buffer::new(self.parts.length as i64, length as i64));
        let padded = length.next_multiple_of(ALIGNMENT);
        let own = self.rope.own();
        own.resize(own.len() + padded - length, 0);
        self.parts.length += padded;
    }
}

pub(super) fn short(there: usize, needed: usize) -> Error {
    Error::data(format!("a buffer has {there} bytes where {needed} are needed"))
}
