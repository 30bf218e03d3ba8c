//! What there is in the database: catalogs, schemas, tables, their keys, and the types of columns.
//!
//! SQLite has one catalog, `main`, and no schemas; as in arrow-go's server the one there is has an empty name.

mod columns;
mod constraint_names;
mod constraints;
mod keys;
mod size;
mod tables;
mod xdbc;

use arrow_array::RecordBatch;
use arrow_flight::error::FlightError;
use arrow_flight::sql::{CommandGetCatalogs, CommandGetDbSchemas, CommandGetTableTypes};
use tonic::Status;

use super::sqlite::{Cursor, Stopper};
use super::state::State;
use super::values::cell::Cell;

pub(super) use keys::{cross_reference, exported_keys, foreign_keys_schema, imported_keys, primary_keys, primary_keys_schema};
pub(super) use tables::{tables, tables_schema};
pub(super) use xdbc::{xdbc_type_info, xdbc_type_info_schema};

pub(super) const CATALOG: &str = "main";
pub(super) const DB_SCHEMA: &str = "";

/// What SQLite calls its kinds of tables. The tables behind a virtual table are left out, as are SQLite's own.
const TABLE_TYPES: [&str; 3] = ["table", "view", "virtual"];

pub(super) fn catalogs(command: CommandGetCatalogs) -> Result<RecordBatch, Status> {
    let mut builder = command.into_builder();
    builder.append(CATALOG);
    builder.build().map_err(unbuildable)
}

pub(super) fn db_schemas(command: CommandGetDbSchemas) -> Result<RecordBatch, Status> {
    let mut builder = command.into_builder();
    builder.append(CATALOG, DB_SCHEMA);
    builder.build().map_err(unbuildable)
}

pub(super) fn table_types(command: CommandGetTableTypes) -> Result<RecordBatch, Status> {
    let mut builder = command.into_builder();
    for table_type in TABLE_TYPES {
        builder.append(table_type);
    }
    builder.build().map_err(unbuildable)
}

fn each_row(state: &State, sql: &str, stopper: &Stopper, mut row: impl FnMut(&Cursor) -> Result<(), Status>) -> Result<(), Status> {
    let mut cursor = Cursor::prepare(&state.database, sql, stopper)?;
    while cursor.step()? {
        row(&cursor)?;
    }
    cursor.finish();
    Ok(())
}

pub(super) fn text(cell: &Cell<'_>) -> String {
    String::from_utf8_lossy(&cell.render()).into_owned()
}

/// A name as SQL: between quotes, with those inside doubled.
pub(super) fn quoted(name: &str, quote: char) -> String {
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}

fn unbuildable(error: FlightError) -> Status {
    Status::internal(format!("the metadata could not be put into a batch: {error}"))
}
