//! Writes rows into a table.

use arrow_array::{Array, RecordBatch};
use arrow_schema::Schema;
use tonic::Status;

use super::destination::Destination;
use super::sql;
use super::table::Column;
use crate::server::sqlite::{Cursor, SqliteFailure, Stopper};
use crate::server::values::builder::ColumnBuilder;
use crate::server::values::parameter;
use crate::server::values::types::ColumnType;

/// One INSERT, to be run for each row.
pub(super) struct Rows {
    cursor: Cursor,
    table: String,
    /// Columns that were declared with another type than the values have, in the order in which the INSERT returns them: a
    /// value that does not fit would make the table one that cannot be read.
    checks: Vec<Check>,
    /// Rows that have been taken, and those that the table has been changed by.
    taken: u64,
    written: u64,
}

struct Check {
    column: String,
    builder: ColumnBuilder,
}

impl Rows {
    /// Rows with the columns of `schema` for a table with the columns `known`, or with the same ones if it is new.
    /// Blocks.
    pub(super) fn prepare(
        destination: &Destination,
        table: &str,
        schema: &Schema,
        known: Option<&[Column]>,
        stopper: &Stopper,
    ) -> Result<Self, Status> {
        let mut checks = Vec::new();
        if let Some(known) = known {
            for (column, field) in matched(table, schema, known)?.into_iter().zip(schema.fields()) {
                let given = ColumnType::of_arrow(field.data_type());
                // A value of another type is looked at as SQLite has stored it, which makes 1 of '1' in an INTEGER.
                if let Some(kind) = column.kind.filter(|kind| !given.is_some_and(|given| kind.holds_all_of(given))) {
                    checks.push(Check { column: column.name.clone(), builder: ColumnBuilder::new(kind, 0) });
                }
            }
        }
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let insert = sql::insert(table, names, checks.iter().map(|check| check.column.as_str()));
        let cursor = destination.prepare_for_rows(&insert, stopper)?;
        Ok(Self { cursor, table: table.to_owned(), checks, taken: 0, written: 0 })
    }

    /// Writes the rows of a batch, until `stopper` says not to. Blocks.
    pub(super) fn write(&mut self, batch: &RecordBatch, stopper: &Stopper) -> Result<(), Status> {
        for row in 0..batch.num_rows() {
            if stopper.is_stopped() {
                return Err(Status::cancelled("nobody waits for the rows to be written any more"));
            }
            self.taken += 1;
            self.cursor.rewind();
            for (index, column) in batch.columns().iter().enumerate() {
                self.bind(batch, index, column.as_ref(), row)?;
            }
            self.insert()?;
        }
        self.checks.iter_mut().for_each(|check| drop(check.builder.finish()));
        Ok(())
    }

    fn bind(&mut self, batch: &RecordBatch, index: usize, column: &dyn Array, row: usize) -> Result<(), Status> {
        let placed = |failure: SqliteFailure| {
            let name = batch.schema_ref().field(index).name();
            failure.at(&format!("table {:?}, column {name:?}, row {}", self.table, self.taken))
        };
        let value = parameter::value(column, row).map_err(|why| placed(SqliteFailure::unbindable(why)))?;
        self.cursor.bind(index, &value).map_err(placed)?;
        Ok(())
    }

    fn insert(&mut self) -> Result<(), Status> {
        let Self { cursor, table, checks, taken, .. } = self;
        let placed = |failure: SqliteFailure| Status::from(failure.at(&format!("table {table:?}, row {taken}")));
        let changed = cursor.run_once(placed, &mut |stored| {
            for (index, Check { column, builder }) in checks.iter_mut().enumerate() {
                builder.append(&stored.cell(index)).map_err(|misfit| {
                    Status::invalid_argument(format!("table {table:?}, column {column:?}, row {taken}: {}", misfit.what))
                })?;
            }
            Ok(())
        })?;
        self.written += changed;
        Ok(())
    }

    /// Ends the statement. Returns how many rows were written.
    pub(super) fn finish(self) -> u64 {
        self.cursor.finish();
        self.written
    }
}

/// The columns of a table that those of `schema` are, by their names as SQL compares them.
fn matched<'a>(table: &str, schema: &Schema, known: &'a [Column]) -> Result<Vec<&'a Column>, Status> {
    let mut matched: Vec<&Column> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let Some(column) = known.iter().find(|column| column.name.eq_ignore_ascii_case(field.name())) else {
            let names: Vec<_> = known.iter().map(|column| format!("{:?}", column.name)).collect();
            return Err(Status::invalid_argument(format!(
                "the table {table:?} has no column {:?}; its columns are {}",
                field.name(),
                names.join(", ")
            )));
        };
        if matched.iter().any(|other| std::ptr::eq(*other, column)) {
            return Err(Status::invalid_argument(format!("the upload has more than one column {:?} for the table {table:?}", column.name)));
        }
        matched.push(column);
    }
    Ok(matched)
}
