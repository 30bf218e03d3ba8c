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
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use rusqlite::{Connection, OpenFlags};

    use super::*;

    fn connect(database: &MemoryDatabase) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags_and_vfs(database.name(), flags, VFS_NAME).unwrap()
    }

    fn count(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    fn files_of(name: &str) -> usize {
        files().keys().filter(|file| file.as_str() == name || file.starts_with(&format!("{name}-"))).count()
    }

    #[test]
    fn a_reader_keeps_its_snapshot_beside_a_writer_and_everything_goes_with_the_owner() {
        let database = MemoryDatabase::create().unwrap();
        let writer = connect(&database);
        let mode: String = writer.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        writer.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)").unwrap();
        let reader = connect(&database);
        reader.execute_batch("BEGIN").unwrap();
        assert_eq!(count(&reader), 2);
        writer.execute_batch("INSERT INTO t VALUES (3); BEGIN; DELETE FROM t").unwrap();
        assert_eq!(count(&reader), 2);
        writer.execute_batch("ROLLBACK; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        reader.execute_batch("COMMIT").unwrap();
        assert_eq!(count(&reader), 3);
        let name = database.name().to_owned();
        assert_eq!(files_of(&name), 2);
        drop((reader, writer));
        assert_eq!(files_of(&name), 1, "the last connection takes the log with it");
        let again = connect(&database);
        assert_eq!(count(&again), 3);
        let check: String = again.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        drop(again);
        drop(database);
        assert_eq!(files_of(&name), 0);
    }

    #[test]
    fn no_name_makes_a_database_by_itself() {
        vfs::register().unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        assert!(Connection::open_with_flags_and_vfs("/elsewhere", flags, VFS_NAME).is_err());
    }

    #[test]
    fn large_transactions_spill_and_roll_back() {
        let database = MemoryDatabase::create().unwrap();
        let connection = connect(&database);
        connection.execute_batch("PRAGMA cache_size = 10; CREATE TABLE t (a)").unwrap();
        let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
            INSERT INTO t SELECT zeroblob(1000) FROM n";
        for journal in ["DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL"] {
            connection.query_row(&format!("PRAGMA journal_mode = {journal}"), [], |_| Ok(())).unwrap();
            connection.execute_batch(&format!("BEGIN; {fill}; UPDATE t SET a = 1; ROLLBACK")).unwrap();
            assert_eq!(count(&connection), 0, "{journal}");
            connection.execute_batch(&format!("{fill}; DELETE FROM t; VACUUM")).unwrap();
            let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(check, "ok", "{journal}");
        }
    }
}
