//! The schema of a stream: what the server sent, what is handed on, and where the dictionaries are.

use std::sync::Arc;

use arrow_ipc::{Endianness, Field as WireField, Schema as WireSchema};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, UnionMode};

use super::normalise;
use crate::error::{Error, Result};

/// How deep types may be nested. The flatbuffer verifier's own bound on tables is about the same; this one has a message of its own.
pub const MAX_DEPTH: usize = 56;

/// How many children a union may have: its type ids are bytes, and not negative.
const MAX_UNION: usize = 128;

/// A field of the wire's schema with what arrow-rs does not keep: the dictionary it is encoded with.
#[derive(Debug, Clone)]
pub struct Node {
    pub field: FieldRef,
    pub kind: Kind,
    pub children: Vec<Node>,
    pub dictionary: Option<Box<DictionaryNode>>,
    /// Whether this type, or one nested in it, has to be normalised before it is handed on.
    pub normalises: bool,
}

/// A dictionary-encoded field's dictionary.
#[derive(Debug, Clone)]
pub struct DictionaryNode {
    /// Its place in [`StreamSchema::dictionaries`].
    pub slot: usize,
    pub ordered: bool,
    pub index: IndexKind,
}

/// The values of a dictionary, as a field of their own.
#[derive(Debug, Clone)]
pub struct Dictionary {
    /// The id that dictionary batches name.
    pub id: i64,
    pub values: Node,
}

/// The physical layout of a type: which buffers and children it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    /// Values of so many bytes each.
    Fixed(usize),
    Variable {
        large: bool,
        utf8: bool,
    },
    View {
        utf8: bool,
    },
    List {
        large: bool,
    },
    ListView {
        large: bool,
    },
    FixedSizeList(usize),
    Struct,
    Map,
    DenseUnion,
    SparseUnion,
    RunEndEncoded,
    Dictionary(IndexKind),
}

/// The integer type of dictionary indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexKind {
    pub bytes: usize,
    pub signed: bool,
}

/// A stream's schema, both as sent and as handed on.
#[derive(Debug, Clone)]
pub struct StreamSchema {
    /// As the server sent it.
    pub wire: SchemaRef,
    pub fields: Vec<Node>,
    pub dictionaries: Vec<Dictionary>,
    /// After normalising: what consumers see.
    pub normalised: SchemaRef,
    pub normalised_fields: Vec<Node>,
    pub normalised_dictionaries: Vec<Dictionary>,
}

impl StreamSchema {
    /// Reads the schema of an IPC message.
    ///
    /// # Errors
    /// `INVALID_DATA` where it is not a valid Arrow schema, is big-endian, or nests too deep.
    pub fn read(wire: WireSchema<'_>) -> Result<Self> {
        if wire.endianness() != Endianness::Little {
            return Err(Error::data("the schema says big-endian; only little-endian Arrow data is understood"));
        }
        let wire_fields = wire.fields().ok_or_else(|| Error::data("the schema has no list of fields"))?;
        let mut size = SchemaSize::of(wire._tab.buf().len());
        for field in wire_fields {
            size.add(&field, 1)?;
        }
        let schema =
            arrow_ipc::convert::try_fb_to_schema(wire).map_err(|cause| Error::data(format!("the schema is not valid: {cause}")))?;
        let mut dictionaries = Vec::new();
        let mut fields = Vec::with_capacity(schema.fields().len());
        for (field, wire) in schema.fields().iter().zip(wire_fields) {
            let node = read_node(field, &wire, &mut dictionaries).map_err(|error| error.in_column(field.name()))?;
            fields.push(node);
        }
        let normalised_fields: Vec<Node> = fields.iter().map(normalise::node).collect();
        let normalised_dictionaries =
            dictionaries.iter().map(|dictionary| Dictionary { id: dictionary.id, values: normalise::node(&dictionary.values) }).collect();
        let columns: Vec<FieldRef> = normalised_fields.iter().map(|node| Arc::clone(&node.field)).collect();
        let normalised = Arc::new(Schema::new_with_metadata(columns, schema.metadata().clone()));
        Ok(Self { wire: Arc::new(schema), fields, dictionaries, normalised, normalised_fields, normalised_dictionaries })
    }

    /// Reads an encapsulated IPC message, as FlightInfo and SchemaResult hold it.
    ///
    /// # Errors
    /// `INVALID_DATA` where it is not one.
    pub fn of_encapsulated(bytes: &[u8]) -> Result<Self> {
        const CONTINUATION: [u8; 4] = [0xff; 4];
        // Before version 0.15 of the format there was no continuation marker.
        let rest = bytes.strip_prefix(&CONTINUATION).unwrap_or(bytes);
        let message = rest
            .split_first_chunk::<4>()
            .and_then(|(length, rest)| rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?))
            .ok_or_else(|| Error::data("a schema message is shorter than it says"))?;
        let message = arrow_ipc::root_as_message(message)
            .map_err(|cause| Error::data(format!("a schema message is not a valid flatbuffer: {cause}")))?;
        let schema = message.header_as_schema().ok_or_else(|| Error::data("a schema message holds no schema"))?;
        Self::read(schema)
    }

    /// Whether any column, or any dictionary, has to be normalised.
    pub fn normalises(&self) -> bool {
        self.fields.iter().any(|node| node.normalises) || self.dictionaries.iter().any(|dictionary| dictionary.values.normalises)
    }

    /// The slot of a dictionary id.
    pub fn slot(&self, id: i64) -> Option<usize> {
        self.dictionaries.iter().position(|dictionary| dictionary.id == id)
    }
}

