//! The schema of rows that several streams send, of which only the first has said what its fields may hold.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Schema};

use super::arrays::with_children;
use super::schema::{Dictionary, Node, StreamSchema, child_fields};

impl StreamSchema {
    /// The same schema, handed on with every field nullable, nested ones too: what holds for the rows of any stream that
    /// [`SchemaHolder`](super::schema_check::SchemaHolder) lets follow. A map's entries and keys stay as they are, as no stream may have nulls there.
    #[must_use]
    pub fn all_nullable(&self) -> Self {
        let nullable = |node: &Node| with_field(node, nullable(&node.field));
        let normalised_fields: Vec<Node> = self.normalised_fields.iter().map(nullable).collect();
        let columns: Vec<FieldRef> = normalised_fields.iter().map(|node| Arc::clone(&node.field)).collect();
        let values = |known: &Dictionary| Dictionary { id: known.id, values: nullable(&known.values) };
        Self {
            normalised: Arc::new(Schema::new_with_metadata(columns, self.normalised.metadata().clone())),
            normalised_fields,
            normalised_dictionaries: self.normalised_dictionaries.iter().map(values).collect(),
            ..self.clone()
        }
    }
}

/// The node with another field of the same layout.
fn with_field(node: &Node, field: FieldRef) -> Node {
    // A dictionary-encoded node has no children: those of its values belong to its dictionary.
    let children = node.children.iter().zip(child_fields(field.data_type())).map(|(child, field)| with_field(child, field)).collect();
    Node { field, children, ..node.clone() }
}

fn nullable(field: &FieldRef) -> FieldRef {
    Arc::new(with_nullable_children(field).with_nullable(true))
}

fn with_nullable_children(field: &FieldRef) -> Field {
    field.as_ref().clone().with_data_type(with_nullable_fields(field.data_type()))
}

/// The type with every field in it nullable.
fn with_nullable_fields(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(index, values) => DataType::Dictionary(index.clone(), Box::new(with_nullable_fields(values))),
        DataType::Map(entries, sorted) => DataType::Map(map_entries(entries), *sorted),
        other => with_children(other, child_fields(other).iter().map(nullable).collect()),
    }
}

fn map_entries(entries: &FieldRef) -> FieldRef {
    let mut children = child_fields(entries.data_type());
    for (at, child) in children.iter_mut().enumerate() {
        *child = if at == 0 { Arc::new(with_nullable_children(child)) } else { nullable(child) };
    }
    Arc::new(entries.as_ref().clone().with_data_type(with_children(entries.data_type(), children)))
}

#[cfg(test)]
#[path = "nullable_test.rs"]
mod tests;
