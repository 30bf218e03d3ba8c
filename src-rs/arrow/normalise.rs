//! What apache-arrow cannot represent, turned into what it can: list views into lists, run-end encoding into plain values, 64-bit
//! dictionary indices into 32-bit ones. Nested or not, the schema with the data. Everything else is left alone.

use std::sync::Arc;

use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, Int32Array, PrimitiveArray, UInt32Array, make_array};
use arrow_buffer::{ArrowNativeType, Buffer};
use arrow_data::ArrayData;
use arrow_schema::{DataType, FieldRef};

use super::arrays::with_children;
use super::buffers::{Number, numbers};
use super::expansion::byte_offsets;
use super::schema::{DictionaryNode, IndexKind, Kind, Node};
use crate::error::{Code, Error, Result};

/// The node as it is handed on.
pub fn node(wire: &Node) -> Node {
    if !wire.normalises {
        return wire.clone();
    }
    if let Some(encoding) = &wire.dictionary {
        return dictionary_node(wire, encoding);
    }
    if wire.kind == Kind::RunEndEncoded {
        return run_values_node(wire);
    }
    let children: Vec<Node> = wire.children.iter().map(node).collect();
    let fields: Vec<FieldRef> = children.iter().map(|child| Arc::clone(&child.field)).collect();
    let (kind, data_type) = match (wire.kind, wire.field.data_type()) {
        (Kind::ListView { large }, DataType::ListView(_) | DataType::LargeListView(_)) => {
            let child = Arc::clone(&fields[0]);
            (Kind::List { large }, if large { DataType::LargeList(child) } else { DataType::List(child) })
        }
        (kind, data_type) => (kind, with_children(data_type, fields)),
    };
    Node { field: Arc::new(wire.field.as_ref().clone().with_data_type(data_type)), kind, children, dictionary: None, normalises: false }
}

fn dictionary_node(wire: &Node, encoding: &DictionaryNode) -> Node {
    let index = if encoding.index.bytes == 8 { IndexKind { bytes: 4, signed: true } } else { encoding.index };
    let data_type = match wire.field.data_type() {
        DataType::Dictionary(key, values) => {
            let key = if encoding.index.bytes == 8 { DataType::Int32 } else { key.as_ref().clone() };
            DataType::Dictionary(Box::new(key), Box::new(normalised_type(values)))
        }
        other => other.clone(),
    };
    Node {
        field: Arc::new(wire.field.as_ref().clone().with_data_type(data_type)),
        kind: Kind::Dictionary(index),
        children: Vec::new(),
        dictionary: Some(Box::new(DictionaryNode { index, ..encoding.clone() })),
        normalises: false,
    }
}

/// Run-end encoding is a way to store values: its field becomes a field of those.
fn run_values_node(wire: &Node) -> Node {
    let values = node(&wire.children[1]);
    let mut metadata = values.field.metadata().clone();
    metadata.extend(wire.field.metadata().clone());
    let nullable = wire.field.is_nullable() || values.field.is_nullable();
    let field = wire.field.as_ref().clone().with_data_type(values.field.data_type().clone());
    Node { field: Arc::new(field.with_nullable(nullable).with_metadata(metadata)), ..values }
}

/// The type of dictionary values, which have no node of their own at hand.
fn normalised_type(data_type: &DataType) -> DataType {
    let children: Vec<FieldRef> = super::schema::child_fields(data_type)
        .iter()
        .map(|child| Arc::new(child.as_ref().clone().with_data_type(normalised_type(child.data_type()))))
        .collect();
    match data_type {
        DataType::ListView(_) => DataType::List(Arc::clone(&children[0])),
        DataType::LargeListView(_) => DataType::LargeList(Arc::clone(&children[0])),
        DataType::RunEndEncoded(..) => children[1].data_type().clone(),
        DataType::Dictionary(key, values) => {
            let key = if matches!(**key, DataType::Int64 | DataType::UInt64) { DataType::Int32 } else { key.as_ref().clone() };
            DataType::Dictionary(Box::new(key), Box::new(normalised_type(values)))
        }
        other => with_children(other, children),
    }
}

