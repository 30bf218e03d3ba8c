//! Values that were bound to the parameters of a statement.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Field, Schema};

use super::failure::SqliteFailure;
use crate::server::allowance::Held;
use crate::server::values::parameter::{self, Value};

/// A row of values for every run of a statement.
#[derive(Debug)]
pub(in super::super) struct Binding {
    /// Their columns are the parameters, in the statement's order and by its names. None is empty.
    batches: Vec<RecordBatch>,
    rows: usize,
    held: Held,
}

impl Binding {
    /// `batches` as values for the parameters `names`; `places` says which column is whose.
    pub(in super::super) fn new(names: &[String], places: &[usize], batches: &[RecordBatch], held: Held) -> Result<Self, ArrowError> {
        let batches = batches.iter().filter(|batch| batch.num_rows() > 0).map(|batch| {
            let columns: Vec<_> = places.iter().map(|place| Arc::clone(batch.column(*place))).collect();
            let field = |(name, column): (&String, &arrow_array::ArrayRef)| Field::new(name, column.data_type().clone(), true);
            let schema = Schema::new(names.iter().zip(&columns).map(field).collect::<Vec<_>>());
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            RecordBatch::try_new_with_options(Arc::new(schema), columns, &options)
        });
        Ok(Self::of(batches.collect::<Result<_, _>>()?, held))
    }

    fn of(batches: Vec<RecordBatch>, held: Held) -> Self {
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        Self { batches, rows, held }
    }

    /// How many rows there are.
    pub(in super::super) fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes that they take.
    pub(in super::super) fn bytes(&self) -> usize {
        self.held.bytes()
    }

    /// Refuses values that SQLite has no equal of, without running anything.
    pub(in super::super) fn check(&self) -> Result<(), SqliteFailure> {
        let mut before = 0;
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                for parameter in 0..batch.num_columns() {
                    value(batch, parameter, row, before + row + 1)?;
                }
            }
            before += batch.num_rows();
        }
        Ok(())
    }

    pub(super) fn batch(&self, index: usize) -> Option<&RecordBatch> {
        self.batches.get(index)
    }

    /// The values as bytes, for [`decode`](Self::decode).
    pub(in super::super) fn encode(&self) -> Result<Vec<u8>, ArrowError> {
        let Some(first) = self.batches.first() else {
            return Ok(Vec::new());
        };
        let mut writer = StreamWriter::try_new(Vec::new(), first.schema_ref())?;
        for batch in &self.batches {
            writer.write(batch)?;
        }
        writer.into_inner()
    }

    /// The values of bytes that this server has encoded.
    pub(in super::super) fn decode(bytes: &[u8], held: Held) -> Result<Self, ArrowError> {
        let batches = StreamReader::try_new(bytes, None)?.collect::<Result<Vec<_>, _>>()?;
        Ok(Self::of(batches, held))
    }
}

/// The value of a parameter in a row of `batch`, which is row `number` of all.
pub(super) fn value(batch: &RecordBatch, parameter: usize, row: usize, number: usize) -> Result<Value<'_>, SqliteFailure> {
    parameter::value(batch.column(parameter).as_ref(), row).map_err(|why| {
        let name = batch.schema_ref().field(parameter).name();
        SqliteFailure::unbindable(format!("parameter {name:?}, row {number}: {why}"))
    })
}
