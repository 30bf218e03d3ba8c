//! Address space from the system, in which memory is there once it is written, and how that is made cheap.
//!
//! A page fault costs several times what copying the 4 KiB that it brings does. Where large pages (2 MiB) are to be had, one of them brings 512
//! times as much for little more than zeroing it; but there are virtual machines whose host has to find each large page first, at ten times
//! the price. Nothing tells them apart but the clock, so the first page of every arena is measured.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What large pages measure on the systems that have them. Addresses and lengths here are multiples of it.
pub(super) const PAGE: usize = 2 << 20;

#[cfg(all(target_os = "linux", not(miri)))]
mod system {
    use std::ptr::{self, NonNull};

    use super::PAGE;

    pub(in super::super) fn reserve(length: usize) -> Option<NonNull<u8>> {
        let total = length.checked_add(PAGE)?;
        // SAFETY: a new anonymous mapping, wherever the system has room; nothing else is touched.
        let mapped = unsafe {
            libc::mmap(
                ptr::null_mut(),
                total,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if mapped == libc::MAP_FAILED {
            return None;
        }
        let begin = mapped.cast::<u8>();
        let before = begin.align_offset(PAGE);
        // SAFETY: what lies before and behind the aligned range belongs to the new mapping, and nobody knows of it yet. The advice changes
        // nothing that a program can see, so that a kernel which does not take it is as good.
        unsafe {
            let aligned = begin.add(before);
            if before > 0 {
                libc::munmap(mapped, before);
            }
            libc::munmap(aligned.add(length).cast(), PAGE - before);
            libc::madvise(aligned.cast(), length, libc::MADV_HUGEPAGE);
            NonNull::new(aligned)
        }
    }

    pub(in super::super) fn use_small_pages(start: NonNull<u8>, length: usize) {
        // SAFETY: the advice changes nothing that a program can see.
        unsafe { libc::madvise(start.as_ptr().cast(), length, libc::MADV_NOHUGEPAGE) };
    }

    /// Older kernels do not know this; then the pages come one by one.
    pub(in super::super) fn populate(start: NonNull<u8>) {
        // SAFETY: this makes pages writable and present, as the writes that follow would; the content of those that are there stays.
        unsafe { libc::madvise(start.as_ptr().cast(), PAGE, libc::MADV_POPULATE_WRITE) };
    }

    /// # Safety
    /// The range is part of a reservation, and nobody uses what is in it.
    pub(in super::super) unsafe fn discard(start: NonNull<u8>, length: usize) {
        // SAFETY: the caller's promise.
        unsafe { libc::madvise(start.as_ptr().cast(), length, libc::MADV_DONTNEED) };
    }

    /// # Safety
    /// The range is a whole reservation, and nobody uses it.
    pub(in super::super) unsafe fn release(start: NonNull<u8>, length: usize) {
        // SAFETY: the caller's promise.
        unsafe { libc::munmap(start.as_ptr().cast(), length) };
    }
}

#[cfg(any(not(target_os = "linux"), miri))]
mod system {
    use std::alloc::{Layout, alloc, dealloc};
    use std::ptr::NonNull;

    use super::PAGE;

    fn layout(length: usize) -> Option<Layout> {
        Layout::from_size_align(length, PAGE).ok().filter(|layout| layout.size() > 0)
    }

    pub(in super::super) fn reserve(length: usize) -> Option<NonNull<u8>> {
        // SAFETY: the layout's size is not zero.
        NonNull::new(unsafe { alloc(layout(length)?) })
    }

    pub(in super::super) fn use_small_pages(_start: NonNull<u8>, _length: usize) {}

    pub(in super::super) fn populate(_start: NonNull<u8>) {}

    /// Parts of an allocation cannot be given back here; they go with the whole.
    ///
    /// # Safety
    /// As on Linux.
    pub(in super::super) unsafe fn discard(_start: NonNull<u8>, _length: usize) {}

    /// # Safety
    /// The range is a whole reservation, and nobody uses it.
    pub(in super::super) unsafe fn release(start: NonNull<u8>, length: usize) {
        if let Some(layout) = layout(length) {
            // SAFETY: `reserve` made it with this very layout.
            unsafe { dealloc(start.as_ptr(), layout) };
        }
    }
}

/// Address space of `length` bytes, a multiple of [`PAGE`], aligned to it; `None` where the system refuses. Its content is undefined.
///
/// On Linux the system is asked for large pages.
pub(super) fn reserve(length: usize) -> Option<NonNull<u8>> {
    system::reserve(length)
}

/// Gives the memory under a range back to the system, which brings it again, with undefined content, when it is written.
///
/// # Safety
/// The range is made of whole pages of one reservation, and nobody uses what is in it.
pub(super) unsafe fn discard(start: NonNull<u8>, length: usize) {
    // SAFETY: the caller's promise.
    unsafe { system::discard(start, length) }
}

/// Gives a reservation back whole.
///
/// # Safety
/// `reserve` returned `start` for this very `length`, and nobody uses it any more.
pub(super) unsafe fn release(start: NonNull<u8>, length: usize) {
    // SAFETY: the caller's promise.
    unsafe { system::release(start, length) }
}

/// A large page that takes longer to come than this is dearer than the 512 small ones that it stands for: measured, those take 0.8 ms in a
/// virtual machine, a large page 0.2 ms, or 2 ms where the host has to find it.
const DEAR: Duration = Duration::from_micros(700);

const UNKNOWN: u8 = 0;
const LARGE: u8 = 1;
const SMALL: u8 = 2;

/// How memory is best brought into one reservation.
#[derive(Debug)]
pub(super) struct Paging {
    start: NonNull<u8>,
    length: usize,
    way: AtomicU8,
}

// SAFETY: the address is only given to advice and to writes of those who own the range in question.
unsafe impl Send for Paging {}
// SAFETY: as above; the rest is atomic.
unsafe impl Sync for Paging {}

impl Paging {
    pub(super) fn new(start: NonNull<u8>, length: usize) -> Self {
        Self { start, length, way: AtomicU8::new(UNKNOWN) }
    }

    /// Brings the memory of the page that begins at `page`, before it is written.
    ///
    /// # Safety
    /// The page is part of the reservation, which is alive; the byte at `own`, within that page, is the caller's to overwrite.
    pub(super) unsafe fn bring(&self, page: NonNull<u8>, own: NonNull<u8>) {
        match self.way.load(Relaxed) {
            UNKNOWN => {
                let began = Instant::now();
                // SAFETY: the caller's promise.
                unsafe { own.write_volatile(0) };
                let is_dear = began.elapsed() > DEAR;
                if is_dear {
                    system::use_small_pages(self.start, self.length);
                }
                self.way.store(if is_dear { SMALL } else { LARGE }, Relaxed);
            }
            SMALL => system::populate(page),
            _ => {}
        }
    }
}
