//! The SQL that ingestion runs.

use arrow_schema::{DataType, Schema};
use tonic::Status;

use crate::server::metadata::quoted;
use crate::server::values::types::ColumnType;

/// Makes a table with the columns of `schema`. What is read back from it has the types of the schema as far as SQLite has
/// values of them; where a value says by itself what it is, in a union, the column has no type.
pub(super) fn create_table(table: &str, schema: &Schema) -> Result<String, Status> {
    if schema.fields().is_empty() {
        return Err(Status::invalid_argument(format!(
            "the table {table:?} cannot be made: the upload has a schema without columns, or none at all"
        )));
    }
    let columns = schema.fields().iter().map(|field| {
        let name = quoted(field.name(), '"');
        let Some(kind) = ColumnType::of_arrow(field.data_type()) else {
            // A union that is not nullable may still have children that are null.
            return name;
        };
        let not_null = if field.is_nullable() { "" } else { " NOT NULL" };
        format!("{name} {}{not_null}", kind.declaration())
    });
    Ok(format!("CREATE TABLE {} ({})", full_name(table), columns.collect::<Vec<_>>().join(", ")))
}

pub(super) fn drop_table(table: &str) -> String {
    format!("DROP TABLE {}", full_name(table))
}

/// Writes a row into `columns`, and returns what has been stored in those of `returning`.
pub(super) fn insert<'a>(table: &str, columns: impl Iterator<Item = &'a str>, returning: impl Iterator<Item = &'a str>) -> String {
    let names = |columns: &mut dyn Iterator<Item = &'a str>| columns.map(|name| quoted(name, '"')).collect::<Vec<_>>();
    let columns = names(&mut { columns });
    let returning = match names(&mut { returning }) {
        none if none.is_empty() => String::new(),
        some => format!(" RETURNING {}", some.join(", ")),
    };
    let values = vec!["?"; columns.len()].join(", ");
    format!("INSERT INTO {} ({}) VALUES ({values}){returning}", full_name(table), columns.join(", "))
}

fn full_name(table: &str) -> String {
    format!("main.{}", quoted(table, '"'))
}

/// Refuses columns whose values SQLite has no equal of, before any is written.
pub(super) fn check_types(table: &str, schema: &Schema) -> Result<(), Status> {
    for field in schema.fields() {
        if !is_storable(field.data_type()) {
            return Err(Status::invalid_argument(format!(
                "the column {:?} for the table {table:?} has the type {}, and SQLite has no values for it; send what is in it, or text",
                field.name(),
                field.data_type()
            )));
        }
    }
    Ok(())
}

fn is_storable(data_type: &DataType) -> bool {
    match data_type {
        // Their values tell.
        DataType::Null | DataType::Union(..) => true,
        DataType::Dictionary(_, values) => is_storable(values),
        other => ColumnType::of_arrow(other).is_some(),
    }
}
