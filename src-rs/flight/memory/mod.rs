//! The memory that bodies are received into: 64-byte aligned blocks, recycled, and slabs of them that small bodies share.
//!
//! A [`Block`] is one allocation. A [`Region`] is a part of a block that holds one received body; it keeps the block alive. Blocks return
//! to the arenas of the process when their last region is gone. Recycled memory still holds what it held before, so nothing but bytes that
//! were written for the region (or zeros) may be handed out: [`SlabWriter`] zeroes the gaps, and a region is only made of a body that was
//! filled to its end.

mod arenas;
mod pages;
mod slab;

use std::io;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::task::{Poll, ready};

use tokio::io::ReadBuf;

pub use self::slab::{SMALL_BODY, SlabSeal, SlabWriter};

use self::arenas::{ARENAS, Arenas, Fresh, GRAIN};
use self::pages::PAGE;
use crate::error::{Code, Error, Result};
use crate::transport::http2::Read;

/// Alignment of every body: a cache line, and what Arrow recommends.
pub const ALIGNMENT: usize = 64;

/// As much as is kept of what comes back when nothing is read.
pub const LITTLE: usize = 16 << 20;

static HANDED_OUT_BYTES: AtomicUsize = AtomicUsize::new(0);
static HANDED_OUT_BUFFERS: AtomicUsize = AtomicUsize::new(0);
static RECEIVED_BODY_BYTES: AtomicU64 = AtomicU64::new(0);
static COPIED_BODY_BYTES: AtomicU64 = AtomicU64::new(0);
static REFUSE: AtomicU32 = AtomicU32::new(0);

/// Counters of the process, for tests and `stats()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryStats {
    /// Bytes that are handed out and not yet finalized.
    pub handed_out_bytes: usize,
    pub handed_out_buffers: usize,
    /// Bytes of blocks: bodies that are received, wait, or are handed out, with what they are rounded up by.
    pub used_bytes: usize,
    /// Bytes that are kept for reuse.
    pub pooled_bytes: usize,
    /// Body bytes received into blocks: read there from the socket, or copied once on the way.
    pub received_body_bytes: u64,
    /// Body bytes copied again after that, for whatever reason, decompression and normalising excepted.
    pub copied_body_bytes: u64,
}

pub fn memory_stats() -> MemoryStats {
    let (used_bytes, pooled_bytes) = {
        let arenas = arenas();
        (arenas.used(), arenas.idle())
    };
    MemoryStats {
        handed_out_bytes: handed_out_bytes(),
        handed_out_buffers: HANDED_OUT_BUFFERS.load(Relaxed),
        used_bytes,
        pooled_bytes,
        received_body_bytes: RECEIVED_BODY_BYTES.load(Relaxed),
        copied_body_bytes: COPIED_BODY_BYTES.load(Relaxed),
    }
}

/// As in [`memory_stats`], without the rest.
pub fn handed_out_bytes() -> usize {
    HANDED_OUT_BYTES.load(Relaxed)
}

/// Counts body bytes that were copied once more than the design allows for.
pub fn count_copied(bytes: usize) {
    COPIED_BODY_BYTES.fetch_add(bytes as u64, Relaxed);
}

/// Makes the `nth` block that is asked for from here on be refused, once, as if by the system; 0 disarms.
#[cfg(feature = "test-hooks")]
pub fn refuse_block(nth: u32) {
    REFUSE.store(nth, Relaxed);
}

/// How many blocks are still to come up to the one that is refused; 0 if there is none.
#[cfg(feature = "test-hooks")]
pub fn blocks_to_refusal() -> u32 {
    REFUSE.load(Relaxed)
}

/// From here on memory that comes back is kept for reuse, until [`settle`] says otherwise. Whoever calls this calls that.
pub fn expect_reads() {
    arenas().set_limit(usize::MAX);
}

/// To be called every few seconds while memory is kept: gives back to the system what lay idle since the last call. Returns how much is kept.
pub fn settle() -> usize {
    let mut arenas = arenas();
    arenas.settle();
    arenas.idle()
}

/// The end of what [`expect_reads`] began: of what comes back from here on little is kept.
pub fn expect_no_reads() {
    arenas().set_limit(LITTLE);
}

