//! Results: from a statement's rows to the messages of a stream.

mod encode;
mod kept;
mod live;
mod returned;
mod rows;
mod schema;
mod stream;
mod waiting;

pub(super) use encode::encapsulated;
pub(super) use kept::{Kept, KeptRange, KeptResults};
pub(super) use live::LiveRows;
pub(super) use returned::ReturnedRows;
pub(super) use schema::{ResultColumns, ValueClass};
pub(super) use stream::{ResultStream, Rows};
pub(super) use waiting::WaitingResults;

/// Where one record batch ends and the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchShape {
    /// The most rows of a batch.
    pub(super) rows: usize,
    /// A batch ends with the row that brings it to so many bytes.
    pub(super) bytes: usize,
    /// All but the last batch have exactly `rows` rows, as far as `bytes` lets them.
    pub(super) exact: bool,
}

impl BatchShape {
    /// The batches of a caller who named no size. 2 MiB is what arrow-flight's servers send, and stays below the
    /// 4 MiB that gRPC clients take by default.
    pub(super) const DEFAULT: Self = Self { rows: 65_536, bytes: 2 * 1024 * 1024, exact: false };

    /// Batches of `rows` rows.
    pub(super) const fn exactly(rows: usize) -> Self {
        Self { rows, bytes: 64 * 1024 * 1024, exact: true }
    }
}
