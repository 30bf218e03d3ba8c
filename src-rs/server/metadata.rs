//! What there is in the database: catalogs, schemas, tables and table types.
//!
//! SQLite has one catalog, `main`, and no schemas; as in arrow-go's server the one there is has an empty name.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BinaryArray, RecordBatch};
use arrow_flight::error::FlightError;
use arrow_flight::sql::metadata::GetTablesBuilder;
use arrow_flight::sql::{CommandGetCatalogs, CommandGetDbSchemas, CommandGetTableTypes, CommandGetTables};
use arrow_flight::{IpcMessage, SchemaAsIpc};
use arrow_ipc::writer::IpcWriteOptions;
use arrow_schema::{Schema, SchemaRef};
use tonic::Status;

use super::results::{BatchShape, LiveRows, ResultColumns};
use super::sqlite::{Cursor, Stopper};
use super::state::State;
use super::values::cell::Cell;

const CATALOG: &str = "main";
const DB_SCHEMA: &str = "";

/// What SQLite calls its kinds of tables. The tables behind a virtual table are left out, as are SQLite's own.
const TABLE_TYPES: [&str; 3] = ["table", "view", "virtual"];

/// Rows that are looked at for the type of a column that was declared with none.
const SAMPLE: BatchShape = BatchShape { rows: 1024, bytes: 1024 * 1024, exact: false };

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

/// The schema that [`tables`] has.
pub(super) fn tables_schema(command: CommandGetTables) -> SchemaRef {
    command.into_builder().schema()
}

/// Blocks.
pub(super) fn tables(state: &State, command: CommandGetTables, stopper: &Stopper) -> Result<RecordBatch, Status> {
    let with_schema = command.include_schema.then(|| tables_schema(command.clone()));
    let mut builder = GetTablesBuilder::new(
        command.catalog,
        command.db_schema_filter_pattern,
        command.table_name_filter_pattern,
        command.table_types,
        false,
    );
    let sql = "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let unused = Schema::empty();
    each_row(state, sql, stopper, |cursor| {
        let (name, table_type) = (text(&cursor.cell(0)), text(&cursor.cell(1)));
        builder.append(CATALOG, DB_SCHEMA, name, table_type, &unused).map_err(unbuildable)
    })?;
    let found = builder.build().map_err(unbuildable)?;
    let Some(schema) = with_schema else {
        return Ok(found);
    };
    let names = found.column(2).as_string::<i32>().iter().flatten();
    let schemas = names.map(|name| encoded_schema(state, name, stopper)).collect::<Result<Vec<_>, _>>()?;
    let mut columns: Vec<ArrayRef> = found.columns().to_vec();
    columns.push(Arc::new(BinaryArray::from_iter_values(schemas)));
    RecordBatch::try_new(schema, columns).map_err(|error| unbuildable(error.into()))
}

/// The schema that selecting everything from the table has, as an encapsulated IPC message.
fn encoded_schema(state: &State, table: &str, stopper: &Stopper) -> Result<Vec<u8>, Status> {
    let schema = table_schema(state, table, stopper)?;
    let IpcMessage(message) = SchemaAsIpc::new(&schema, &IpcWriteOptions::default())
        .try_into()
        .map_err(|error: arrow_schema::ArrowError| unbuildable(error.into()))?;
    Ok(message.to_vec())
}

fn table_schema(state: &State, table: &str, stopper: &Stopper) -> Result<SchemaRef, Status> {
    let sql = format!("SELECT * FROM {}", quoted(table, '"'));
    // A view whose tables are gone is still a table of the database: one without columns.
    let Ok(cursor) = Cursor::prepare(&state.database, &sql, stopper) else {
        return Ok(Arc::new(Schema::empty()));
    };
    let columns = ResultColumns::of(&cursor);
    let mut columns = match columns.are_open() {
        true => match LiveRows::sample(cursor, columns.clone(), SAMPLE) {
            Ok(rows) => rows.columns().clone(),
            // A value that does not fit its column is for those who read the table.
            Err(_) => columns,
        },
        false => {
            cursor.finish();
            columns
        }
    };
    let mut required = HashSet::new();
    let sql = format!("SELECT name FROM pragma_table_xinfo({}) WHERE \"notnull\"", quoted(table, '\''));
    each_row(state, &sql, stopper, |cursor| {
        required.insert(text(&cursor.cell(0)));
        Ok(())
    })?;
    for column in columns.iter_mut() {
        column.nullable = !required.contains(&column.name);
    }
    Ok(columns.schema())
}

fn each_row(state: &State, sql: &str, stopper: &Stopper, mut row: impl FnMut(&Cursor) -> Result<(), Status>) -> Result<(), Status> {
    let mut cursor = Cursor::prepare(&state.database, sql, stopper)?;
    while cursor.step()? {
        row(&cursor)?;
    }
    cursor.finish();
    Ok(())
}

fn text(cell: &Cell<'_>) -> String {
    String::from_utf8_lossy(&cell.render()).into_owned()
}

/// A name as SQL: between quotes, with those inside doubled.
fn quoted(name: &str, quote: char) -> String {
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}

fn unbuildable(error: FlightError) -> Status {
    Status::internal(format!("the metadata could not be put into a batch: {error}"))
}
