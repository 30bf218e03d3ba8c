//! What the server keeps for a time: found by number until it expires, and renewed for as long again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

#[derive(Debug)]
pub(super) struct Expiring<T> {
    by_id: Mutex<HashMap<u64, (Arc<T>, Instant)>>,
    next_id: AtomicU64,
    lifetime: Duration,
}

impl<T> Expiring<T> {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { by_id: Mutex::default(), next_id: AtomicU64::new(1), lifetime }
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Keeps something for its lifetime; the number, which is never 0, finds it again. The same thing has the same number, and begins anew
    /// with its lifetime.
    pub(super) fn keep(&self, kept: Arc<T>) -> u64 {
        let until = Instant::now() + self.lifetime;
        let mut by_id = self.lock();
        if let Some((id, (_, known))) = by_id.iter_mut().find(|(_, (known, _))| Arc::ptr_eq(known, &kept)) {
            *known = until;
            return *id;
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        by_id.insert(id, (kept, until));
        id
    }

    pub(super) fn find(&self, id: u64) -> Option<Arc<T>> {
        self.lock().get(&id).filter(|(_, until)| *until > Instant::now()).map(|(kept, _)| Arc::clone(kept))
    }

    /// Keeps it for its lifetime from now on; `None` if it is not kept any more. Returns until when.
    pub(super) fn renew(&self, id: u64) -> Option<SystemTime> {
        // Before the clock that counts: no client is promised more than it gets.
        let expires = SystemTime::now() + self.lifetime;
        let now = Instant::now();
        let mut by_id = self.lock();
        let (_, until) = by_id.get_mut(&id).filter(|(_, until)| *until > now)?;
        *until = now + self.lifetime;
        Some(expires)
    }

    /// Lets go of it; what uses it goes on.
    pub(super) fn forget(&self, id: u64) {
        let forgotten = self.lock().remove(&id);
        // Memory is freed outside of the lock.
        drop(forgotten);
    }

    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Lets go of what has been kept long enough.
    pub(super) fn expire(&self) {
        let now = Instant::now();
        self.lock().retain(|_, (_, until)| *until > now);
    }

    /// Lets go of everything.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, (Arc<T>, Instant)>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
