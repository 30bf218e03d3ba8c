//! Checks a record batch of the wire against its schema and says where its arrays lie. Nothing is copied.
//!
//! What passes can be read without further checks, by JavaScript's typed arrays and by arrow-rs's unchecked constructors alike: every
//! buffer lies in the body and is as long as its array needs, offsets rise and stay within their data, strings are UTF-8, indices stay
//! within their dictionary, union type ids exist. The bytes under a null are free to be anything, except where a reader follows them
//! without looking at validity (offsets, views).

use arrow_ipc::{FieldNode, MetadataVersion, RecordBatch};
use arrow_schema::DataType;

use super::bitmap::{self, Validity};
use super::buffers::{Number, numbers};
use super::layout::{ArrayNode, BufferRange, ColumnLayout, Source};
use super::lengths::{misaligned, product, short, to_usize};
use super::schema::{IndexKind, Kind, Node};
use super::value_checks::{
    ViewStrings, check_list_views, check_offsets, check_run_ends, check_type_ids, check_variable, check_view, first_beyond,
    first_beyond_in, sign, union_ids,
};
use crate::error::{Error, Result};

/// A cursor over the nodes and buffers of one message.
pub struct Validator<'a> {
    body: &'a [u8],
    moved: &'a [u8],
    ranges: &'a [BufferRange],
    nodes: flatbuffers_nodes::Nodes<'a>,
    variadic: Option<flatbuffers_nodes::Counts<'a>>,
    version: MetadataVersion,
    /// Lengths of the dictionaries that have come so far, by slot.
    dictionaries: &'a [Option<usize>],
    next_node: usize,
    next_buffer: usize,
    next_variadic: usize,
}

/// The flatbuffer vectors by short names.
mod flatbuffers_nodes {
    pub(super) type Nodes<'a> = flatbuffers::Vector<'a, arrow_ipc::FieldNode>;
    pub(super) type Counts<'a> = flatbuffers::Vector<'a, i64>;
}

/// As many as 32-bit offsets can point at.
const MOST_NESTED_NULLS: usize = i32::MAX as usize;

/// What is known of the array under check before its own buffers are looked at.
struct Head<'a> {
    length: usize,
    null_count: usize,
    validity: Validity<'a>,
    validity_range: BufferRange,
}

impl<'a> Validator<'a> {
    /// `ranges` are the message's buffers as they lie in `body`, or in `moved`.
    ///
    /// # Errors
    /// `INVALID_DATA` where the batch has no nodes.
    pub fn new(
        batch: &RecordBatch<'a>,
        version: MetadataVersion,
        body: &'a [u8],
        moved: &'a [u8],
        ranges: &'a [BufferRange],
        dictionaries: &'a [Option<usize>],
    ) -> Result<Self> {
        let nodes = batch.nodes().ok_or_else(|| Error::data("a record batch has no list of nodes"))?;
        Ok(Self {
            body,
            moved,
            ranges,
            nodes,
            variadic: batch.variadicBufferCounts(),
            version,
            dictionaries,
            next_node: 0,
            next_buffer: 0,
            next_variadic: 0,
        })
    }

    /// Checks the next column, which must have `rows` rows where that is known, and appends its layout.
    ///
    /// # Errors
    /// `INVALID_DATA`, naming the column.
    pub fn column(&mut self, node: &Node, rows: Option<usize>, out: &mut ColumnLayout) -> Result<()> {
        self.array(node, rows, out).map_err(|error| error.in_column(node.field.name()))
    }

    /// Checks that the message holds nothing beyond the columns that were read.
    ///
    /// # Errors
    /// `INVALID_DATA` where it does.
    pub fn finish(&self) -> Result<()> {
        let left_over = |what: &str, used: usize, there: usize| {
            Err(Error::data(format!("a record batch has {there} {what} where its schema needs {used}")))
        };
        if self.next_node != self.nodes.len() {
            return left_over("nodes", self.next_node, self.nodes.len());
        }
        if self.next_buffer != self.ranges.len() {
            return left_over("buffers", self.next_buffer, self.ranges.len());
        }
        Ok(())
    }