/// Normalises an array whose dictionaries are plain indices (`Dictionaries::IndicesOnly`). `most` bounds how many values one array may
/// grow to: both list views and run ends can claim far more values than were sent.
///
/// # Errors
/// `MESSAGE_TOO_LARGE` beyond `most` or beyond what the normalised type can count.
pub fn array(wire: &Node, data: ArrayRef, most: usize) -> Result<ArrayRef> {
    if !wire.normalises {
        return Ok(data);
    }
    match wire.kind {
        // What has to be normalised may be the dictionary's values only.
        Kind::Dictionary(index) if index.bytes < 8 => Ok(data),
        Kind::Dictionary(_) => narrow_indices(&data),
        Kind::ListView { large } => list_view(wire, &data, large, most),
        Kind::RunEndEncoded => runs(wire, &data, most),
        _ => {
            let data = data.to_data();
            let children: Result<Vec<ArrayData>> = wire
                .children
                .iter()
                .zip(data.child_data())
                .map(|(child, data)| Ok(array(child, make_array(data.clone()), most)?.to_data()))
                .collect();
            let children = children?;
            let fields = renamed(wire, &children);
            let data_type = with_children(data.data_type(), fields);
            // SAFETY: the array was valid, and its children have kept their lengths and their meaning.
            unsafe { build(data.into_builder().data_type(data_type).child_data(children)) }
        }
    }
}

/// The children's fields with the types that their arrays now have.
fn renamed(wire: &Node, children: &[ArrayData]) -> Vec<FieldRef> {
    let field = |(child, data): (&Node, &ArrayData)| Arc::new(node(child).field.as_ref().clone().with_data_type(data.data_type().clone()));
    wire.children.iter().zip(children).map(field).collect()
}

fn narrow_indices(data: &ArrayRef) -> Result<ArrayRef> {
    let narrow = |value: i64| -> Result<i32> {
        i32::try_from(value).map_err(|_| {
            Error::new(
                Code::MessageTooLarge,
                format!("dictionary index {value} does not fit into 32 bits, which apache-arrow is limited to"),
            )
        })
    };
    let source = data.to_data();
    let values: &[i64] = source.buffers().first().and_then(|buffer| numbers(buffer)).unwrap_or(&[]);
    let mut indices = reserved(data.len())?;
    for (row, value) in values.iter().take(data.len()).enumerate() {
        // Under a null lies anything.
        indices.push(if data.is_valid(row) { narrow(*value)? } else { 0 });
    }
    Ok(Arc::new(Int32Array::new(indices.into(), data.nulls().cloned())))
}

fn list_view(wire: &Node, data: &ArrayRef, large: bool, most: usize) -> Result<ArrayRef> {
    let source = data.to_data();
    let child = array(&wire.children[0], make_array(source.child_data()[0].clone()), most)?;
    if large { as_list::<i64>(wire, &source, child, most) } else { as_list::<i32>(wire, &source, child, most) }
}

