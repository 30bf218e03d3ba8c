//! Where an upload's messages go out, by the task that has them or by whoever has another one while that task has none.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::transport::http2::Sending;

/// Has the request while nobody sends.
#[derive(Default, Clone)]
pub(super) struct Line(Arc<Mutex<Option<Sending>>>);

impl std::fmt::Debug for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Line")
    }
}

impl Line {
    /// Leaves the request to others for as long as nobody takes it back.
    pub(super) fn open(&self, sending: Sending) -> OpenLine {
        *self.idle() = Some(sending);
        OpenLine(self.clone())
    }

    /// The request, if nobody is sending.
    pub(super) fn idle(&self) -> MutexGuard<'_, Option<Sending>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task's side. When the task ends, so does what was left to others: unless it was sent to its end, it is reset.
pub(super) struct OpenLine(Line);

impl OpenLine {
    /// The request, to send with and to be given back.
    pub(super) fn take(&self) -> Option<Sending> {
        self.0.idle().take()
    }

    pub(super) fn give_back(&self, sending: Sending) {
        *self.0.idle() = Some(sending);
    }
}

impl Drop for OpenLine {
    fn drop(&mut self) {
        drop(self.take());
    }
}