    fn array(&mut self, node: &Node, expected: Option<usize>, out: &mut ColumnLayout) -> Result<()> {
        let wire = self.take_node()?;
        let length = to_usize(wire.length(), "length")?;
        if let Some(expected) = expected
            && length != expected
        {
            return Err(Error::data(format!("an array has {length} values where {expected} are right")));
        }
        // No bytes stand behind the length of such an array, so that nothing else bounds it.
        if expected.is_none() && node.kind == Kind::Null && length > MOST_NESTED_NULLS {
            return Err(Error::data(format!("a nested array claims {length} nulls, where {MOST_NESTED_NULLS} are possible")));
        }
        let at = out.nodes.len();
        let first_buffer = out.buffers.len();
        out.nodes.push(ArrayNode { length, null_count: 0, buffers: 0 });
        let has_validity = match node.kind {
            Kind::Null | Kind::RunEndEncoded => false,
            // Version 4 of the format gave unions a validity bitmap.
            Kind::DenseUnion | Kind::SparseUnion => {
                if self.version < MetadataVersion::V5 {
                    self.skip_union_validity(wire.null_count())?;
                }
                false
            }
            _ => true,
        };
        let head = if has_validity {
            let head = self.validity(length, wire.null_count())?;
            out.buffers.push(head.validity_range);
            head
        } else {
            let null_count = if node.kind == Kind::Null { length } else { 0 };
            Head { length, null_count, validity: Validity(None), validity_range: BufferRange::ABSENT }
        };
        self.buffers(node, &head, out)?;
        out.nodes[at].null_count = head.null_count;
        out.nodes[at].buffers = out.buffers.len() - first_buffer;
        self.children(node, at, first_buffer, &head, out)
    }

    /// The array's own buffers behind validity.
    fn buffers(&mut self, node: &Node, head: &Head<'a>, out: &mut ColumnLayout) -> Result<()> {
        match node.kind {
            Kind::Null | Kind::RunEndEncoded | Kind::Struct | Kind::FixedSizeList(_) => Ok(()),
            Kind::Bool => {
                let range = self.take_at_least(head.length.div_ceil(8), "values")?;
                out.buffers.push(range);
                Ok(())
            }
            Kind::Fixed(width) => {
                let range = self.take_at_least(product(head.length, width)?, "values")?;
                out.buffers.push(range);
                Ok(())
            }
            Kind::Variable { large, utf8 } => {
                let (offsets, data) = (self.take_offsets(head.length, large, out)?, self.take()?);
                out.buffers.push(data);
                let data = self.bytes(data);
                if large {
                    check_variable::<i64>(self.numbers(offsets)?, data, utf8, head.validity)
                } else {
                    check_variable::<i32>(self.numbers(offsets)?, data, utf8, head.validity)
                }
            }
            Kind::View { utf8 } => self.views(utf8, head, out),
            Kind::List { large } => {
                self.take_offsets(head.length, large, out)?;
                Ok(())
            }
            Kind::Map => {
                self.take_offsets(head.length, false, out)?;
                Ok(())
            }
            Kind::ListView { large } => {
                let width = if large { 8 } else { 4 };
                let bytes = product(head.length, width)?;
                for what in ["offsets", "sizes"] {
                    let range = self.take_at_least(bytes, what)?;
                    out.buffers.push(range);
                }
                Ok(())
            }
            Kind::DenseUnion => {
                let ids = self.take_at_least(head.length, "type ids")?;
                let offsets = self.take_at_least(product(head.length, 4)?, "offsets")?;
                out.buffers.extend([ids, offsets]);
                Ok(())
            }
            Kind::SparseUnion => {
                let ids = self.take_at_least(head.length, "type ids")?;
                out.buffers.push(ids);
                Ok(())
            }
            Kind::Dictionary(index) => {
                let range = self.take_at_least(product(head.length, index.bytes)?, "indices")?;
                out.buffers.push(range);
                self.indices(node, index, self.bytes(range), head)
            }
        }
    }

