//! Where blocks come from and go back to: arenas of address space on large pages, shared by the process.
//!
//! Receiving into fresh memory costs more in page faults than in copying. So memory that came back is used again before more is taken, what
//! is taken lies on large pages, and blocks share those: a batch of 1.8 MB does not occupy two of them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use super::pages::{self, PAGE, Paging};

/// Address space that is reserved at a time; a larger block gets an arena of its own size.
const ARENA: usize = 64 << 20;

/// Blocks begin and end at multiples of this: a small page, so that no two blocks share one.
pub(super) const GRAIN: usize = 4 << 10;

/// The arenas of the process.
pub(super) static ARENAS: Mutex<Arenas> = Mutex::new(Arenas::new());

pub(super) struct Arenas {
    /// By address.
    arenas: BTreeMap<usize, Arena>,
    /// Bytes of blocks in use.
    used: usize,
    /// Bytes of pages that may be backed by memory.
    touched: usize,
    /// How much of `touched` may lie idle.
    limit: usize,
    /// The least that has lain idle since the last call of `settle`.
    least_idle: usize,
}

/// A block's place.
pub(super) struct Place {
    pub(super) start: NonNull<u8>,
    pub(super) fresh: Option<Fresh>,
}

/// The pages of a block that no block has had before, or not since their memory was given back.
#[derive(Debug)]
pub(super) struct Fresh {
    /// Where they lie, counted from the block's start. The first may begin before the block, and the last end behind it.
    pub(super) pages: Range<isize>,
    pub(super) paging: Arc<Paging>,
}

struct Arena {
    start: NonNull<u8>,
    length: usize,
    /// Offset and length of what is free, adjacent ranges joined.
    free: BTreeMap<usize, usize>,
    /// Nothing longer than this is free. May be too high, never too low.
    longest_free: usize,
    pages: Vec<Page>,
    paging: Arc<Paging>,
}

#[derive(Clone, Copy, Default)]
struct Page {
    /// Blocks that have a part of it.
    blocks: u32,
    /// Whether it was part of a block since its memory was last given back.
    touched: bool,
}

// SAFETY: an arena is the sole owner of its address space; nothing in it is bound to a thread.
unsafe impl Send for Arena {}

impl Arenas {
    const fn new() -> Self {
        Self { arenas: BTreeMap::new(), used: 0, touched: 0, limit: 0, least_idle: 0 }
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// What is kept for reuse: memory that no block has.
    pub(super) fn idle(&self) -> usize {
        self.touched.saturating_sub(self.used)
    }

    /// A block of `length` bytes, a multiple of [`GRAIN`], aligned to that; `None` where the system refuses.
    pub(super) fn take(&mut self, length: usize) -> Option<Place> {
        debug_assert!(length > 0 && length.is_multiple_of(GRAIN));
        // The lowest place of the first arena that has one: what is in use stays together, and the arenas behind fall empty.
        let found = self.arenas.values_mut().find_map(|arena| arena.take(length));
        let (place, touched) = match found {
            Some(found) => found,
            None => {
                let mut arena = Arena::reserve(length.checked_next_multiple_of(PAGE)?.max(ARENA))?;
                let taken = arena.take(length)?;
                self.arenas.insert(arena.start.as_ptr() as usize, arena);
                taken
            }
        };
        self.used += length;
        self.touched += touched;
        self.least_idle = self.least_idle.min(self.idle());
        Some(place)
    }

    /// Gives back what nobody has needed since the last call.
    pub(super) fn settle(&mut self) {
        let kept = self.idle().saturating_sub(self.least_idle);
        self.shrink(kept);
        self.least_idle = self.idle();
    }

    /// # Safety
    /// `take` returned `start` for this very `length`, and nobody uses it any more.
    pub(super) unsafe fn give_back(&mut self, start: NonNull<u8>, length: usize) {
        let Some((_, arena)) = self.arenas.range_mut(..=start.as_ptr() as usize).next_back() else { return };
        arena.give_back(start, length);
        self.used -= length;
        self.shrink(self.limit);
    }

    /// How much may lie idle from now on.
    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.shrink(limit);
    }

