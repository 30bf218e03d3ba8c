//! arrow-rs arrays over validated memory: for normalising and for export. What JavaScript reads is never made through here.

use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_schema::{DataType, Field, SchemaRef};

use super::layout::{BufferRange, ColumnLayout, MessageMemory, Source};
use super::schema::{Kind, Node};
use crate::error::{Error, Result};
use crate::flight::memory::Region;

/// How dictionary-encoded fields are built.
#[derive(Clone, Copy)]
pub enum Dictionaries<'a> {
    /// As plain arrays of their indices: enough for normalising what is around them.
    IndicesOnly,
    /// With the values that have come so far, by slot.
    Values(&'a [Option<ArrayRef>]),
}

/// Reads the arrays of a [`ColumnLayout`] one after another.
pub struct ArrayReader<'a> {
    layout: &'a ColumnLayout,
    body: Option<Buffer>,
    moved: Option<Buffer>,
    extra: Option<Buffer>,
    dictionaries: Dictionaries<'a>,
    next_node: usize,
    next_buffer: usize,
}

impl<'a> ArrayReader<'a> {
    /// # Safety
    /// The memory must not have been handed to JavaScript, nor be handed out while arrays of this reader exist; and `layout` must have
    /// been validated (or written by us) for that memory and for the nodes that are read.
    pub unsafe fn new(layout: &'a ColumnLayout, memory: &MessageMemory, dictionaries: Dictionaries<'a>) -> Self {
        // SAFETY: promised by the caller.
        let buffer = |region: &Region| unsafe { region_buffer(region) };
        Self {
            layout,
            body: memory.body.as_ref().map(buffer),
            moved: memory.moved.as_ref().map(buffer),
            extra: memory.extra.as_ref().map(buffer),
            dictionaries,
            next_node: 0,
            next_buffer: 0,
        }
    }

    /// The next column.
    ///
    /// # Errors
    /// `INVALID_DATA` where arrow-rs refuses what passed our validation.
    pub fn column(&mut self, node: &Node) -> Result<ArrayRef> {
        let data = self.data(node).map_err(|error| error.in_column(node.field.name()))?;
        Ok(make_array(data))
    }

    fn data(&mut self, node: &Node) -> Result<ArrayData> {
        let array = self.layout.nodes[self.next_node];
        self.next_node += 1;
        let ranges = &self.layout.buffers[self.next_buffer..self.next_buffer + array.buffers];
        self.next_buffer += array.buffers;
        let has_validity = !matches!(node.kind, Kind::Null | Kind::RunEndEncoded | Kind::DenseUnion | Kind::SparseUnion);
        let (validity, own) = match ranges.split_first() {
            Some((first, rest)) if has_validity => (Some(*first), rest),
            _ => (None, ranges),
        };
        let mut buffers: Vec<Buffer> = own.iter().map(|range| self.buffer(*range)).collect();
        if buffers.first().is_some_and(Buffer::is_empty) && matches!(node.kind, Kind::Variable { .. } | Kind::List { .. } | Kind::Map) {
            // arrow-rs wants the one offset of an array without values.
            buffers[0] = Buffer::from_slice_ref([0_u8; 8]);
        }
        let mut children = Vec::with_capacity(node.children.len());
        for child in &node.children {
            children.push(self.data(child)?);
        }
        let data_type = match (&node.dictionary, self.dictionaries) {
            (Some(_), Dictionaries::IndicesOnly) => index_type(node),
            (Some(encoding), Dictionaries::Values(values)) => {
                let empty = || arrow_array::new_empty_array(value_type(node.field.data_type()));
                let values = values.get(encoding.slot).cloned().flatten().unwrap_or_else(empty);
                children.push(values.to_data());
                node.field.data_type().clone()
            }
            (None, Dictionaries::IndicesOnly) => storage_type(node),
            (None, Dictionaries::Values(_)) => node.field.data_type().clone(),
        };
        let mut builder = ArrayData::builder(data_type).len(array.length).buffers(buffers).child_data(children).align_buffers(true);
        if let Some(range) = validity.filter(|_| array.null_count > 0) {
            builder = builder.null_bit_buffer(Some(self.buffer(range))).null_count(array.null_count);
        }
        // SAFETY: the layout was validated, by the contract of `new`; alignment is mended by the builder.
        let built = unsafe { builder.skip_validation(true) }.build();
        built.map_err(|cause| Error::data(format!("an array of type {} is not valid: {cause}", node.field.data_type())))
    }

