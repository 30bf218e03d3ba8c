//! Results that were computed before they are read: those of several endpoints, those of
//! statements that write, and those of transactions.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use tonic::Status;

use super::BatchShape;
use crate::server::allowance::{Allowance, Held};
use crate::server::expiring::Expiring;

/// Every kept result of a server, for as long as it is kept.
#[derive(Debug)]
pub(in super::super) struct KeptResults {
    results: Expiring<Kept>,
    allowance: Allowance,
}

/// One result, whole.
#[derive(Debug)]
pub(in super::super) struct Kept {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    /// The row at which each batch begins.
    starts: Vec<u64>,
    rows: u64,
    held: Held,
    max_bytes: usize,
}

impl KeptResults {
    pub(in super::super) fn new(max_bytes: usize, lifetime: Duration) -> Self {
        Self { results: Expiring::new(lifetime), allowance: Allowance::new(max_bytes) }
    }

    /// An empty result to add batches to.
    pub(in super::super) fn begin(&self, schema: SchemaRef) -> Kept {
        Kept { schema, batches: Vec::new(), starts: Vec::new(), rows: 0, held: self.allowance.hold(), max_bytes: self.allowance.most() }
    }

    /// Keeps a result for its lifetime; the number finds it again.
    pub(in super::super) fn keep(&self, kept: Kept) -> u64 {
        self.results.keep(Arc::new(kept))
    }

    pub(in super::super) fn find(&self, id: u64) -> Option<Arc<Kept>> {
        self.results.find(id)
    }

    /// Keeps a result for its lifetime from now on; `None` if it is not kept any more. Returns until when.
    pub(in super::super) fn renew(&self, id: u64) -> Option<SystemTime> {
        self.results.renew(id)
    }

    /// Lets go of a result; reads of it that are under way go on.
    pub(in super::super) fn forget(&self, id: u64) {
        self.results.forget(id);
    }

    pub(in super::super) fn lifetime(&self) -> Duration {
        self.results.lifetime()
    }

    pub(in super::super) fn count(&self) -> usize {
        self.results.count()
    }

    /// Bytes of every result that is kept or still read.
    pub(in super::super) fn bytes(&self) -> usize {
        self.allowance.used()
    }

    /// Lets go of what has been kept long enough.
    pub(in super::super) fn expire(&self) {
        self.results.expire();
    }
}

impl Kept {
    /// Adds a batch, unless the server keeps too much already.
    pub(in super::super) fn push(&mut self, batch: RecordBatch) -> Result<(), Status> {
        if !self.held.add(batch.get_array_memory_size()) {
            return Err(Status::resource_exhausted(format!(
                "the server keeps at most {} bytes of results that are not read while they are computed; ask for one \
                 endpoint outside of a transaction, or for fewer rows",
                self.max_bytes
            )));
        }
        self.starts.push(self.rows);
        self.rows += batch.num_rows() as u64;
        self.batches.push(batch);
        Ok(())
    }

    pub(in super::super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(in super::super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows of endpoint `index` of `count`: consecutive ranges, the same size but for one row.
    pub(in super::super) fn range_of(&self, index: usize, count: usize) -> std::ops::Range<u64> {
        let bound = |index: usize| (u128::from(self.rows) * index as u128 / count.max(1) as u128) as u64;
        bound(index)..bound(index + 1)
    }
}

/// Consecutive rows of a kept result, batch after batch.
#[derive(Debug)]
pub(in super::super) struct KeptRange {
    kept: Arc<Kept>,
    rows: std::ops::Range<u64>,
    shape: BatchShape,
}

impl KeptRange {
    pub(in super::super) fn new(kept: Arc<Kept>, rows: std::ops::Range<u64>, shape: BatchShape) -> Self {
        Self { kept, rows, shape }
    }

    pub(in super::super) fn schema(&self) -> &SchemaRef {
        self.kept.schema()
    }

    /// The next batch, `None` at the end.
    pub(in super::super) fn next(&mut self) -> Result<Option<RecordBatch>, Status> {
        let mut slices = Vec::new();
        let mut missing = self.shape.rows;
        while let Some(slice) = self.slice(missing) {
            missing -= slice.num_rows();
            self.rows.start += slice.num_rows() as u64;
            slices.push(slice);
            // A batch that is there is as good as any, unless its size was asked for.
            if missing == 0 || !self.shape.exact {
                break;
            }
        }
        match slices.len() {
            0 => Ok(None),
            1 => Ok(slices.pop()),
            _ => concat_batches(self.schema(), &slices)
                .map(Some)
                .map_err(|error| Status::internal(format!("batches could not be joined: {error}"))),
        }
    }

    /// At most `most` rows from where the range begins, of one batch.
    fn slice(&self, most: usize) -> Option<RecordBatch> {
        let left = self.rows.end.checked_sub(self.rows.start).filter(|left| *left > 0)?;
        let index = self.kept.starts.partition_point(|start| *start <= self.rows.start).checked_sub(1)?;
        let batch = self.kept.batches.get(index)?;
        let offset = (self.rows.start - self.kept.starts.get(index)?) as usize;
        let length = (batch.num_rows() - offset).min(most).min(usize::try_from(left).unwrap_or(usize::MAX));
        Some(batch.slice(offset, length))
    }
}
