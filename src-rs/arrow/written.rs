//! Normalised arrays written into one allocation, in the layout in which received ones lie in theirs.

use arrow_array::{Array, ArrayRef};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_data::transform::MutableArrayData;

use super::layout::{ArrayNode, BufferRange, ColumnLayout, Source};
use super::schema::{Kind, Node};
use crate::error::{Code, Error, Result};
use crate::flight::memory::{ALIGNMENT, Region, own_block};

/// Collects normalised columns of a message; [`Self::finish`] copies them into their allocation.
#[derive(Default)]
pub struct ExtraWriter {
    parts: Vec<Buffer>,
    length: usize,
}

impl ExtraWriter {
    /// Appends the layout of a column.
    ///
    /// # Errors
    /// `MESSAGE_TOO_LARGE` where a sliced array cannot be written compactly.
    pub fn column(&mut self, node: &Node, array: &ArrayRef, out: &mut ColumnLayout) -> Result<()> {
        let data = array.to_data();
        let data = if has_offset(&data) { compact(&data)? } else { data };
        self.array(node, &data, out);
        Ok(())
    }

    /// The memory that the layouts refer to as [`Source::Extra`].
    ///
    /// # Errors
    /// `OUT_OF_MEMORY`.
    pub fn finish(self) -> Result<Option<Region>> {
        if self.length == 0 {
            return Ok(None);
        }
        let mut writer = own_block(self.length)?;
        // Each part begins where the padding behind the one before it ends.
        for buffer in &self.parts {
            writer.write(buffer);
            writer.pad();
        }
        Ok(writer.finish().ok())
    }

    fn array(&mut self, node: &Node, data: &ArrayData, out: &mut ColumnLayout) {
        let length = data.len();
        let at = out.nodes.len();
        let first_buffer = out.buffers.len();
        let nulls = data.nulls().filter(|nulls| nulls.null_count() > 0);
        let null_count = if node.kind == Kind::Null { length } else { nulls.map_or(0, |nulls| nulls.null_count()) };
        out.nodes.push(ArrayNode { length, null_count, buffers: 0 });
        if !matches!(node.kind, Kind::Null | Kind::DenseUnion | Kind::SparseUnion) {
            let bitmap = nulls.map(|nulls| nulls.inner().sliced());
            let range = bitmap.map_or(BufferRange::ABSENT, |bitmap| self.part(&bitmap, length.div_ceil(8)));
            out.buffers.push(range);
        }
        for (buffer, needed) in data.buffers().iter().zip(needed_bytes(node.kind, data)) {
            let range = self.part(buffer, needed.unwrap_or(buffer.len()));
            out.buffers.push(range);
        }
        out.nodes[at].buffers = out.buffers.len() - first_buffer;
        for (child, data) in node.children.iter().zip(data.child_data()) {
            self.array(child, data, out);
        }
    }

    fn part(&mut self, buffer: &Buffer, length: usize) -> BufferRange {
        let length = length.min(buffer.len());
        if length == 0 {
            return BufferRange::ABSENT;
        }
        let offset = self.length;
        self.parts.push(buffer.slice_with_length(0, length));
        self.length = (offset + length).next_multiple_of(ALIGNMENT);
        BufferRange { source: Source::Extra, offset, length }
    }
}

/// How many bytes of each buffer its array uses; `None` is all.
fn needed_bytes(kind: Kind, data: &ArrayData) -> impl Iterator<Item = Option<usize>> {
    let length = data.len();
    let offsets = |width: usize| if length == 0 { 0 } else { (length + 1) * width };
    let (first, second) = match kind {
        Kind::Bool => (Some(length.div_ceil(8)), None),
        Kind::Fixed(width) => (Some(length * width), None),
        Kind::Dictionary(index) => (Some(length * index.bytes), None),
        Kind::Variable { large, .. } | Kind::List { large } => (Some(offsets(if large { 8 } else { 4 })), None),
        Kind::Map => (Some(offsets(4)), None),
        Kind::View { .. } => (Some(length * 16), None),
        Kind::DenseUnion => (Some(length), Some(length * 4)),
        Kind::SparseUnion => (Some(length), None),
        _ => (None, None),
    };
    [first, second].into_iter().chain(std::iter::repeat(None))
}

fn has_offset(data: &ArrayData) -> bool {
    data.offset() != 0 || data.child_data().iter().any(has_offset)
}

fn compact(data: &ArrayData) -> Result<ArrayData> {
    let mut copy = MutableArrayData::new(vec![data], false, data.len());
    copy.try_extend(0, 0, data.len())
        .map_err(|cause| Error::new(Code::MessageTooLarge, format!("a normalised array is too large: {cause}")))?;
    Ok(copy.freeze())
}
