//! A result that is computed while it is read.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tonic::Status;

use super::BatchShape;
use super::rows::RowCollector;
use super::schema::ResultColumns;
use crate::server::sqlite::{Cursor, Runs, Stopper};

/// A running statement, and the rows that it was run for already.
pub(in super::super) struct LiveRows {
    /// Gone at the end.
    cursor: Option<Cursor>,
    runs: Runs,
    collector: RowCollector,
    schema: SchemaRef,
    /// The batch that the types were found by.
    first: Option<RecordBatch>,
    shape: BatchShape,
    stopper: Stopper,
}

impl LiveRows {
    /// A result whose columns all have a type. Those of several runs follow one another, each with a snapshot of its own.
    pub(in super::super) fn new(cursor: Cursor, runs: Runs, columns: ResultColumns, shape: BatchShape) -> Self {
        let stopper = cursor.stopper().clone();
        let collector = RowCollector::new(columns, shape);
        let schema = collector.schema();
        Self { cursor: Some(cursor), runs, collector, schema, first: None, shape, stopper }
    }

    /// Runs a statement without parameters for its first batch, to give a type to every column. Blocks.
    pub(in super::super) fn sample(cursor: Cursor, columns: ResultColumns, shape: BatchShape) -> Result<Self, Status> {
        Self::sample_runs(cursor, Runs::once(), columns, shape)
    }

    /// Runs a statement for its first batch, to give a type to every column. Blocks.
    ///
    /// A column holds the widest class among the values of the first batch: integers, then reals, then text, then
    /// blobs. Without any value it holds text.
    pub(in super::super) fn sample_runs(cursor: Cursor, runs: Runs, columns: ResultColumns, shape: BatchShape) -> Result<Self, Status> {
        let mut live = Self::new(cursor, runs, columns, shape);
        live.fill()?;
        live.collector.resolve()?;
        live.schema = live.collector.schema();
        if !live.collector.is_empty() {
            live.first = Some(live.collector.finish(&live.schema)?);
        }
        Ok(live)
    }

    pub(in super::super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(in super::super) fn columns(&self) -> &ResultColumns {
        self.collector.columns()
    }

    pub(in super::super) fn shape(&self) -> BatchShape {
        self.shape
    }

    /// What stops the statement from another thread.
    pub(in super::super) fn stopper(&self) -> &Stopper {
        &self.stopper
    }

    /// Whether it is known that no batch is to come.
    pub(in super::super) fn has_ended(&self) -> bool {
        self.cursor.is_none() && self.first.is_none() && self.collector.is_empty()
    }

    /// The next batch, `None` at the end. Blocks.
    pub(in super::super) fn next(&mut self) -> Result<Option<RecordBatch>, Status> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        self.fill()?;
        if self.collector.is_empty() {
            return Ok(None);
        }
        self.collector.finish(&self.schema).map(Some)
    }

    /// Steps until the batch is full or the statement at its end.
    fn fill(&mut self) -> Result<(), Status> {
        while !self.collector.is_full() {
            let Some(cursor) = &mut self.cursor else {
                return Ok(());
            };
            let stepped = self.runs.step(cursor);
            match stepped {
                Ok(true) => self.collector.add(cursor)?,
                Ok(false) => {
                    self.end();
                    return Ok(());
                }
                Err(failure) => {
                    let is_server = cursor.is_server_stopping();
                    self.end();
                    return Err(match failure.is_interrupt() {
                        true if is_server => Status::unavailable("the server is stopping"),
                        true => Status::cancelled("the statement was stopped because nobody reads its result"),
                        false => failure.into(),
                    });
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        if let Some(cursor) = self.cursor.take() {
            cursor.finish();
        }
    }
}

impl Drop for LiveRows {
    fn drop(&mut self) {
        // A result that nobody reads to its end leaves a good connection behind.
        self.end();
    }
}