fn as_list<O>(wire: &Node, source: &ArrayData, child: ArrayRef, most: usize) -> Result<ArrayRef>
where
    O: Number + ArrowNativeType + TryFrom<usize> + Into<i64>,
{
    let column = |at: usize| -> &[O] { source.buffers().get(at).and_then(|buffer| numbers(buffer)).unwrap_or(&[]) };
    let (starts, sizes) = (column(0), column(1));
    let mut offsets: Vec<O> = reserved(source.len() + 1)?;
    let mut total = 0_usize;
    let mut in_order = true;
    let offset = |total: usize| {
        O::try_from(total).ok().filter(|_| total <= most).ok_or_else(|| {
            Error::new(Code::MessageTooLarge, format!("a list view holds {total} values once it is a list, more than is allowed"))
        })
    };
    offsets.push(offset(0)?);
    let range = |row: usize| -> (usize, usize) {
        // Validated to be in range; a null row takes nothing.
        if source.is_valid(row) { (starts[row].as_usize(), sizes[row].as_usize()) } else { (0, 0) }
    };
    for row in 0..source.len() {
        let (start, size) = range(row);
        in_order &= size == 0 || start == total;
        total += size;
        offsets.push(offset(total)?);
    }
    let values = if in_order && total == child.len() {
        child
    } else {
        let bytes = byte_offsets(&child.to_data())?;
        check_bytes((0..source.len()).map(range).map(|(start, size)| bytes.between(start, size)), most)?;
        gather(&child, (0..source.len()).map(range), total)?
    };
    let field = Arc::new(wire.children[0].field.as_ref().clone().with_data_type(values.data_type().clone()).with_nullable(true));
    let data_type = if size_of::<O>() == 8 { DataType::LargeList(field) } else { DataType::List(field) };
    let builder = ArrayData::builder(data_type)
        .len(source.len())
        .nulls(source.nulls().cloned())
        .add_buffer(Buffer::from_vec(offsets))
        .add_child_data(values.to_data());
    // SAFETY: the offsets rise from 0 to the child's length by construction.
    unsafe { build(builder) }
}

/// The values of `ranges`, one after another.
fn gather(child: &ArrayRef, ranges: impl Iterator<Item = (usize, usize)>, total: usize) -> Result<ArrayRef> {
    let mut indices: Vec<u32> = reserved(total)?;
    for (start, size) in ranges {
        for at in start..start + size {
            indices.push(u32::try_from(at).map_err(|_| Error::new(Code::MessageTooLarge, "a list view has more than 2^32 values"))?);
        }
    }
    take(child, indices)
}

fn take(values: &ArrayRef, indices: Vec<u32>) -> Result<ArrayRef> {
    let values = &make_array(relaxed(values.to_data())?);
    arrow_select::take::take(values, &UInt32Array::from(indices), None)
        .map_err(|cause| Error::data(format!("values of type {} could not be normalised: {cause}", values.data_type())))
}

/// With every nested field declared as it may be: servers misdeclare nullability, and arrow-rs's kernels do not forgive that. The layout that is
/// handed on takes its types from the schema and not from here.
fn relaxed(data: ArrayData) -> Result<ArrayData> {
    if data.child_data().is_empty() || matches!(data.data_type(), DataType::Dictionary(..)) {
        return Ok(data);
    }
    let children = data.child_data().iter().cloned().map(relaxed).collect::<Result<Vec<_>>>()?;
    let is_map = matches!(data.data_type(), DataType::Map(..));
    let fields = super::schema::child_fields(data.data_type());
    let relaxed = |(field, child): (&FieldRef, &ArrayData)| {
        let data_type = if is_map { entries_type(child.data_type()) } else { child.data_type().clone() };
        Arc::new(field.as_ref().clone().with_data_type(data_type).with_nullable(!is_map))
    };
    let data_type = with_children(data.data_type(), fields.iter().zip(&children).map(relaxed).collect());
    let children = if is_map { children.into_iter().map(|child| retyped(child, entries_type)).collect::<Result<_>>()? } else { children };
    // SAFETY: only what is declared changes, and to what allows more; a map's entries and keys were checked to have no nulls.
    let builder = unsafe { data.into_builder().data_type(data_type).child_data(children).skip_validation(true) };
    builder.build().map_err(|cause| Error::data(format!("an array could not be normalised: {cause}")))
}

/// The type of a map's entries: keys are not null.
fn entries_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Struct(fields) => {
            let field = |(at, field): (usize, &FieldRef)| Arc::new(field.as_ref().clone().with_nullable(at > 0));
            DataType::Struct(fields.iter().enumerate().map(field).collect())
        }
        other => other.clone(),
    }
}

fn retyped(data: ArrayData, with: fn(&DataType) -> DataType) -> Result<ArrayData> {
    let data_type = with(data.data_type());
    // SAFETY: as in `relaxed`.
    let builder = unsafe { data.into_builder().data_type(data_type).skip_validation(true) };
    builder.build().map_err(|cause| Error::data(format!("an array could not be normalised: {cause}")))
}

