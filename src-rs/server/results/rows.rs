//! Reads rows into record batches, and finds the types of columns that were declared with none.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use tonic::Status;

use super::BatchShape;
use super::schema::{ResultColumn, ResultColumns, ValueClass};
use crate::server::sqlite::Cursor;
use crate::server::values::builder::ColumnBuilder;
use crate::server::values::cell::{Cell, Misfit};

/// Collects the rows of one result, batch after batch.
pub(super) struct RowCollector {
    columns: ResultColumns,
    slots: Vec<Slot>,
    shape: BatchShape,
    /// Rows of the batch that is being collected.
    rows: usize,
    bytes: usize,
    /// Rows of the batches before.
    rows_before: u64,
}

/// Where the values of one column go.
enum Slot {
    Typed(Box<ColumnBuilder>),
    /// The type is not known until the first batch is full.
    Open {
        values: Vec<Value>,
        class: ValueClass,
    },
}

/// A value that waits for its column's type.
enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(Box<[u8]>),
    Blob(Box<[u8]>),
}

impl RowCollector {
    pub(super) fn new(columns: ResultColumns, shape: BatchShape) -> Self {
        // Room for more would only be right for a result that is longer than most.
        let room = shape.rows.min(1024);
        let slots = columns
            .iter()
            .map(|column| match column.kind {
                Some(kind) => Slot::Typed(Box::new(ColumnBuilder::new(kind, room))),
                None => Slot::Open { values: Vec::new(), class: ValueClass::None },
            })
            .collect();
        Self { columns, slots, shape, rows: 0, bytes: 0, rows_before: 0 }
    }

    pub(super) fn columns(&self) -> &ResultColumns {
        &self.columns
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.columns.schema()
    }

    /// Whether the batch has as much as it should.
    pub(super) fn is_full(&self) -> bool {
        self.rows >= self.shape.rows || self.bytes >= self.shape.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds the row under `cursor`.
    pub(super) fn add(&mut self, cursor: &Cursor) -> Result<(), Status> {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            let cell = cursor.cell(index);
            match slot {
                Slot::Typed(builder) => match builder.append(&cell) {
                    Ok(bytes) => self.bytes += bytes,
                    Err(misfit) => return Err(self.refuse(index, self.rows, &misfit)),
                },
                Slot::Open { values, class } => {
                    let (value, class_of_value) = Value::of(&cell);
                    self.bytes += size_of::<Value>() + value.heap_bytes();
                    *class = (*class).max(class_of_value);
                    values.push(value);
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Settles the types that are open by the values so far.
    pub(super) fn resolve(&mut self) -> Result<(), Status> {
        for index in 0..self.slots.len() {
            let Some(Slot::Open { values, class }) = self.slots.get_mut(index) else {
                continue;
            };
            let (values, class) = (std::mem::take(values), *class);
            let mut builder = ColumnBuilder::new(class.kind(), values.len());
            for (row, value) in values.iter().enumerate() {
                builder.append(&value.cell()).map_err(|misfit| self.refuse(index, row, &misfit))?;
            }
            self.slots[index] = Slot::Typed(Box::new(builder));
            if let Some(column) = self.columns.iter_mut().nth(index) {
                column.resolve(class);
            }
        }
        Ok(())
    }

    /// The rows so far as a batch; the next one begins.
    pub(super) fn finish(&mut self, schema: &SchemaRef) -> Result<RecordBatch, Status> {
        let arrays = self
            .slots
            .iter_mut()
            .map(|slot| match slot {
                Slot::Typed(builder) => Ok(builder.finish()),
                Slot::Open { .. } => Err(Status::internal("a column has no type at the end of a batch")),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
            .map_err(|error| Status::internal(format!("a batch could not be made: {error}")))?;
        self.rows_before += self.rows as u64;
        self.rows = 0;
        self.bytes = 0;
        Ok(batch)
    }

    fn refuse(&self, index: usize, row: usize, misfit: &Misfit) -> Status {
        let row = self.rows_before + row as u64 + 1;
        let (name, origin) =
            self.columns.iter().nth(index).map_or_else(Default::default, |column| (column.name.as_str(), ResultColumn::origin(column)));
        Status::failed_precondition(format!("column {name:?} ({origin}), row {row}: {}; {}", misfit.what, misfit.remedy))
    }
}

impl Value {
    fn of(cell: &Cell<'_>) -> (Self, ValueClass) {
        match cell {
            Cell::Null => (Self::Null, ValueClass::None),
            Cell::Integer(value) => (Self::Integer(*value), ValueClass::Integer),
            Cell::Real(value) => (Self::Real(*value), ValueClass::Real),
            Cell::Text(bytes) => (Self::Text((*bytes).into()), ValueClass::Text),
            Cell::Blob(bytes) => (Self::Blob((*bytes).into()), ValueClass::Blob),
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(value) => Cell::Integer(*value),
            Self::Real(value) => Cell::Real(*value),
            Self::Text(bytes) => Cell::Text(bytes),
            Self::Blob(bytes) => Cell::Blob(bytes),
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Text(bytes) | Self::Blob(bytes) => bytes.len(),
            Self::Null | Self::Integer(_) | Self::Real(_) => 0,
        }
    }
}
