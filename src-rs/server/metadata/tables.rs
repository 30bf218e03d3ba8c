//! Tables, and the schemas that their columns make.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BinaryArray, RecordBatch};
use arrow_flight::sql::CommandGetTables;
use arrow_flight::sql::metadata::GetTablesBuilder;
use arrow_flight::{IpcMessage, SchemaAsIpc};
use arrow_ipc::writer::IpcWriteOptions;
use arrow_schema::{Schema, SchemaRef};
use tonic::Status;

use super::{CATALOG, DB_SCHEMA, columns, each_row, quoted, text, unbuildable};
use crate::server::results::{BatchShape, LiveRows, ResultColumns};
use crate::server::sqlite::{Cursor, Stopper};
use crate::server::state::State;

/// Rows that are looked at for the type of a column that was declared with none.
const SAMPLE: BatchShape = BatchShape { rows: 1024, bytes: 1024 * 1024, exact: false };

/// The schema that [`tables`] has.
pub(in super::super) fn tables_schema(command: CommandGetTables) -> SchemaRef {
    command.into_builder().schema()
}

/// Blocks.
pub(in super::super) fn tables(state: &State, command: CommandGetTables, stopper: &Stopper) -> Result<RecordBatch, Status> {
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

/// The schema that selecting everything from the table has, as an encapsulated IPC message; its fields tell more.
fn encoded_schema(state: &State, table: &str, stopper: &Stopper) -> Result<Vec<u8>, Status> {
    let schema = match columns_of(state, table, stopper)? {
        Some(columns) => columns::described(state, table, &columns, stopper)?,
        None => Schema::empty(),
    };
    let IpcMessage(message) = SchemaAsIpc::new(&schema, &IpcWriteOptions::default())
        .try_into()
        .map_err(|error: arrow_schema::ArrowError| unbuildable(error.into()))?;
    Ok(message.to_vec())
}

/// The columns of a table; a view whose tables are gone is still a table of the database, but has none to tell of.
fn columns_of(state: &State, table: &str, stopper: &Stopper) -> Result<Option<ResultColumns>, Status> {
    let sql = format!("SELECT * FROM {}", quoted(table, '"'));
    let Ok(cursor) = Cursor::prepare(&state.database, &sql, stopper) else {
        return Ok(None);
    };
    let columns = ResultColumns::of(&cursor);
    if !columns.are_open() {
        cursor.finish();
        return Ok(Some(columns));
    }
    Ok(Some(match LiveRows::sample(cursor, columns.clone(), SAMPLE) {
        Ok(rows) => rows.columns().clone(),
        // A value that does not fit its column is for those who read the table.
        Err(_) => columns,
    }))
}