    fn buffer(&self, range: BufferRange) -> Buffer {
        let whole = match range.source {
            Source::Absent => None,
            Source::Body => self.body.as_ref(),
            Source::Moved => self.moved.as_ref(),
            Source::Extra => self.extra.as_ref(),
        };
        whole.map_or_else(|| Buffer::from_slice_ref([0_u8; 0]), |whole| whole.slice_with_length(range.offset, range.length))
    }
}

/// A record batch over the memory of a message.
///
/// # Safety
/// As [`ArrayReader::new`].
///
/// # Errors
/// As [`ArrayReader::column`].
pub unsafe fn record_batch(
    schema: &SchemaRef,
    nodes: &[Node],
    rows: usize,
    layout: &ColumnLayout,
    memory: &MessageMemory,
    dictionaries: &[Option<ArrayRef>],
) -> Result<RecordBatch> {
    // SAFETY: promised by the caller.
    let mut reader = unsafe { ArrayReader::new(layout, memory, Dictionaries::Values(dictionaries)) };
    let columns: Result<Vec<ArrayRef>> = nodes.iter().map(|node| reader.column(node)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows)).with_match_field_names(false);
    RecordBatch::try_new_with_options(Arc::clone(schema), columns?, &options)
        .map_err(|cause| Error::data(format!("a record batch does not fit its schema: {cause}")))
}

/// A region as an arrow-rs buffer that keeps it alive.
///
/// # Safety
/// As [`Region::bytes`], for as long as the buffer lives.
unsafe fn region_buffer(region: &Region) -> Buffer {
    // SAFETY: promised by the caller.
    let bytes = unsafe { region.bytes() };
    let start = NonNull::from(bytes).cast::<u8>();
    // SAFETY: the region's memory stays where it is and alive as long as its block, which the buffer owns a share of.
    unsafe { Buffer::from_custom_allocation(start, bytes.len(), Arc::clone(region.block()) as _) }
}

/// The integer type of a dictionary-encoded field's indices.
pub fn index_type(node: &Node) -> DataType {
    match node.field.data_type() {
        DataType::Dictionary(index, _) => index.as_ref().clone(),
        other => other.clone(),
    }
}

fn value_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => values,
        other => other,
    }
}

/// The type with every dictionary in it replaced by its indices.
pub fn storage_type(node: &Node) -> DataType {
    if node.dictionary.is_some() {
        return index_type(node);
    }
    let children: Vec<Arc<Field>> =
        node.children.iter().map(|child| Arc::new(child.field.as_ref().clone().with_data_type(storage_type(child)))).collect();
    with_children(node.field.data_type(), children)
}

/// The same type over other children.
pub fn with_children(data_type: &DataType, children: Vec<Arc<Field>>) -> DataType {
    let mut rest = children.into_iter();
    let mut next = |old: &Arc<Field>| rest.next().unwrap_or_else(|| Arc::clone(old));
    match data_type {
        DataType::List(old) => DataType::List(next(old)),
        DataType::LargeList(old) => DataType::LargeList(next(old)),
        DataType::ListView(old) => DataType::ListView(next(old)),
        DataType::LargeListView(old) => DataType::LargeListView(next(old)),
        DataType::FixedSizeList(old, size) => DataType::FixedSizeList(next(old), *size),
        DataType::Map(old, sorted) => DataType::Map(next(old), *sorted),
        DataType::Struct(old) => DataType::Struct(old.iter().map(&mut next).collect()),
        DataType::Union(old, mode) => DataType::Union(old.iter().map(|(id, field)| (id, next(field))).collect(), *mode),
        DataType::RunEndEncoded(ends, values) => {
            let ends = next(ends);
            DataType::RunEndEncoded(ends, next(values))
        }
        other => other.clone(),
    }
}