fn arenas() -> MutexGuard<'static, Arenas> {
    ARENAS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One aligned allocation. Its memory is reached only through [`Region`]s and [`BodyWriter`]s.
pub struct Block {
    start: NonNull<u8>,
    capacity: usize,
    fresh: Option<Fresh>,
}

// SAFETY: the pointer is owned; access goes through regions, which are disjoint, and the one writer of a slab.
unsafe impl Send for Block {}
// SAFETY: as above; `&Block` alone gives no access to the memory.
unsafe impl Sync for Block {}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Block").field("capacity", &self.capacity).finish()
    }
}

impl Block {
    /// At least `bytes` of memory with undefined content. The system commits pages as they are written, so that a length that a hostile
    /// server merely claims costs address space only.
    ///
    /// # Errors
    /// `OUT_OF_MEMORY` where the system refuses.
    pub fn allocate(bytes: usize) -> Result<Self> {
        let refused = || {
            Error::new(Code::OutOfMemory, format!("the system refused {bytes} bytes for a message body"))
                .with_hint("limit the size of messages with maxMessageBytes, or ask for smaller batches")
        };
        if REFUSE.load(Relaxed) > 0 && REFUSE.fetch_sub(1, Relaxed) == 1 {
            return Err(refused());
        }
        let capacity = bytes.max(1).checked_next_multiple_of(GRAIN).ok_or_else(refused)?;
        let place = arenas().take(capacity).ok_or_else(refused)?;
        Ok(Self { start: place.start, capacity, fresh: place.fresh })
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: `allocate` took it with this very length, and its last user is gone.
        unsafe { arenas().give_back(self.start, self.capacity) };
    }
}

/// A filled part of a block: the body of one message.
#[derive(Debug, Clone)]
pub struct Region {
    block: Arc<Block>,
    offset: usize,
    length: usize,
}

impl Region {
    pub fn len(&self) -> usize {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub fn block(&self) -> &Arc<Block> {
        &self.block
    }

    /// Where it begins in its block.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Its bytes.
    ///
    /// # Safety
    /// The region must not have been handed to JavaScript, which could write to it.
    pub unsafe fn bytes(&self) -> &[u8] {
        // SAFETY: the range lies in the block (checked when the region was made), all of it has been written, and the caller promises
        // that nobody else writes to it.
        unsafe { std::slice::from_raw_parts(self.block.start.as_ptr().add(self.offset), self.length) }
    }
}

/// Consecutive regions of one block, on their way into one ArrayBuffer. Counted as handed out from its making to its drop.
#[derive(Debug)]
pub struct HandOut {
    block: Arc<Block>,
    start: usize,
    length: usize,
}

impl HandOut {
    /// The bytes of `block` from `start` to `end`.
    pub fn new(block: Arc<Block>, start: usize, end: usize) -> Self {
        let end = end.min(block.capacity);
        let length = end.saturating_sub(start);
        HANDED_OUT_BYTES.fetch_add(length, Relaxed);
        HANDED_OUT_BUFFERS.fetch_add(1, Relaxed);
        Self { block, start, length }
    }

    pub fn as_ptr(&self) -> *mut u8 {
        // SAFETY: `start` is within the block.
        unsafe { self.block.start.as_ptr().add(self.start) }
    }

