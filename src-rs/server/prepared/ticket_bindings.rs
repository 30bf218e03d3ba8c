//! Values of tickets that are too many to be carried by the ticket itself.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::server::sqlite::Binding;

/// Values that tickets refer to by number, for as long as they are kept.
#[derive(Debug)]
pub(in super::super) struct TicketBindings {
    by_id: Mutex<HashMap<u64, (Arc<Binding>, Instant)>>,
    next_id: AtomicU64,
    lifetime: Duration,
}

impl TicketBindings {
    pub(in super::super) fn new(lifetime: Duration) -> Self {
        Self { by_id: Mutex::default(), next_id: AtomicU64::new(1), lifetime }
    }

    /// Keeps values for their lifetime; the number, which is never 0, finds them again. The same values have the same
    /// number, and begin anew with their lifetime.
    pub(in super::super) fn keep(&self, binding: &Arc<Binding>) -> u64 {
        let until = Instant::now() + self.lifetime;
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((id, (_, known))) = by_id.iter_mut().find(|(_, (known, _))| Arc::ptr_eq(known, binding)) {
            *known = until;
            return *id;
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        by_id.insert(id, (Arc::clone(binding), until));
        id
    }

    pub(in super::super) fn find(&self, id: u64) -> Option<Arc<Binding>> {
        let by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        by_id.get(&id).filter(|(_, until)| *until > Instant::now()).map(|(binding, _)| Arc::clone(binding))
    }

    /// Keeps values for their lifetime from now on; `None` if they are not kept any more. Returns until when.
    pub(in super::super) fn renew(&self, id: u64) -> Option<SystemTime> {
        // Before the clock that counts: no client is promised more than it gets.
        let expires = SystemTime::now() + self.lifetime;
        let now = Instant::now();
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, until) = by_id.get_mut(&id).filter(|(_, until)| *until > now)?;
        *until = now + self.lifetime;
        Some(expires)
    }

    /// Lets go of what has been kept long enough.
    pub(in super::super) fn expire(&self) {
        let now = Instant::now();
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (_, until)| *until > now);
    }

    /// Lets go of everything.
    pub(in super::super) fn clear(&self) {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
