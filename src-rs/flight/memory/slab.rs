//! Where the bodies of one stream lie: large ones in blocks of their own, small ones in slabs that they share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::{ALIGNMENT, Block, BodyWriter, own_block};
use crate::error::Result;

/// Bodies up to this size share a slab; larger ones get a block of their own. Measured: at 256 KiB the cost of a crossing and of an
/// ArrayBuffer (about 12 µs) is below a tenth of the cost of receiving the body.
pub const SMALL_BODY: usize = 256 << 10;

const SMALLEST_SLAB: usize = 16 << 10;
const LARGEST_SLAB: usize = 4 << 20;

/// Says that what lies in a slab so far has been handed out, so that its writer begins another: a kept batch then pins no more than
/// what arrived with it.
#[derive(Debug, Clone, Default)]
pub struct SlabSeal(Arc<AtomicBool>);

impl SlabSeal {
    pub fn seal(&self) {
        self.0.store(true, Relaxed);
    }
}

/// Places the bodies of one stream: large ones in blocks of their own, small ones in slabs.
#[derive(Debug, Default)]
pub struct SlabWriter {
    slab: Option<Slab>,
    next_capacity: usize,
    seal: SlabSeal,
}

#[derive(Debug)]
struct Slab {
    block: Arc<Block>,
    used: usize,
}

impl SlabWriter {
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer whose slab is sealed with `seal`, by whoever hands its regions out.
    pub fn sealed_by(seal: SlabSeal) -> Self {
        Self { seal, ..Self::default() }
    }

    /// Memory for a body of exactly `length` bytes, aligned to 64.
    ///
    /// # Errors
    /// `OUT_OF_MEMORY` where the system refuses.
    pub fn body(&mut self, length: usize) -> Result<BodyWriter> {
        if length > SMALL_BODY {
            return own_block(length);
        }
        if self.seal.0.swap(false, Relaxed)
            && let Some(slab) = self.slab.take()
        {
            // Twice what the consumer took at once: grows while it lags behind, shrinks to what a trickle needs.
            self.next_capacity = slab.used * 2;
        }
        let full = self.slab.as_ref().is_some_and(|slab| slab.block.capacity - slab.used < length);
        if full {
            self.next_capacity = LARGEST_SLAB;
            self.slab = None;
        }
        let slab = match &mut self.slab {
            Some(slab) => slab,
            None => {
                let capacity = self.next_capacity.clamp(SMALLEST_SLAB, LARGEST_SLAB).max(length);
                self.slab.insert(Slab { block: Arc::new(Block::allocate(capacity)?), used: 0 })
            }
        };
        let offset = slab.used;
        let end = offset + length;
        let padded = end.next_multiple_of(ALIGNMENT).min(slab.block.capacity);
        // SAFETY: `end..padded` lies in the block, behind every region made so far; nobody else can reach it.
        unsafe { slab.block.start.as_ptr().add(end).write_bytes(0, padded - end) };
        slab.used = padded;
        Ok(BodyWriter { block: Arc::clone(&slab.block), offset, length, filled: 0, brought: usize::MAX })
    }
}
