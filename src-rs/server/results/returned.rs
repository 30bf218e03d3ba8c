//! The rows that a writing statement returns: all of them are computed before any is read.

use tonic::Status;

use super::BatchShape;
use super::kept::{Kept, KeptResults};
use super::rows::RowCollector;
use super::schema::ResultColumns;
use crate::server::sqlite::Cursor;

pub(in super::super) struct ReturnedRows<'a> {
    results: &'a KeptResults,
    collector: RowCollector,
    /// From the first batch on.
    kept: Option<Kept>,
}

impl<'a> ReturnedRows<'a> {
    pub(in super::super) fn new(results: &'a KeptResults, cursor: &Cursor, shape: BatchShape) -> Self {
        Self { results, collector: RowCollector::new(ResultColumns::of(cursor), shape), kept: None }
    }

    /// Adds the row under `cursor`.
    pub(in super::super) fn add(&mut self, cursor: &Cursor) -> Result<(), Status> {
        self.collector.add(cursor)?;
        if self.collector.is_full() {
            let mut kept = self.begun()?;
            kept.push(self.collector.finish(&kept.schema().clone())?)?;
            self.kept = Some(kept);
        }
        Ok(())
    }

    /// The whole result.
    pub(in super::super) fn finish(mut self) -> Result<Kept, Status> {
        let mut kept = self.begun()?;
        if !self.collector.is_empty() {
            kept.push(self.collector.finish(&kept.schema().clone())?)?;
        }
        Ok(kept)
    }

    fn begun(&mut self) -> Result<Kept, Status> {
        if let Some(kept) = self.kept.take() {
            return Ok(kept);
        }
        self.collector.resolve()?;
        Ok(self.results.begin(self.collector.schema()))
    }
}