    fn children(&mut self, node: &Node, at: usize, first_buffer: usize, head: &Head<'a>, out: &mut ColumnLayout) -> Result<()> {
        let nested = |error: Error, child: &Node| error.in_column(&format!("{}.{}", node.field.name(), child.field.name()));
        match node.kind {
            Kind::Struct | Kind::SparseUnion => {
                for child in &node.children {
                    self.array(child, Some(head.length), out).map_err(|error| nested(error, child))?;
                }
                if node.kind == Kind::SparseUnion {
                    let ids = self.bytes(out.buffers[first_buffer]);
                    check_type_ids(node, &ids[..head.length])?;
                }
                Ok(())
            }
            Kind::DenseUnion => {
                let mut lengths = [None; 128];
                for (child, id) in node.children.iter().zip(union_ids(node)) {
                    let child_at = out.nodes.len();
                    self.array(child, None, out).map_err(|error| nested(error, child))?;
                    if let Ok(id) = usize::try_from(id) {
                        lengths[id] = Some(out.nodes[child_at].length);
                    }
                }
                let ids = &self.bytes(out.buffers[first_buffer])[..head.length];
                let offsets = self.numbers::<i32>(out.buffers[first_buffer + 1])?;
                check_type_ids(node, ids)?;
                for (row, (id, offset)) in ids.iter().zip(offsets).enumerate() {
                    let length = lengths.get(usize::from(*id)).copied().flatten().unwrap_or(0);
                    if usize::try_from(*offset).map_or(true, |offset| offset >= length) {
                        return Err(Error::data(format!("row {row} of a union points at value {offset} of a child that has {length}")));
                    }
                }
                Ok(())
            }
            Kind::List { large } => self.list_child(node, large, at, first_buffer + 1, out),
            Kind::Map => {
                let entries_at = out.nodes.len();
                self.list_child(node, false, at, first_buffer + 1, out)?;
                let key_nulls = out.nodes[entries_at + 1].null_count;
                if out.nodes[entries_at].null_count > 0 || key_nulls > 0 {
                    return Err(Error::data("a map has null entries or null keys, which it must not"));
                }
                Ok(())
            }
            Kind::FixedSizeList(size) => {
                let child = &node.children[0];
                self.array(child, Some(product(head.length, size)?), out).map_err(|error| nested(error, child))
            }
            Kind::ListView { large } => {
                let child = &node.children[0];
                let child_at = out.nodes.len();
                self.array(child, None, out).map_err(|error| nested(error, child))?;
                let length = out.nodes[child_at].length;
                let (offsets, sizes) = (out.buffers[first_buffer + 1], out.buffers[first_buffer + 2]);
                if large {
                    check_list_views(self.numbers::<i64>(offsets)?, self.numbers::<i64>(sizes)?, head.length, length)
                } else {
                    check_list_views(self.numbers::<i32>(offsets)?, self.numbers::<i32>(sizes)?, head.length, length)
                }
            }
            Kind::RunEndEncoded => self.runs(node, head, out),
            _ => Ok(()),
        }
    }

    fn list_child(&mut self, node: &Node, large: bool, at: usize, offsets: usize, out: &mut ColumnLayout) -> Result<()> {
        let child = &node.children[0];
        let child_at = out.nodes.len();
        self.array(child, None, out).map_err(|error| error.in_column(&format!("{}.{}", node.field.name(), child.field.name())))?;
        let (rows, length) = (out.nodes[at].length, out.nodes[child_at].length);
        if rows == 0 {
            return Ok(());
        }
        let offsets = out.buffers[offsets];
        if large { check_offsets::<i64>(self.numbers(offsets)?, length) } else { check_offsets::<i32>(self.numbers(offsets)?, length) }
    }