    /// Gives memory of pages that no block has back to the system, from the end, until no more than `limit` lies idle.
    fn shrink(&mut self, limit: usize) {
        if self.idle() <= limit {
            return;
        }
        for arena in self.arenas.values_mut().rev() {
            let excess = self.touched.saturating_sub(self.used).saturating_sub(limit);
            if excess == 0 {
                break;
            }
            self.touched -= arena.discard(excess);
        }
        // One arena stays, so that a program of one small query after another does not map and unmap.
        let mut has_one = self.arenas.values().any(|arena| !arena.is_untouched());
        self.arenas.retain(|_, arena| {
            let stays = !arena.is_untouched() || !has_one && arena.length == ARENA;
            has_one |= stays;
            stays
        });
        self.least_idle = self.least_idle.min(self.idle());
    }
}

impl Arena {
    fn reserve(length: usize) -> Option<Self> {
        let start = pages::reserve(length)?;
        Some(Self {
            start,
            length,
            free: BTreeMap::from([(0, length)]),
            longest_free: length,
            pages: vec![Page::default(); length / PAGE],
            paging: Arc::new(Paging::new(start, length)),
        })
    }

    /// The lowest free range of `length` bytes, and how many bytes of pages are touched by it that were not.
    fn take(&mut self, length: usize) -> Option<(Place, usize)> {
        if self.longest_free < length {
            return None;
        }
        let Some((offset, found)) = self.free.iter().find(|(_, found)| **found >= length).map(|(offset, found)| (*offset, *found)) else {
            self.longest_free = self.free.values().copied().max().unwrap_or(0);
            return None;
        };
        self.free.remove(&offset);
        if found > length {
            self.free.insert(offset + length, found - length);
        }
        let mut fresh: Option<Range<usize>> = None;
        let mut touched = 0;
        for at in offset / PAGE..(offset + length).div_ceil(PAGE) {
            let page = &mut self.pages[at];
            page.blocks += 1;
            if !std::mem::replace(&mut page.touched, true) {
                touched += PAGE;
                fresh = Some(fresh.map_or(at, |range| range.start)..at + 1);
            }
        }
        let from_block = |page: usize| (page * PAGE) as isize - offset as isize;
        let fresh = fresh.map(|range| Fresh { pages: from_block(range.start)..from_block(range.end), paging: Arc::clone(&self.paging) });
        // SAFETY: the range lies within the arena's address space.
        Some((Place { start: unsafe { self.start.add(offset) }, fresh }, touched))
    }

    fn give_back(&mut self, start: NonNull<u8>, length: usize) {
        let offset = start.as_ptr() as usize - self.start.as_ptr() as usize;
        for page in &mut self.pages[offset / PAGE..(offset + length).div_ceil(PAGE)] {
            page.blocks -= 1;
        }
        let (mut from, mut to) = (offset, offset + length);
        if let Some((before, length)) = self.free.range(..offset).next_back().map(|(before, length)| (*before, *length))
            && before + length == from
        {
            from = before;
        }
        if let Some(length) = self.free.remove(&to) {
            to += length;
        }
        self.free.insert(from, to - from);
        self.longest_free = self.longest_free.max(to - from);
    }

    /// Gives the memory of up to `excess` bytes of idle pages back, the last ones first. Returns how many bytes that were.
    fn discard(&mut self, excess: usize) -> usize {
        let mut given = 0;
        for (at, page) in self.pages.iter_mut().enumerate().rev() {
            if given >= excess {
                break;
            }
            if page.touched && page.blocks == 0 {
                page.touched = false;
                given += PAGE;
                // SAFETY: a whole page of the arena, and no block has a part of it.
                unsafe { pages::discard(self.start.add(at * PAGE), PAGE) };
            }
        }
        given
    }

    /// Whether no block is in it and none of its memory is kept.
    fn is_untouched(&self) -> bool {
        self.pages.iter().all(|page| !page.touched)
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        if self.pages.iter().any(|page| page.blocks > 0) {
            // Not reached: only untouched arenas are dropped. Address space that is in use is never given back.
            return;
        }
        // SAFETY: no block is in it, and the arena is the sole owner of what `reserve` gave it.
        unsafe { pages::release(self.start, self.length) };
    }
}

#[cfg(test)]
#[path = "arenas_test.rs"]
mod tests;
