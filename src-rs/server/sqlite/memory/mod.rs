//! A file system in memory for SQLite, so that a database without a file works exactly as one with a file.
//!
//! SQLite's own two ways of sharing a database in memory do not let readers work beside a writer: its `memdb` file
//! system knows no write-ahead log, so that a reader whose client is slow stops every commit, and shared-cache mode
//! locks tables. A write-ahead log needs a file system with shared memory, which within one process is a few
//! regions on the heap. With it, every reader has a snapshot, and one writer works beside any number of them.

mod locks;
mod shared;
mod storage;
mod vfs;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use locks::Locks;
use shared::SharedMemory;
use storage::Storage;

pub(super) use vfs::VFS_NAME;

/// What SQLite sees as one file: its bytes, its locks, and the shared memory of its write-ahead log.
#[derive(Default)]
struct File {
    storage: Storage,
    locks: Locks,
    shared: SharedMemory,
}

/// Every named file of every database in memory of this process, by its name.
static FILES: LazyLock<Mutex<HashMap<String, Arc<File>>>> = LazyLock::new(Mutex::default);

fn files() -> MutexGuard<'static, HashMap<String, Arc<File>>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A database in memory. It lives as long as this value or a connection to it does.
#[derive(Debug)]
pub(super) struct MemoryDatabase {
    name: String,
}

impl MemoryDatabase {
    /// An empty database under a name that no other one of this process has.
    pub(super) fn create() -> Result<Self, rusqlite::Error> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        vfs::register()?;
        let name = format!("/memory-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        files().insert(name.clone(), Arc::default());
        Ok(Self { name })
    }

    /// The path to open with [`VFS_NAME`].
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for MemoryDatabase {
    fn drop(&mut self) {
        let mut files = files();
        for suffix in ["", "-wal", "-journal"] {
            files.remove(&format!("{}{suffix}", self.name));
        }
    }
}

#[cfg(test)]
#[path = "memory_test.rs"]
mod tests;
