//! The table that rows go into: found, made, or made anew.

use arrow_schema::Schema;
use tonic::Status;

use super::command::{IfExists, IfMissing, Target};
use super::destination::Destination;
use super::sql;
use crate::server::metadata::{quoted, text};
use crate::server::sqlite::{Cursor, Stopper};
use crate::server::values::types::ColumnType;

/// A column of a table.
pub(super) struct Column {
    pub(super) name: String,
    /// What it has been declared as, if that means a type here and SQLite can tell what it has stored.
    pub(super) kind: Option<ColumnType>,
}

/// Sees to it that there is a table, and returns its columns if it has been there before. Blocks.
pub(super) fn provide(
    destination: &Destination,
    target: &Target,
    schema: &Schema,
    stopper: &Stopper,
) -> Result<Option<Vec<Column>>, Status> {
    let table = &target.table;
    match (kind_of(destination, table, stopper)?, target.if_exists, target.if_missing) {
        (None, _, IfMissing::Fail) => {
            Err(Status::not_found(format!("there is no table {table:?}, and the ingestion must not make one (if_not_exist is FAIL)")))
        }
        (None, _, IfMissing::Create) => {
            run(destination, &sql::create_table(table, schema)?, stopper)?;
            Ok(None)
        }
        (Some(_), IfExists::Fail, _) => Err(Status::already_exists(format!(
            "there is a table {table:?} already, and the ingestion must not add to it (if_exists is FAIL)"
        ))),
        (Some(kind), IfExists::Replace, _) if kind == "view" => {
            Err(Status::failed_precondition(format!("{table:?} is a view, which a table cannot replace; drop it first")))
        }
        (Some(_), IfExists::Replace, _) => {
            let create = sql::create_table(table, schema)?;
            run(destination, &sql::drop_table(table), stopper)?;
            run(destination, &create, stopper)?;
            Ok(None)
        }
        (Some(kind), IfExists::Append, _) => columns(destination, table, kind == "table", stopper).map(Some),
    }
}

/// What SQLite calls the kind of the table, `None` if there is no such table.
fn kind_of(destination: &Destination, table: &str, stopper: &Stopper) -> Result<Option<String>, Status> {
    let name = quoted(table, '\'');
    let sql = format!("SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = {name} COLLATE NOCASE");
    let mut kind = None;
    each_row(destination, &sql, stopper, |cursor| kind = Some(text(&cursor.cell(0))))?;
    Ok(kind)
}

/// `is_plain` if what has been stored in a row can be asked for.
fn columns(destination: &Destination, table: &str, is_plain: bool, stopper: &Stopper) -> Result<Vec<Column>, Status> {
    let sql = format!("SELECT name, type FROM pragma_table_xinfo({}, 'main') ORDER BY cid", quoted(table, '\''));
    let mut columns = Vec::new();
    each_row(destination, &sql, stopper, |cursor| {
        let kind = ColumnType::of_declaration(&text(&cursor.cell(1))).filter(|_| is_plain);
        columns.push(Column { name: text(&cursor.cell(0)), kind });
    })?;
    Ok(columns)
}

fn run(destination: &Destination, sql: &str, stopper: &Stopper) -> Result<(), Status> {
    each_row(destination, sql, stopper, |_| {})
}

fn each_row(destination: &Destination, sql: &str, stopper: &Stopper, mut row: impl FnMut(&Cursor)) -> Result<(), Status> {
    let mut cursor = destination.prepare(sql, stopper)?;
    while cursor.step()? {
        row(&cursor);
    }
    cursor.finish();
    Ok(())
}
