//! Faults on demand, for tests: a panic at a named place. Not compiled into published addons.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Where a panic can be forced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Place {
    StreamTask = 1,
    DecodeTask = 2,
    ExportTask = 3,
    CallTask = 4,
    Completion = 5,
    Finalizer = 6,
}

static ARMED: AtomicU8 = AtomicU8::new(0);

/// Arms the next pass through `place`; 0 disarms.
pub fn arm(place: u8) {
    ARMED.store(place, Relaxed);
}

/// Panics, once, where `place` is armed.
#[expect(clippy::panic, reason = "that is what it is for")]
pub fn panic_if_armed(place: Place) {
    if ARMED.compare_exchange(place as u8, 0, Relaxed, Relaxed).is_ok() {
        panic!("forced by a test");
    }
}
