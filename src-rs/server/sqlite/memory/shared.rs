//! The shared memory and the locks that SQLite's write-ahead log coordinates its connections with.

use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

use super::locks::Busy;

/// SQLite's number of lock slots (`SQLITE_SHM_NLOCK`).
const SLOTS: usize = rusqlite::ffi::SQLITE_SHM_NLOCK as usize;

#[derive(Default)]
pub(super) struct SharedMemory(Mutex<State>);

#[derive(Default)]
struct State {
    /// Regions never move while a connection is open: SQLite keeps their addresses.
    regions: Vec<Region>,
    slots: [Slot; SLOTS],
    /// Connections that have been given a region.
    attached: usize,
}

/// One region, 8-byte aligned as the log's index needs it.
struct Region {
    start: *mut u64,
    words: usize,
}

// SAFETY: the memory behind `start` belongs to this region alone, and every access to it is SQLite's own, which
// orders them by the slots and barriers below as it does for memory that processes share.
unsafe impl Send for Region {}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: `start` and `words` came from `Box::into_raw` of a slice of that length, and nobody holds the
        // address any more: regions go with the last connection that was given one.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.start, self.words)) });
    }
}

#[derive(Clone, Copy, Default)]
struct Slot {
    shared: usize,
    exclusive: bool,
}

/// What one connection holds: its slots, as bits, and whether it has been given a region.
#[derive(Default)]
pub(super) struct Hold {
    shared: u8,
    exclusive: u8,
    attached: bool,
}

impl SharedMemory {
    /// The address of region `index`; null if it does not exist and is not to be made.
    pub(super) fn region(&self, held: &mut Hold, index: usize, size: usize, create: bool) -> Option<*mut c_void> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.attached {
            held.attached = true;
            state.attached += 1;
        }
        while create && state.regions.len() <= index {
            let words = size.div_ceil(8);
            let mut memory: Vec<u64> = Vec::new();
            memory.try_reserve_exact(words).ok()?;
            memory.resize(words, 0);
            let start = Box::into_raw(memory.into_boxed_slice()).cast::<u64>();
            state.regions.push(Region { start, words });
        }
        Some(state.regions.get(index).map_or(std::ptr::null_mut(), |region| region.start.cast()))
    }

    /// Takes slots `first..first + count` for a connection, all or none.
    pub(super) fn lock(&self, held: &mut Hold, first: usize, count: usize, exclusive: bool) -> Result<(), Busy> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slots) = state.slots.get_mut(first..first.saturating_add(count)) else {
            return Err(Busy);
        };
        for (slot, bit) in slots.iter().zip(bits(first)) {
            let shared_by_others = slot.shared - usize::from(held.shared & bit != 0);
            let taken = (slot.exclusive && held.exclusive & bit == 0) || (exclusive && shared_by_others > 0);
            if taken {
                return Err(Busy);
            }
        }
        for (slot, bit) in slots.iter_mut().zip(bits(first)) {
            if exclusive {
                slot.exclusive = true;
                held.exclusive |= bit;
            } else if held.shared & bit == 0 {
                slot.shared += 1;
                held.shared |= bit;
            }
        }
        Ok(())
    }

    /// Gives slots `first..first + count` of a connection back, in the mode they were taken in.
    pub(super) fn unlock(&self, held: &mut Hold, first: usize, count: usize, exclusive: bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slots) = state.slots.get_mut(first..first.saturating_add(count)) else {
            return;
        };
        for (slot, bit) in slots.iter_mut().zip(bits(first)) {
            if exclusive && held.exclusive & bit != 0 {
                slot.exclusive = false;
                held.exclusive &= !bit;
            } else if !exclusive && held.shared & bit != 0 {
                slot.shared = slot.shared.saturating_sub(1);
                held.shared &= !bit;
            }
        }
    }

    /// Gives back whatever a connection still holds. With the last connection the regions go: the next one must
    /// find them empty, or it would take the index of a log that is no more for that of the new one.
    pub(super) fn detach(&self, held: &mut Hold) {
        self.unlock(held, 0, SLOTS, true);
        self.unlock(held, 0, SLOTS, false);
        if !held.attached {
            return;
        }
        held.attached = false;
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.attached = state.attached.saturating_sub(1);
        if state.attached == 0 {
            state.regions.clear();
        }
    }
}

fn bits(first: usize) -> impl Iterator<Item = u8> {
    (first..SLOTS).map(|slot| 1 << slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_shared_by_many_or_held_by_one() {
        let memory = SharedMemory::default();
        let (mut a, mut b) = (Hold::default(), Hold::default());
        assert_eq!(memory.lock(&mut a, 3, 1, false), Ok(()));
        assert_eq!(memory.lock(&mut b, 3, 1, false), Ok(()));
        assert_eq!(memory.lock(&mut b, 2, 3, true), Err(Busy));
        assert_eq!(memory.lock(&mut a, 2, 1, true), Ok(()), "a failed lock takes nothing");
        memory.detach(&mut a);
        assert_eq!(memory.lock(&mut b, 4, 2, true), Ok(()));
        assert_eq!(memory.lock(&mut a, 5, 1, false), Err(Busy));
        memory.unlock(&mut b, 4, 2, true);
        assert_eq!(memory.lock(&mut a, 5, 1, false), Ok(()));
        assert_eq!(memory.lock(&mut a, 7, 2, true), Err(Busy), "there are eight slots");
    }

    #[test]
    fn a_region_keeps_its_address_until_the_last_connection_goes() {
        let memory = SharedMemory::default();
        let (mut a, mut b) = (Hold::default(), Hold::default());
        assert_eq!(memory.region(&mut a, 0, 32768, false), Some(std::ptr::null_mut()));
        let first = memory.region(&mut a, 0, 32768, true);
        assert!(first.is_some_and(|address| !address.is_null() && address.cast::<u64>().is_aligned()));
        assert!(memory.region(&mut b, 5, 32768, true).is_some());
        memory.detach(&mut a);
        assert_eq!(memory.region(&mut b, 0, 32768, false), first);
        memory.detach(&mut b);
        assert_eq!(memory.region(&mut b, 0, 32768, false), Some(std::ptr::null_mut()));
    }
}