/// What a schema may hold at most, by the size of its message: flatbuffers can share their parts, so that a few bytes may stand for any
/// number of fields. No writer of Arrow shares them.
struct SchemaSize {
    fields: usize,
    name_bytes: usize,
}

impl SchemaSize {
    fn of(message: usize) -> Self {
        // A field takes more than 16 bytes; names may be shared a few times over.
        Self { fields: message / 16 + 1, name_bytes: message * 4 }
    }

    fn add(&mut self, field: &WireField<'_>, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Error::data(format!("the schema nests types more than {MAX_DEPTH} deep")));
        }
        let name = field.name().map_or(0, str::len);
        let left = self.fields.checked_sub(1).zip(self.name_bytes.checked_sub(name));
        let Some((fields, name_bytes)) = left else {
            return Err(Error::data("the schema has more fields or longer names than its message has room for: it shares them"));
        };
        (self.fields, self.name_bytes) = (fields, name_bytes);
        let children = field.children().map_or(0, |children| children.len());
        if field.type_type() == arrow_ipc::Type::Union && children > MAX_UNION {
            return Err(Error::data(format!("a union of the schema has {children} children where {MAX_UNION} are possible")));
        }
        for child in field.children().iter().flatten() {
            self.add(&child, depth + 1)?;
        }
        Ok(())
    }
}

fn read_node(field: &FieldRef, wire: &WireField<'_>, dictionaries: &mut Vec<Dictionary>) -> Result<Node> {
    let DataType::Dictionary(index, values) = field.data_type() else {
        return plain_node(field, wire, dictionaries);
    };
    let encoding = wire.dictionary().ok_or_else(|| Error::data("a dictionary-encoded field has no encoding"))?;
    let index = index_kind(index)?;
    let slot = match dictionaries.iter().position(|dictionary| dictionary.id == encoding.id()) {
        Some(slot) => {
            let known = dictionaries[slot].values.field.data_type();
            if known != values.as_ref() {
                return Err(Error::data(format!(
                    "dictionary {} is declared with values of type {known} and of type {values}",
                    encoding.id()
                )));
            }
            slot
        }
        None => {
            let value_field = Arc::new(Field::new(field.name(), values.as_ref().clone(), true));
            let values = plain_node(&value_field, wire, dictionaries)?;
            dictionaries.push(Dictionary { id: encoding.id(), values });
            dictionaries.len() - 1
        }
    };
    let normalises = index.bytes == 8 || dictionaries[slot].values.normalises;
    Ok(Node {
        field: Arc::clone(field),
        kind: Kind::Dictionary(index),
        children: Vec::new(),
        dictionary: Some(Box::new(DictionaryNode { slot, ordered: encoding.isOrdered(), index })),
        normalises,
    })
}

fn plain_node(field: &FieldRef, wire: &WireField<'_>, dictionaries: &mut Vec<Dictionary>) -> Result<Node> {
    let kind = kind_of(field.data_type())?;
    let wire_children: Vec<_> = wire.children().iter().flatten().collect();
    let fields = child_fields(field.data_type());
    if fields.len() != wire_children.len() {
        return Err(Error::data(format!(
            "type {} has {} children in the schema where {} are right",
            field.data_type(),
            wire_children.len(),
            fields.len()
        )));
    }
    let mut children = Vec::with_capacity(fields.len());
    for (field, wire) in fields.iter().zip(&wire_children) {
        children.push(read_node(field, wire, dictionaries)?);
    }
    let normalises = matches!(kind, Kind::ListView { .. } | Kind::RunEndEncoded) || children.iter().any(|child| child.normalises);
    check_shape(field, kind, &children)?;
    check_type_ids(wire)?;
    Ok(Node { field: Arc::clone(field), kind, children, dictionary: None, normalises })
}

/// arrow-rs's schema reader cuts type ids down to 8 bits.
fn check_type_ids(wire: &WireField<'_>) -> Result<()> {
    let ids = wire.type_as_union().and_then(|union| union.typeIds());
    match ids.and_then(|ids| ids.iter().find(|id| !(0..=127).contains(id))) {
        None => Ok(()),
        Some(id) => Err(Error::data(format!("a union declares type id {id}; they go from 0 to 127"))),
    }
}