fn runs(wire: &Node, data: &ArrayRef, most: usize) -> Result<ArrayRef> {
    if data.len() > most {
        return Err(Error::new(
            Code::MessageTooLarge,
            format!("a run-end encoded array claims {} values, more than is allowed", data.len()),
        ));
    }
    let source = data.to_data();
    let values = array(&wire.children[1], make_array(source.child_data()[1].clone()), most)?;
    let ends = make_array(source.child_data()[0].clone());
    let bytes = byte_offsets(&values.to_data())?;
    check_bytes(run_lengths(&ends, data.len()).enumerate().map(|(run, length)| length.saturating_mul(bytes.between(run, 1))), most)?;
    let indices = match ends.data_type() {
        DataType::Int16 => run_indices::<Int16Type>(&ends, data.len())?,
        DataType::Int32 => run_indices::<Int32Type>(&ends, data.len())?,
        _ => run_indices::<Int64Type>(&ends, data.len())?,
    };
    take(&values, indices)
}

/// Room for values whose number the wire chose.
fn reserved<T>(length: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values
        .try_reserve_exact(length)
        .map_err(|_| Error::new(Code::OutOfMemory, format!("the system refused memory for {length} values that have to be normalised")))?;
    Ok(values)
}

/// How many rows each run has.
fn run_lengths(ends: &ArrayRef, length: usize) -> impl Iterator<Item = u64> {
    let data = ends.to_data();
    let buffer = data.buffers().first().cloned();
    let end = move |run: usize| -> u64 {
        let bytes: &[u8] = buffer.as_ref().map_or(&[], |buffer| buffer.as_slice());
        let end = match data.data_type() {
            DataType::Int16 => numbers::<i16>(bytes).and_then(|ends| ends.get(run)).map(|end| i64::from(*end)),
            DataType::Int32 => numbers::<i32>(bytes).and_then(|ends| ends.get(run)).map(|end| i64::from(*end)),
            _ => numbers::<i64>(bytes).and_then(|ends| ends.get(run)).copied(),
        };
        end.map_or(0, |end| (end.max(0) as u64).min(length as u64))
    };
    let runs = ends.len();
    (0..runs).map(move |run| end(run).saturating_sub(if run == 0 { 0 } else { end(run - 1) }))
}

/// Refuses what would grow beyond four times `most` values' worth of bytes, which is the largest message, and what the system has no room
/// for: the kernels of arrow-rs that do the growing end the process where memory is refused to them.
fn check_bytes(pieces: impl Iterator<Item = u64>, most: usize) -> Result<()> {
    let limit = (most as u64).saturating_mul(4);
    let total = pieces.fold(0_u64, u64::saturating_add);
    if total > limit {
        return Err(Error::new(
            Code::MessageTooLarge,
            format!("a column takes {total} bytes once it is normalised, more than maxMessageBytes, which is {limit}"),
        ));
    }
    reserved::<u8>(usize::try_from(total).unwrap_or(usize::MAX)).map(drop)
}

/// For each row, which run it is in. The ends are validated: they rise, and reach `length`.
fn run_indices<T: RunEndIndexType>(ends: &ArrayRef, length: usize) -> Result<Vec<u32>> {
    let ends = PrimitiveArray::<T>::from(ends.to_data());
    let mut indices: Vec<u32> = reserved(length)?;
    for (run, end) in ends.values().iter().enumerate() {
        let run = u32::try_from(run).map_err(|_| Error::new(Code::MessageTooLarge, "an array has more than 2^32 runs"))?;
        indices.resize(end.as_usize().min(length), run);
    }
    Ok(indices)
}

/// # Safety
/// What the builder describes must be a valid array.
unsafe fn build(builder: arrow_data::ArrayDataBuilder) -> Result<ArrayRef> {
    // SAFETY: promised by the caller.
    let data = unsafe { builder.skip_validation(true) }.build();
    data.map(make_array).map_err(|cause| Error::data(format!("a normalised array is not valid: {cause}")))
}
