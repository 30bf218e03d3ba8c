//! One connection to the database: how it is set up, and how what runs on it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::authorizer::Authority;
use super::memory::VFS_NAME;

/// How long a writer waits for another one that is outside this server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Virtual machine instructions between two looks at whether to stop: tens of microseconds, and no measurable cost.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 1000;

/// The longest string, blob or row. A batch is closed far below 2 GiB of text, so one more value has to fit.
pub(in super::super) const MAX_VALUE_BYTES: i32 = 256 * 1024 * 1024;

/// A log that one large write left behind is cut down to this when it is used again.
const KEPT_LOG_BYTES: i64 = 16 * 1024 * 1024;

/// Where the pages of the database are.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// A file system path.
    File(String),
    /// A name in the file system in memory.
    Memory(String),
}

/// Stops what runs on a connection, from any thread.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Stopper(Arc<AtomicBool>);

impl Stopper {
    pub(in super::super) fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(in super::super) fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A connection that clients' statements may run on.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) connection: Connection,
    pub(super) authority: Authority,
}

/// Opens a connection that may do anything, for the server's own start.
pub(super) fn open(place: &Place, read_only: bool) -> Result<Connection, rusqlite::Error> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags |= if read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let connection = match place {
        Place::File(path) if read_only => Connection::open_with_flags(path, flags)?,
        Place::File(path) => Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_CREATE)?,
        Place::Memory(name) => {
            // Read-only is said below: the file system in memory would need a writer for its log's index.
            let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE;
            Connection::open_with_flags_and_vfs(name, flags, VFS_NAME)?
        }
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Opens a connection for clients' statements.
pub(super) fn open_closed(place: &Place, read_only: bool) -> Result<Closed, rusqlite::Error> {
    let connection = open(place, read_only)?;
    // NORMAL loses no consistency with a write-ahead log; FULL would sync at every commit.
    connection.pragma_update(None, "synchronous", if matches!(place, Place::File(_)) { "NORMAL" } else { "OFF" })?;
    connection.pragma_update(None, "journal_size_limit", KEPT_LOG_BYTES)?;
    connection.pragma_update(None, "query_only", read_only)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // "name" is an identifier or an error, never a string.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)?;
    let authority = Authority::install(&connection)?;
    Ok(Closed { connection, authority })
}

/// Lets `stopper` or `server` stop whatever runs on `connection` from now on; `stopper` only if it has been ignored for
/// `patience` looks.
pub(super) fn obey(connection: &Connection, stopper: &Stopper, server: &Stopper, patience: u32) -> Result<(), rusqlite::Error> {
    let (stopper, server) = (stopper.clone(), server.clone());
    let mut ignored = 0;
    let look = move || {
        if stopper.is_stopped() {
            ignored += 1;
        }
        ignored > patience || server.is_stopped()
    };
    connection.progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, Some(look))
}