    fn runs(&mut self, node: &Node, head: &Head<'a>, out: &mut ColumnLayout) -> Result<()> {
        let [ends, values] = &node.children[..] else {
            return Err(Error::data("a run-end encoded array needs two children"));
        };
        let ends_at = out.nodes.len();
        let ends_buffer = out.buffers.len() + 1;
        self.array(ends, None, out)?;
        let runs = out.nodes[ends_at].length;
        if out.nodes[ends_at].null_count > 0 {
            return Err(Error::data("run ends are null, which they must not be"));
        }
        let range = out.buffers[ends_buffer];
        match ends.field.data_type() {
            DataType::Int16 => check_run_ends::<i16>(&self.numbers(range)?[..runs], head.length)?,
            DataType::Int32 => check_run_ends::<i32>(&self.numbers(range)?[..runs], head.length)?,
            _ => check_run_ends::<i64>(&self.numbers(range)?[..runs], head.length)?,
        }
        self.array(values, Some(runs), out).map_err(|error| error.in_column(&format!("{}.{}", node.field.name(), values.field.name())))
    }

    fn views(&mut self, utf8: bool, head: &Head<'a>, out: &mut ColumnLayout) -> Result<()> {
        let views = self.take_at_least(product(head.length, 16)?, "views")?;
        out.buffers.push(views);
        let count = self
            .variadic
            .filter(|counts| self.next_variadic < counts.len())
            .map(|counts| counts.get(self.next_variadic))
            .ok_or_else(|| Error::data("a record batch does not say how many data buffers a view column has"))?;
        self.next_variadic += 1;
        let count = to_usize(count, "number of data buffers")?;
        if count > self.ranges.len() {
            return Err(Error::data(format!("a view column claims {count} data buffers where the message has {}", self.ranges.len())));
        }
        let first = out.buffers.len();
        for _ in 0..count {
            let range = self.take()?;
            out.buffers.push(range);
        }
        let data: Vec<&[u8]> = out.buffers[first..].iter().map(|range| self.bytes(*range)).collect();
        let mut strings = ViewStrings::new(&data, utf8);
        let (views, _) = self.bytes(views).as_chunks::<16>();
        for (row, view) in views[..head.length].iter().enumerate() {
            check_view(view, &data, &mut strings, head.validity.is_valid(row), row)?;
        }
        Ok(())
    }

    fn indices(&self, node: &Node, index: IndexKind, bytes: &[u8], head: &Head<'a>) -> Result<()> {
        let slot = node.dictionary.as_ref().map_or(usize::MAX, |dictionary| dictionary.slot);
        let known = self.dictionaries.get(slot).copied().flatten();
        let limit = known.unwrap_or(0);
        let bad = match (index.bytes, index.signed) {
            (1, _) => first_beyond(bytes, head.length, head.validity, |value: u8| u64::from(value), index.signed.then_some(0x7f), limit),
            (2, true) => first_beyond_in(self.plain::<i16>(bytes)?, head.validity, |value| value as u16 as u64 | sign(value < 0), limit),
            (2, false) => first_beyond_in(self.plain::<u16>(bytes)?, head.validity, u64::from, limit),
            (4, true) => first_beyond_in(self.plain::<i32>(bytes)?, head.validity, |value| value as u32 as u64 | sign(value < 0), limit),
            (4, false) => first_beyond_in(self.plain::<u32>(bytes)?, head.validity, u64::from, limit),
            (_, true) => first_beyond_in(self.plain::<i64>(bytes)?, head.validity, |value| value as u64, limit),
            (_, false) => first_beyond_in(self.plain::<u64>(bytes)?, head.validity, |value| value, limit),
        };
        match bad {
            None => Ok(()),
            Some(_) if known.is_none() => Err(Error::data("a batch refers to a dictionary that was never sent")),
            Some(row) => Err(Error::data(format!("row {row} has an index beyond its dictionary, which has {limit} values"))),
        }
    }

