//! One polled query, and how far it is.

use std::time::Duration;

use arrow_flight::FlightDescriptor;
use arrow_schema::SchemaRef;
use tokio::sync::watch;
use tonic::Status;

use crate::server::call::CallOptions;
use crate::server::results::{Kept, KeptResults};
use crate::server::sqlite::Stopper;

#[derive(Debug)]
pub(in super::super) struct PolledQuery {
    pub(super) number: u64,
    /// What the client asked with at first.
    pub(super) descriptor: FlightDescriptor,
    pub(super) options: CallOptions,
    pub(super) stopper: Stopper,
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// Not known while the first rows have to tell the types.
    pub(super) schema: Option<SchemaRef>,
    pub(super) parts: Vec<Part>,
    /// How the query ended, once it has.
    pub(super) outcome: Option<Result<(), Status>>,
}

/// Rows that can be read: a kept result of their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) kept: u64,
    pub(super) rows: u64,
}

impl PolledQuery {
    pub(super) fn new(number: u64, descriptor: FlightDescriptor, options: CallOptions) -> Self {
        Self { number, descriptor, options, stopper: Stopper::default(), progress: watch::Sender::default() }
    }

    pub(super) fn announce(&self, schema: &SchemaRef) {
        self.progress.send_modify(|progress| progress.schema = Some(SchemaRef::clone(schema)));
    }

    /// Lets clients read the rows of `part`.
    pub(super) fn add(&self, results: &KeptResults, part: Kept) {
        let rows = part.rows();
        let part = Part { kept: results.keep(part), rows };
        self.progress.send_modify(|progress| progress.parts.push(part));
    }

    /// The query has ended, with `last` as its last part.
    pub(super) fn finish(&self, results: &KeptResults, outcome: Result<Kept, Status>) {
        let (part, outcome) = match outcome {
            Ok(last) => {
                let rows = last.rows();
                (Some(Part { kept: results.keep(last), rows }), Ok(()))
            }
            Err(status) => {
                self.forget(results);
                (None, Err(status))
            }
        };
        // At once, so that nobody is told of the last part and not that it is the last.
        self.progress.send_modify(|progress| {
            progress.parts.extend(part);
            progress.outcome = Some(outcome);
        });
    }

    /// Keeps every part for its lifetime from now on.
    pub(super) fn renew(&self, results: &KeptResults) {
        for part in &self.progress.borrow().parts {
            // What has expired is found out by whoever tells of it.
            let _ = results.renew(part.kept);
        }
    }

    /// Lets go of every part.
    pub(in super::super) fn forget(&self, results: &KeptResults) {
        for part in &self.progress.borrow().parts {
            results.forget(part.kept);
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.progress.borrow().outcome.is_none()
    }

    /// How far the query is, when it has more than `seen` parts or has ended, or after `patience`.
    pub(super) async fn progress(&self, seen: u64, patience: Duration) -> Progress {
        let mut progress = self.progress.subscribe();
        let news = progress.wait_for(|progress| progress.outcome.is_some() || progress.parts.len() as u64 > seen);
        // Without news the answer is that there are none.
        let _ = tokio::time::timeout(patience, news).await;
        self.progress.borrow().clone()
    }
}
