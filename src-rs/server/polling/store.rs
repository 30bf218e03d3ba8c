//! The polled queries that a server knows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tonic::Status;

use super::query::PolledQuery;

/// How long a poll waits for something to tell.
const LONG_POLL: Duration = Duration::from_secs(1);

/// How many may run at a time: half of the threads that compute, so that other calls always have some.
const MOST_RUNNING: usize = 32;

/// How many that have ended are remembered, for a client that asks once more because it lost the answer.
const MOST_ENDED: usize = 1024;

#[derive(Debug)]
pub(in super::super) struct PolledQueries {
    by_number: Mutex<HashMap<u64, (Arc<PolledQuery>, Instant)>>,
    lifetime: Duration,
}

impl PolledQueries {
    /// Queries are stopped and forgotten when nobody has polled them for `lifetime`.
    pub(in super::super) fn new(lifetime: Duration) -> Self {
        Self { by_number: Mutex::default(), lifetime }
    }

    pub(super) fn add(&self, query: Arc<PolledQuery>) -> Result<(), Status> {
        let mut by_number = self.by_number();
        let ended = by_number.values().filter(|(query, _)| !query.is_running()).count();
        if by_number.len() - ended >= MOST_RUNNING {
            return Err(Status::resource_exhausted(format!(
                "{MOST_RUNNING} polled queries run, as many as may; poll one to its end, or cancel one"
            )));
        }
        if ended >= MOST_ENDED {
            let oldest = by_number.iter().filter(|(_, (query, _))| !query.is_running()).min_by_key(|(_, (_, until))| *until);
            if let Some(number) = oldest.map(|(number, _)| *number) {
                by_number.remove(&number);
            }
        }
        by_number.insert(query.number, (query, self.until()));
        Ok(())
    }

    /// The query of that number, which is polled by this.
    pub(super) fn find(&self, number: u64) -> Option<Arc<PolledQuery>> {
        let mut by_number = self.by_number();
        let (query, until) = by_number.get_mut(&number)?;
        *until = self.until();
        Some(Arc::clone(query))
    }

    /// Until when a query is there that is polled now.
    pub(super) fn expires(&self) -> SystemTime {
        SystemTime::now() + self.lifetime
    }

    /// How long a poll waits for something to tell: not until what there is has expired.
    pub(super) fn patience(&self) -> Duration {
        LONG_POLL.min(self.lifetime / 2)
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    pub(in super::super) fn remove(&self, number: u64) -> Option<Arc<PolledQuery>> {
        self.by_number().remove(&number).map(|(query, _)| query)
    }

    /// Stops and forgets the queries that nobody polls any more.
    pub(in super::super) fn expire(&self) {
        let now = Instant::now();
        self.by_number().retain(|_, (query, until)| {
            let is_polled = *until > now;
            if !is_polled {
                query.stopper.stop();
            }
            is_polled
        });
    }

    /// How many run.
    pub(in super::super) fn running(&self) -> usize {
        self.by_number().values().filter(|(query, _)| query.is_running()).count()
    }

    /// A poll may wait first, and the client is told its time only then.
    fn until(&self) -> Instant {
        Instant::now() + self.lifetime + LONG_POLL
    }

    fn by_number(&self) -> MutexGuard<'_, HashMap<u64, (Arc<PolledQuery>, Instant)>> {
        self.by_number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