    /// The numbers of a non-empty buffer of this body.
    fn plain<T: Number>(&self, bytes: &'a [u8]) -> Result<&'a [T]> {
        if bytes.is_empty() {
            return Ok(&[]);
        }
        numbers(bytes).ok_or_else(|| misaligned(size_of::<T>()))
    }

    fn numbers<T: Number>(&self, range: BufferRange) -> Result<&'a [T]> {
        self.plain(self.bytes(range))
    }

    fn validity(&mut self, length: usize, null_count: i64) -> Result<Head<'a>> {
        let range = self.take()?;
        let needed = length.div_ceil(8);
        let absent = Head { length, null_count: 0, validity: Validity(None), validity_range: BufferRange::ABSENT };
        if null_count == 0 || length == 0 {
            return Ok(absent);
        }
        if range.length == 0 && null_count < 0 {
            return Ok(absent);
        }
        if range.length < needed {
            return Err(Error::data(format!(
                "an array of {length} values with {null_count} nulls has a validity bitmap of {} bytes where {needed} are needed",
                range.length
            )));
        }
        let bits = &self.bytes(range)[..needed];
        // Counted, not believed: a wrong count would show nulls as values, or values as nulls.
        let null_count = bitmap::count_zeros(bits, length);
        if null_count == 0 {
            return Ok(absent);
        }
        Ok(Head { length, null_count, validity: Validity(Some(bits)), validity_range: range })
    }

    fn skip_union_validity(&mut self, null_count: i64) -> Result<()> {
        self.take()?;
        if null_count > 0 {
            return Err(Error::data("a union of format version 4 has nulls of its own, which later versions cannot express"));
        }
        Ok(())
    }

    /// Offsets of `length` values; an array without values may leave them out.
    fn take_offsets(&mut self, length: usize, large: bool, out: &mut ColumnLayout) -> Result<BufferRange> {
        let width = if large { 8 } else { 4 };
        let range = self.take()?;
        if length == 0 {
            // One zero is right, nothing is common, and nobody looks.
            out.buffers.push(BufferRange::ABSENT);
            return Ok(BufferRange::ABSENT);
        }
        let needed = product(length + 1, width)?;
        if range.length < needed {
            return Err(short("offsets", range.length, needed));
        }
        let range = BufferRange { length: needed, ..range };
        out.buffers.push(range);
        Ok(range)
    }

    /// The next buffer, cut to the bytes that its array needs.
    fn take_at_least(&mut self, needed: usize, what: &str) -> Result<BufferRange> {
        let range = self.take()?;
        if range.length < needed {
            return Err(short(what, range.length, needed));
        }
        if needed == 0 {
            return Ok(BufferRange::ABSENT);
        }
        Ok(BufferRange { length: needed, ..range })
    }

    fn take(&mut self) -> Result<BufferRange> {
        let range = self
            .ranges
            .get(self.next_buffer)
            .copied()
            .ok_or_else(|| Error::data(format!("a record batch has {} buffers, fewer than its schema needs", self.ranges.len())))?;
        self.next_buffer += 1;
        Ok(range)
    }

    fn take_node(&mut self) -> Result<FieldNode> {
        if self.next_node >= self.nodes.len() {
            return Err(Error::data(format!("a record batch has {} nodes, fewer than its schema needs", self.nodes.len())));
        }
        self.next_node += 1;
        Ok(*self.nodes.get(self.next_node - 1))
    }

    fn bytes(&self, range: BufferRange) -> &'a [u8] {
        let memory = match range.source {
            Source::Body => self.body,
            Source::Moved => self.moved,
            // Nothing has been normalised yet.
            Source::Absent | Source::Extra => return &[],
        };
        &memory[range.offset..range.offset + range.length]
    }
}
