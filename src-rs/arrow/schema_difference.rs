//! How two schemas differ, field by field, for people.

use std::fmt::Write;

use arrow_schema::{Field, Metadata, Schema};

use crate::error::{Code, Error};

/// How many differences an error shows.
const SHOWN: usize = 8;

/// `SCHEMA_MISMATCH` with what differs, column by column: `is_same` says which columns do not. `expected_by` says whose the expectation is.
pub(super) fn mismatch(expected_by: &str, expected: &Schema, found: &Schema, shown: Shown, is_same: impl Fn(usize) -> bool) -> Error {
    let (known, sent) = (expected.fields(), found.fields());
    let mut differences: Vec<String> = Vec::new();
    let mut first_column = None;
    for at in (0..known.len().max(sent.len())).filter(|at| !is_same(*at)) {
        let (known, sent) = (known.get(at), sent.get(at));
        if first_column.is_none() {
            first_column = known.or(sent).map(|field| field.name().clone());
        }
        differences.push(match (known, sent) {
            (Some(known), Some(sent)) => format!("column {at}: expected {}, found {}", describe(known, shown), describe(sent, shown)),
            (Some(known), None) => format!("column {at}: expected {}, found none", describe(known, shown)),
            (None, Some(sent)) => format!("column {at}: expected none, found {}", describe(sent, shown)),
            (None, None) => format!("column {at}"),
        });
    }
    if differences.is_empty() {
        differences.push(format!("metadata: expected {}, found {}", pairs(expected.metadata()), pairs(found.metadata())));
    }
    let more = differences.len().saturating_sub(SHOWN);
    differences.truncate(SHOWN);
    let mut message = format!("the stream's schema is not that of {expected_by}: {}", differences.join("; "));
    if more > 0 {
        let _ = write!(message, "; and {more} more");
    }
    let error = Error::new(Code::SchemaMismatch, message);
    match first_column {
        Some(column) => error.in_column(&column),
        None => error,
    }
}

/// How much of a field a difference shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    NameAndType,
    /// With nullability and metadata.
    Whole,
}

fn describe(field: &Field, shown: Shown) -> String {
    let mut text = format!("'{}' {}", field.name(), field.data_type());
    if shown == Shown::Whole {
        text.push_str(if field.is_nullable() { " nullable" } else { " not nullable" });
        if !field.metadata().is_empty() {
            let _ = write!(text, " with metadata {}", pairs(field.metadata()));
        }
    }
    text
}

fn pairs(metadata: &Metadata) -> String {
    let pairs: Vec<String> = metadata.iter().map(|(key, value)| format!("{key:?}: {value:?}")).collect();
    format!("{{{}}}", pairs.join(", "))
}
