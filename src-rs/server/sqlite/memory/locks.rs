//! The locks of one file, as SQLite's rollback journal takes them: shared, reserved, pending, exclusive.

use std::sync::{Mutex, PoisonError};

/// How far one connection holds a file, in SQLite's order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    #[default]
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

/// Another connection holds what this one asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Busy;

#[derive(Default)]
pub(super) struct Locks(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// Connections at [`Level::Shared`] or above.
    shared: usize,
    /// The highest level of the one connection that is above shared, or [`Level::None`].
    writer: Level,
}

impl Locks {
    /// Raises a connection from `held` to `wanted`. Whoever fails on the way to exclusive stays at pending, so that
    /// no new reader comes in before it.
    pub(super) fn raise(&self, held: &mut Level, wanted: Level) -> Result<(), Busy> {
        if wanted <= *held {
            return Ok(());
        }
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *held == Level::None {
            if locks.writer >= Level::Pending {
                return Err(Busy);
            }
            locks.shared += 1;
            *held = Level::Shared;
        }
        if wanted == Level::Shared {
            return Ok(());
        }
        let is_writer = *held > Level::Shared;
        if !is_writer && locks.writer > Level::None {
            return Err(Busy);
        }
        if wanted < Level::Exclusive {
            locks.writer = wanted;
            *held = wanted;
            return Ok(());
        }
        if locks.shared > 1 {
            locks.writer = Level::Pending;
            *held = Level::Pending;
            return Err(Busy);
        }
        locks.writer = Level::Exclusive;
        *held = Level::Exclusive;
        Ok(())
    }

    /// Lowers a connection from `held` to `wanted`, which is shared or none.
    pub(super) fn lower(&self, held: &mut Level, wanted: Level) {
        if wanted >= *held {
            return;
        }
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *held > Level::Shared {
            locks.writer = Level::None;
        }
        if wanted == Level::None {
            locks.shared = locks.shared.saturating_sub(1);
        }
        *held = wanted;
    }

    /// Whether any connection is above shared.
    pub(super) fn is_reserved(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).writer > Level::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_waits_for_readers_and_keeps_new_ones_out_meanwhile() {
        let locks = Locks::default();
        let (mut reader, mut writer, mut late) = (Level::None, Level::None, Level::None);
        assert_eq!(locks.raise(&mut reader, Level::Shared), Ok(()));
        assert_eq!(locks.raise(&mut writer, Level::Shared), Ok(()));
        assert_eq!(locks.raise(&mut writer, Level::Reserved), Ok(()));
        assert!(locks.is_reserved());
        assert_eq!(locks.raise(&mut late, Level::Shared), Ok(()));
        assert_eq!(locks.raise(&mut late, Level::Reserved), Err(Busy));
        locks.lower(&mut late, Level::None);
        assert_eq!(locks.raise(&mut writer, Level::Exclusive), Err(Busy));
        assert_eq!(writer, Level::Pending);
        assert_eq!(locks.raise(&mut late, Level::Shared), Err(Busy));
        assert_eq!(late, Level::None);
        locks.lower(&mut reader, Level::None);
        assert_eq!(locks.raise(&mut writer, Level::Exclusive), Ok(()));
        locks.lower(&mut writer, Level::None);
        assert!(!locks.is_reserved());
        assert_eq!(locks.raise(&mut late, Level::Shared), Ok(()));
    }
}
