//! The schema as it crosses to JavaScript: the C Data Interface's format strings and flags, as JSON.

use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{DataType, Metadata};
use serde_json::{Value, json};

use super::schema::{Dictionary, Node, StreamSchema};
use crate::error::{Error, Result};

/// C Data Interface flags.
const DICTIONARY_ORDERED: i64 = 1;
const NULLABLE: i64 = 2;
const MAP_KEYS_SORTED: i64 = 4;

/// The normalised schema as JSON text; `docs/internals/boundary.md` describes it.
///
/// # Errors
/// `INVALID_DATA` for a type without a format string.
pub fn schema_text(schema: &StreamSchema) -> Result<String> {
    let fields: Result<Vec<Value>> = schema.normalised_fields.iter().map(|node| field(node, &schema.normalised_dictionaries)).collect();
    Ok(json!({
        "metadata": pairs(schema.wire.metadata()),
        "fields": fields?,
        "dictionaries": schema.dictionaries.len(),
    })
    .to_string())
}

fn field(node: &Node, dictionaries: &[Dictionary]) -> Result<Value> {
    let data_type = node.field.data_type();
    let mut flags = if node.field.is_nullable() { NULLABLE } else { 0 };
    if matches!(data_type, DataType::Map(_, true)) {
        flags |= MAP_KEYS_SORTED;
    }
    let mut dictionary = Value::Null;
    if let Some(encoding) = &node.dictionary {
        if encoding.ordered {
            flags |= DICTIONARY_ORDERED;
        }
        let values = &dictionaries[encoding.slot].values;
        dictionary = json!({ "slot": encoding.slot, "ordered": encoding.ordered, "value": field(values, dictionaries)? });
    }
    let children: Result<Vec<Value>> = node.children.iter().map(|child| field(child, dictionaries)).collect();
    Ok(json!({
        "name": node.field.name(),
        "format": format_string(data_type)?,
        "flags": flags,
        "nullable": node.field.is_nullable(),
        "metadata": pairs(node.field.metadata()),
        "children": children?,
        "dictionary": dictionary,
    }))
}

/// The format string of a type; of a dictionary, its index's.
fn format_string(data_type: &DataType) -> Result<String> {
    let schema =
        FFI_ArrowSchema::try_from(data_type).map_err(|cause| Error::data(format!("type {data_type} has no C Data format: {cause}")))?;
    Ok(schema.format().to_owned())
}

fn pairs(metadata: &Metadata) -> Vec<[&str; 2]> {
    metadata.iter().map(|(key, value)| [key.as_str(), value.as_str()]).collect()
}
