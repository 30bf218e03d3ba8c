//! Which columns of one stream can follow those of another, and which hold the values that another schema announces.

use std::mem::discriminant;

use arrow_schema::{DataType, FieldRef};

use super::schema::{Dictionary, Node, StreamSchema, child_fields};
use super::value_checks::union_ids;

/// Whether batches of `found` can be handed on as batches of `known`, as far as the column `at` goes: the same type and the same dictionaries, those
/// within dictionaries included. Names, nullability and metadata count for nothing.
pub(super) fn can_follow(known: &StreamSchema, found: &StreamSchema, at: usize) -> bool {
    match (known.normalised_fields.get(at), found.normalised_fields.get(at)) {
        (Some(one), Some(other)) => {
            is_same_type(one, other)
                && same_slots(one, other)
                && same_dictionaries(one, other, &known.normalised_dictionaries, &found.normalised_dictionaries)
        }
        _ => false,
    }
}

/// Whether both types hold the same values. How they are encoded is the stream's own affair: in a dictionary or in runs, as views or behind offsets
/// of either width. Planners announce one and executors send another.
pub(super) fn holds_same_values(one: &DataType, other: &DataType) -> bool {
    use DataType::{
        Binary, BinaryView, FixedSizeList, LargeBinary, LargeList, LargeListView, LargeUtf8, List, ListView, Map, Struct, Union, Utf8,
        Utf8View,
    };
    let same_children = || {
        let (mine, theirs) = (child_fields(one), child_fields(other));
        let same = |(mine, theirs): (&FieldRef, &FieldRef)| holds_same_values(mine.data_type(), theirs.data_type());
        mine.len() == theirs.len() && mine.iter().zip(&theirs).all(same)
    };
    match (one, other) {
        (DataType::Dictionary(_, values), _) => holds_same_values(values, other),
        (_, DataType::Dictionary(_, values)) => holds_same_values(one, values),
        (DataType::RunEndEncoded(_, values), _) => holds_same_values(values.data_type(), other),
        (_, DataType::RunEndEncoded(_, values)) => holds_same_values(one, values.data_type()),
        (Utf8 | LargeUtf8 | Utf8View, Utf8 | LargeUtf8 | Utf8View) => true,
        (Binary | LargeBinary | BinaryView, Binary | LargeBinary | BinaryView) => true,
        (List(_) | LargeList(_) | ListView(_) | LargeListView(_), List(_) | LargeList(_) | ListView(_) | LargeListView(_))
        | (Struct(_), Struct(_))
        | (Map(..), Map(..)) => same_children(),
        (FixedSizeList(_, size), FixedSizeList(_, other_size)) => size == other_size && same_children(),
        (Union(fields, _), Union(others, _)) => fields.iter().map(|(id, _)| id).eq(others.iter().map(|(id, _)| id)) && same_children(),
        _ => one == other,
    }
}

/// Whether both have the same type, whatever nested fields are called and whether they may be null.
fn is_same_type(one: &Node, other: &Node) -> bool {
    let same_type = if one.dictionary.is_some() {
        // The index is in `kind`; the values are compared as a dictionary of the schema.
        other.dictionary.is_some()
    } else if one.children.is_empty() {
        one.field.data_type() == other.field.data_type()
    } else {
        discriminant(one.field.data_type()) == discriminant(other.field.data_type()) && union_ids(one) == union_ids(other)
    };
    same_type
        && one.kind == other.kind
        && one.children.len() == other.children.len()
        && one.children.iter().zip(&other.children).all(|(mine, theirs)| is_same_type(mine, theirs))
}

fn same_slots(known: &Node, found: &Node) -> bool {
    let slot = |node: &Node| node.dictionary.as_ref().map(|dictionary| dictionary.slot);
    slot(known) == slot(found) && known.children.iter().zip(&found.children).all(|(known, found)| same_slots(known, found))
}

fn same_dictionaries(known: &Node, found: &Node, mine: &[Dictionary], theirs: &[Dictionary]) -> bool {
    let values = match (&known.dictionary, &found.dictionary) {
        (Some(known), Some(found)) => match (mine.get(known.slot), theirs.get(found.slot)) {
            (Some(known), Some(found)) => {
                is_same_type(&known.values, &found.values)
                    && same_slots(&known.values, &found.values)
                    && same_dictionaries(&known.values, &found.values, mine, theirs)
            }
            _ => false,
        },
        (None, None) => true,
        _ => false,
    };
    values && known.children.iter().zip(&found.children).all(|(known, found)| same_dictionaries(known, found, mine, theirs))
}
