//! Faults on demand, for tests: a panic at a named place, an allocation that the system refuses. Not compiled into published addons.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Where a panic can be forced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Place {
    /// Before a stream is opened.
    StreamTask = 1,
    DecodeTask = 2,
    /// Before an export's file is made.
    ExportTask = 3,
    CallTask = 4,
    Completion = 5,
    Finalizer = 6,
    /// Before a message of a stream is decoded.
    StreamMessage = 7,
    /// Before a batch is written to an export's file.
    ExportBatch = 8,
    /// While a delivery is described in numbers.
    Delivery = 9,
    /// While a connection is opened.
    Connector = 10,
    /// The finalizer of the bytes of `toIPC()`.
    VectorFinalizer = 11,
    /// While bytes from the socket become a message.
    Landing = 12,
}

/// The place in the low byte, and above it how many passes are let through first.
static ARMED: AtomicU32 = AtomicU32::new(0);

/// Arms a pass through `place`, the first but for `skipped`; place 0 disarms.
pub fn arm(place: u8, skipped: u16) {
    ARMED.store(u32::from(place) | u32::from(skipped) << 8, Relaxed);
}

/// Whether a panic is still to come.
pub fn is_armed() -> bool {
    ARMED.load(Relaxed) != 0
}

/// Panics, once, where `place` is armed.
#[expect(clippy::panic, reason = "that is what it is for")]
pub fn panic_if_armed(place: Place) {
    let passed = ARMED.fetch_update(Relaxed, Relaxed, |armed| (armed as u8 == place as u8).then(|| armed.saturating_sub(1 << 8)));
    if passed.is_ok_and(|armed| armed >> 8 == 0) {
        panic!("forced by a test");
    }
}

/// What counts as a large allocation: larger than anything that does not grow with what a server sends.
const LARGE: usize = 256 << 10;

static REFUSE: AtomicU32 = AtomicU32::new(0);

/// Makes the `nth` large allocation from here on fail, once; 0 disarms.
pub fn refuse_allocation(nth: u32) {
    REFUSE.store(nth, Relaxed);
}

/// How many large allocations are still to come before the one that fails; 0 if none is armed, or it was.
pub fn allocations_to_refusal() -> u32 {
    REFUSE.load(Relaxed)
}

fn is_refused(size: usize) -> bool {
    size >= LARGE && REFUSE.load(Relaxed) > 0 && REFUSE.fetch_sub(1, Relaxed) == 1
}

/// An allocator that can be told to refuse.
#[derive(Debug)]
pub struct RefusingAllocator<A>(pub A);

// SAFETY: what is not refused is the inner allocator's, called with the caller's own arguments; a null pointer is a refusal.
unsafe impl<A: GlobalAlloc> GlobalAlloc for RefusingAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_refused(layout.size()) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(start, layout) };
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_refused(layout.size()) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if is_refused(size) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise.
        unsafe { self.0.realloc(start, layout, size) }
    }
}