/// The most digits that decimals of a width hold.
fn check_precision(field: &Field) -> Result<()> {
    let (precision, most) = match field.data_type() {
        DataType::Decimal32(precision, _) => (*precision, 9),
        DataType::Decimal64(precision, _) => (*precision, 18),
        DataType::Decimal128(precision, _) => (*precision, 38),
        DataType::Decimal256(precision, _) => (*precision, 76),
        _ => return Ok(()),
    };
    if (1..=most).contains(&precision) {
        return Ok(());
    }
    Err(Error::data(format!("type {} has a precision of {precision}; it goes from 1 to {most}", field.data_type())))
}

/// What arrow-rs's schema reader accepts though arrays of it cannot exist.
fn check_shape(field: &Field, kind: Kind, children: &[Node]) -> Result<()> {
    check_precision(field)?;
    match kind {
        Kind::Map => {
            let entries = &children[0];
            if entries.kind != Kind::Struct || entries.children.len() != 2 {
                return Err(Error::data(format!(
                    "a map's child has type {} where a struct of key and value is right",
                    entries.field.data_type()
                )));
            }
        }
        Kind::RunEndEncoded => {
            let ends = children[0].field.data_type();
            if !matches!(ends, DataType::Int16 | DataType::Int32 | DataType::Int64) {
                return Err(Error::data(format!("run ends have type {ends} where int16, int32 or int64 is right")));
            }
        }
        Kind::Fixed(0) if !matches!(field.data_type(), DataType::FixedSizeBinary(0)) => {
            return Err(Error::data(format!("type {} has values of no width", field.data_type())));
        }
        _ => {}
    }
    Ok(())
}

/// The fields nested directly in a type, in the wire's order.
pub fn child_fields(data_type: &DataType) -> Vec<FieldRef> {
    match data_type {
        DataType::List(child)
        | DataType::LargeList(child)
        | DataType::ListView(child)
        | DataType::LargeListView(child)
        | DataType::FixedSizeList(child, _)
        | DataType::Map(child, _) => vec![Arc::clone(child)],
        DataType::Struct(fields) => fields.iter().cloned().collect(),
        DataType::Union(fields, _) => fields.iter().map(|(_, field)| Arc::clone(field)).collect(),
        DataType::RunEndEncoded(ends, values) => vec![Arc::clone(ends), Arc::clone(values)],
        _ => Vec::new(),
    }
}

fn index_kind(index: &DataType) -> Result<IndexKind> {
    let (bytes, signed) = match index {
        DataType::Int8 => (1, true),
        DataType::UInt8 => (1, false),
        DataType::Int16 => (2, true),
        DataType::UInt16 => (2, false),
        DataType::Int32 => (4, true),
        DataType::UInt32 => (4, false),
        DataType::Int64 => (8, true),
        DataType::UInt64 => (8, false),
        other => return Err(Error::data(format!("dictionary indices have type {other} where an integer type is right"))),
    };
    Ok(IndexKind { bytes, signed })
}

/// The layout of a type that is not dictionary-encoded.
pub fn kind_of(data_type: &DataType) -> Result<Kind> {
    Ok(match data_type {
        DataType::Null => Kind::Null,
        DataType::Boolean => Kind::Bool,
        DataType::Utf8 => Kind::Variable { large: false, utf8: true },
        DataType::LargeUtf8 => Kind::Variable { large: true, utf8: true },
        DataType::Binary => Kind::Variable { large: false, utf8: false },
        DataType::LargeBinary => Kind::Variable { large: true, utf8: false },
        DataType::Utf8View => Kind::View { utf8: true },
        DataType::BinaryView => Kind::View { utf8: false },
        DataType::FixedSizeBinary(width) => Kind::Fixed(non_negative(*width, "fixed-size binary")?),
        DataType::List(_) => Kind::List { large: false },
        DataType::LargeList(_) => Kind::List { large: true },
        DataType::ListView(_) => Kind::ListView { large: false },
        DataType::LargeListView(_) => Kind::ListView { large: true },
        DataType::FixedSizeList(_, size) => Kind::FixedSizeList(non_negative(*size, "fixed-size list")?),
        DataType::Struct(_) => Kind::Struct,
        DataType::Map(..) => Kind::Map,
        DataType::Union(_, UnionMode::Dense) => Kind::DenseUnion,
        DataType::Union(_, UnionMode::Sparse) => Kind::SparseUnion,
        DataType::RunEndEncoded(..) => Kind::RunEndEncoded,
        DataType::Dictionary(index, _) => Kind::Dictionary(index_kind(index)?),
        fixed => Kind::Fixed(fixed.primitive_width().ok_or_else(|| Error::data(format!("type {fixed} has no layout that is known")))?),
    })
}

fn non_negative(size: i32, what: &str) -> Result<usize> {
    usize::try_from(size).map_err(|_| Error::data(format!("a {what} has size {size}, which is negative")))
}
