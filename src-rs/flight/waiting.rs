//! Messages that wait to be sent, and the room for them.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::put::Up;

/// What may wait, in bytes: whoever makes messages goes on while the connection sends these. More of it would have left the processor's cache when its
/// turn comes, which was measured to cost a quarter of the throughput at 8 MiB.
const MOST: usize = 2 << 20;

/// Room is given in units of this size, and one more for each message: little ones cost more than their bytes.
const UNIT: usize = 4 << 10;

const UNITS: usize = MOST / UNIT;

/// Room for one message or several, taken until it is dropped.
pub(super) type Room = OwnedSemaphorePermit;

/// Where messages are given to be sent.
#[derive(Debug)]
pub(super) struct Entrance {
    messages: mpsc::UnboundedSender<(Up, Option<Room>)>,
    room: Arc<Semaphore>,
}

/// Where they are taken, each with its room: that is free again once the message was sent.
pub(super) type Waiting = mpsc::UnboundedReceiver<(Up, Option<Room>)>;

pub(super) fn waiting() -> (Entrance, Waiting) {
    let (messages, waiting) = mpsc::unbounded_channel();
    (Entrance { messages, room: Arc::new(Semaphore::new(UNITS)) }, waiting)
}

/// A message that is larger than all the room may wait alone.
fn units(bytes: usize) -> u32 {
    (bytes / UNIT + 1).min(UNITS) as u32
}

impl Entrance {
    /// Room for so many bytes, if it is free.
    pub(super) fn free_room(&self, bytes: usize) -> Option<Room> {
        Arc::clone(&self.room).try_acquire_many_owned(units(bytes)).ok()
    }

    /// Whether nothing waits, and nothing of what waited is being sent.
    pub(super) fn is_empty(&self) -> bool {
        self.room.available_permits() == UNITS
    }

    /// Room for so many bytes, as soon as it is free; `None` once nothing is taken any more. Whoever has to wait does so until half of all is free, and
    /// is not woken for each message.
    pub(super) async fn room(&self, bytes: usize) -> Option<Room> {
        if let Some(room) = self.free_room(bytes).filter(|_| !self.is_closed()) {
            return Some(room);
        }
        let units = units(bytes);
        let awaited = units.max(UNITS as u32 / 2);
        let mut permit = tokio::select! {
            biased;
            () = self.messages.closed() => return None,
            permit = Arc::clone(&self.room).acquire_many_owned(awaited) => permit.ok()?,
        };
        drop(permit.split((awaited - units) as usize));
        Some(permit)
    }

    /// Resolves once nothing is taken any more.
    pub(super) async fn closed(&self) {
        self.messages.closed().await;
    }

    /// Whether nothing is taken any more.
    pub(super) fn is_closed(&self) -> bool {
        self.messages.is_closed()
    }

    /// Gives what there is room for. Returns whether it will be looked at.
    pub(super) fn give(&self, up: Up, room: Option<Room>) -> bool {
        self.messages.send((up, room)).is_ok()
    }
}

#[cfg(test)]
#[path = "waiting_test.rs"]
mod tests;
