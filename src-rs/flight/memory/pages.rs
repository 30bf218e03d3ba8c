//! Address space from the system, in which memory is there once it is written.

use std::ptr::NonNull;

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
/// On Linux the system is asked for large pages: a page fault costs as much as copying the 4 KiB that it brings, and one for 2 MiB costs
/// little more than zeroing them.
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