    pub fn len(&self) -> usize {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Drop for HandOut {
    fn drop(&mut self) {
        HANDED_OUT_BYTES.fetch_sub(self.length, Relaxed);
        HANDED_OUT_BUFFERS.fetch_sub(1, Relaxed);
    }
}

/// A part of a block that is being filled.
#[derive(Debug)]
pub struct BodyWriter {
    block: Arc<Block>,
    offset: usize,
    length: usize,
    filled: usize,
    /// Up to where in its block memory has been brought ahead of the writes. Only in a block of its own.
    brought: usize,
}

impl BodyWriter {
    /// Copies as much of a frame as still fits: the one copy that a body byte may meet. Returns how much that was.
    pub fn receive(&mut self, frame: &[u8]) -> usize {
        let count = self.write(frame);
        RECEIVED_BODY_BYTES.fetch_add(count as u64, Relaxed);
        count
    }

    /// Lets `read` put up to `limit` bytes where the next ones of the body belong: they are not copied at all. Says how many came.
    pub fn fill(&mut self, limit: usize, read: &mut Read<'_>) -> Poll<io::Result<usize>> {
        let limit = limit.min(self.remaining());
        self.bring(self.offset + self.filled + limit);
        // SAFETY: the range lies in the block, this writer is its only user (`&mut self`), and nothing is said of what it holds.
        let memory = unsafe {
            let start = self.block.start.as_ptr().add(self.offset + self.filled).cast::<MaybeUninit<u8>>();
            std::slice::from_raw_parts_mut(start, limit)
        };
        let start = memory.as_ptr().cast::<u8>();
        let mut buffer = ReadBuf::uninit(memory);
        ready!(read(&mut buffer))?;
        let read = buffer.filled();
        assert!(std::ptr::eq(read.as_ptr(), start), "the memory that is read into was exchanged");
        let count = read.len();
        self.filled += count;
        RECEIVED_BODY_BYTES.fetch_add(count as u64, Relaxed);
        Poll::Ready(Ok(count))
    }

    /// Copies as much of `bytes` as still fits. Returns how much that was.
    pub fn write(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.remaining());
        self.bring(self.offset + self.filled + count);
        // SAFETY: `offset + length` lies in the block, this writer is the only one for that range, and `bytes` is foreign memory.
        unsafe {
            let target = self.block.start.as_ptr().add(self.offset + self.filled);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, count);
        }
        self.filled += count;
        count
    }

    /// Brings the memory that is written up to `end`, an offset in the block. Never more: what is merely claimed costs nothing.
    fn bring(&mut self, end: usize) {
        if end <= self.brought {
            return;
        }
        let Some(fresh) = &self.block.fresh else {
            self.brought = usize::MAX;
            return;
        };
        let own = self.offset + self.filled;
        let mut page = fresh.pages.start;
        while page < fresh.pages.end && page < end as isize {
            let next = page + PAGE as isize;
            if next > self.brought as isize {
                let first = own.max(usize::try_from(page).unwrap_or(0));
                // SAFETY: the page is one of those that the block has a part of, so that its arena is alive; `first` lies in that page and in
                // the part of the block that this writer is the only user of, and has not written yet.
                unsafe { fresh.paging.bring(self.block.start.offset(page), self.block.start.add(first)) };
            }
            page = next;
        }
        self.brought = usize::try_from(page).unwrap_or(0).max(end);
    }

    /// Writes zeros up to the next multiple of [`ALIGNMENT`], or to the end.
    pub fn pad(&mut self) {
        let padding = self.filled.next_multiple_of(ALIGNMENT).min(self.length) - self.filled;
        self.write(&[0; ALIGNMENT][..padding]);
    }

    /// Fills the next `length` bytes from `reader`. Memory is touched as the bytes come, so that a length which is merely claimed costs
    /// nothing.
    ///
    /// # Errors
    /// Those of the reader; an end that comes too early.
    pub fn read_from(&mut self, reader: &mut impl io::Read, length: usize) -> io::Result<()> {
        const STEP: usize = 256 << 10;
        let mut rest = length.min(self.remaining());
        while rest > 0 {
            let step = rest.min(STEP);
            self.bring(self.offset + self.filled + step);
            // SAFETY: the range lies in the block, this writer is its only user (`&mut self`), and zeroing initialises it.
            let target = unsafe {
                let target = self.block.start.as_ptr().add(self.offset + self.filled);
                target.write_bytes(0, step);
                std::slice::from_raw_parts_mut(target, step)
            };
            reader.read_exact(target)?;
            self.filled += step;
            rest -= step;
        }
        Ok(())
    }

    pub fn remaining(&self) -> usize {
        self.length - self.filled
    }

    /// The body as a region, or the writer back while it is not full.
    pub fn finish(self) -> std::result::Result<Region, Self> {
        if self.filled < self.length {
            return Err(self);
        }
        Ok(Region { block: self.block, offset: self.offset, length: self.length })
    }
}

/// A block for one body alone.
///
/// # Errors
/// `OUT_OF_MEMORY` where the system refuses.
pub fn own_block(length: usize) -> Result<BodyWriter> {
    let block = Arc::new(Block::allocate(length)?);
    Ok(BodyWriter { block, offset: 0, length, filled: 0, brought: 0 })
}
