//! The database that a server serves: opened once, with as many connections as statements run at a time.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::OwnedMutexGuard;
use tonic::Status;

use super::authorizer::Authority;
use super::connection::{self, Closed, Place, Stopper};
use super::failure::SqliteFailure;
use super::memory::MemoryDatabase;
use super::write_turn::{WriteTurn, Writers};
use crate::error::{Code, Error, Result};
use crate::server::options::{Database as DatabaseOption, ServerOptions};
use crate::server::stats::{Counted, Gauge};

/// Connections that are kept open for the next statement: opening one and reading the schema costs far more than
/// preparing a statement.
const KEPT_IDLE: usize = 16;

/// One row that takes longer, by a trigger, is stopped, and with it all of its transaction: SQLite undoes no less then.
const LOOKS_FOR_ONE_ROW: u32 = 1000;

#[derive(Debug)]
pub(in super::super) struct Database {
    idle: Mutex<Vec<Closed>>,
    place: Place,
    read_only: bool,
    writers: Writers,
    leases: Gauge,
    stopping: Stopper,
    /// After the connections: they are closed first.
    _memory: Option<MemoryDatabase>,
}

impl Drop for Database {
    /// The last connection to close writes the log into the database and removes it, unless two close at once on two threads: each takes the other for
    /// one that goes on. One more, alone, does it then. Where it cannot, whoever opens the database next does.
    fn drop(&mut self) {
        self.idle.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        let Place::File(path) = &self.place else { return };
        if !self.read_only
            && std::path::Path::new(&format!("{path}-wal")).exists()
            && let Ok(connection) = connection::open(&self.place, false)
        {
            // Opening alone reads nothing.
            let _ = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        }
    }
}

/// A connection for one statement's time.
#[derive(Debug)]
pub(super) struct Lease {
    closed: Leased,
    stopper: Stopper,
    database: Arc<Database>,
    _counted: Counted,
}

/// Either way nobody else has the connection meanwhile.
#[derive(Debug)]
enum Leased {
    /// One that served others before, and will again.
    Free(Closed),
    /// That of a transaction, which goes back to it whatever happens.
    OfTransaction(OwnedMutexGuard<Closed>),
}

impl Deref for Leased {
    type Target = Closed;

    fn deref(&self) -> &Closed {
        match self {
            Self::Free(closed) => closed,
            Self::OfTransaction(closed) => closed,
        }
    }
}

impl Database {
    /// Opens the database and runs the script that fills it. Blocks.
    pub(in super::super) fn open(options: &ServerOptions) -> Result<Self> {
        let (place, memory) = match &options.database {
            DatabaseOption::File(path) => {
                // SQLite takes a path that begins with "file:" for a URI, which an absolute one never does.
                let path = std::path::absolute(path).map_err(|error| {
                    Error::new(Code::InvalidOption, format!("the path of the database cannot be: {}", path.display())).with_cause(error)
                })?;
                let path = path
                    .to_str()
                    .ok_or_else(|| Error::new(Code::InvalidOption, format!("the path of the database is not UTF-8: {}", path.display())))?;
                (Place::File(path.to_owned()), None)
            }
            DatabaseOption::Memory => {
                let memory = MemoryDatabase::create().map_err(|error| unusable(options, error))?;
                (Place::Memory(memory.name().to_owned()), Some(memory))
            }
        };
        let database = Self {
            idle: Mutex::default(),
            place,
            read_only: options.read_only,
            writers: Writers::new(options.write_wait),
            leases: Gauge::default(),
            stopping: Stopper::default(),
            _memory: memory,
        };
        let first = database.prepare(options)?;
        // Kept until another connection is open: the last one to close empties the shared memory of the log.
        let closed = connection::open_closed(&database.place, database.read_only).map_err(|error| unusable(options, error))?;
        drop(first);
        database.keep(closed);
        Ok(database)
    }

    fn prepare(&self, options: &ServerOptions) -> Result<Connection> {
        let is_memory = matches!(self.place, Place::Memory(_));
        let connection = connection::open(&self.place, self.read_only && !is_memory).map_err(|error| unusable(options, error))?;
        // Opening reads nothing; whether this is a database shows at the first look.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(|error| unusable(options, error))?;
        if is_memory {
            // The script runs alone, so it needs neither a log nor synced writes: twice as fast, half the memory.
            connection.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF").map_err(|error| unusable(options, error))?;
        } else if !self.read_only {
            use_write_ahead_log(&connection).map_err(|error| unusable(options, error))?;
        }
        if let Some(script) = &options.init_sql {
            connection.execute_batch(script).map_err(|error| {
                let failure = SqliteFailure::from(error);
                Error::new(Code::InvalidOption, format!("the server's init SQL failed: {failure}")).with_cause(failure)
            })?;
            if !connection.is_autocommit() {
                return Err(Error::new(Code::InvalidOption, "the server's init SQL ends inside a transaction: add COMMIT"));
            }
        }
        if is_memory {
            use_write_ahead_log(&connection).map_err(|error| unusable(options, error))?;
        }
        Ok(connection)
    }

    /// A connection to run one statement on, until `stopper` stops it. Blocks.
    pub(super) fn lease(self: &Arc<Self>, stopper: &Stopper) -> std::result::Result<Lease, SqliteFailure> {
        self.lend(Leased::Free(self.take()?), stopper, 0)
    }

    /// The connection of a transaction for one statement, until `stopper` stops it.
    pub(super) fn lease_of(
        self: &Arc<Self>,
        closed: OwnedMutexGuard<Closed>,
        stopper: &Stopper,
    ) -> std::result::Result<Lease, SqliteFailure> {
        self.lend(Leased::OfTransaction(closed), stopper, 0)
    }

    /// The same for one that looks at `stopper` by itself after every row.
    pub(super) fn patient_lease_of(
        self: &Arc<Self>,
        closed: OwnedMutexGuard<Closed>,
        stopper: &Stopper,
    ) -> std::result::Result<Lease, SqliteFailure> {
        self.lend(Leased::OfTransaction(closed), stopper, LOOKS_FOR_ONE_ROW)
    }

    fn lend(self: &Arc<Self>, closed: Leased, stopper: &Stopper, patience: u32) -> std::result::Result<Lease, SqliteFailure> {
        connection::obey(&closed.connection, stopper, &self.stopping, patience)?;
        Ok(Lease { closed, stopper: stopper.clone(), _counted: self.leases.count(), database: Arc::clone(self) })
    }

    /// A connection that nobody has. Blocks.
    pub(super) fn take(&self) -> std::result::Result<Closed, SqliteFailure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(match idle {
            Some(closed) => closed,
            None => connection::open_closed(&self.place, self.read_only)?,
        })
    }

    /// Waits for the turn to write, for one statement. Within one server no write fails because of another one, but for
    /// one that waits for a transaction longer than `write_wait`.
    pub(in super::super) async fn write_turn(&self) -> std::result::Result<WriteTurn, Status> {
        self.writers.turn().await
    }

    /// Waits for the turn to write, for a transaction.
    pub(in super::super) async fn transaction_write_turn(&self) -> std::result::Result<WriteTurn, Status> {
        self.writers.transaction_turn().await
    }

    /// Statements that have a connection.
    pub(in super::super) fn open_statements(&self) -> usize {
        self.leases.get()
    }

    pub(in super::super) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Stops every statement, for good.
    pub(in super::super) fn stop(&self) {
        self.stopping.stop();
    }

    pub(in super::super) fn is_stopping(&self) -> bool {
        self.stopping.is_stopped()
    }

    /// Keeps a connection for whoever needs one next.
    pub(super) fn keep(&self, closed: Closed) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT_IDLE && !self.stopping.is_stopped() {
            idle.push(closed);
        }
    }
}

impl Lease {
    pub(super) fn connection(&self) -> &Connection {
        &self.closed.connection
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.closed.authority
    }

    pub(super) fn stopper(&self) -> &Stopper {
        &self.stopper
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Gives the connection to the next statement. Whoever drops a lease instead closes its connection, unless it is a
    /// transaction's.
    pub(super) fn give_back(self) {
        if let Leased::Free(closed) = self.closed
            && closed.connection.is_autocommit()
        {
            self.database.keep(closed);
        }
    }
}

fn use_write_ahead_log(connection: &Connection) -> std::result::Result<(), rusqlite::Error> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
            Some(format!("the database cannot use a write-ahead log, its journal mode stays {mode}")),
        ));
    }
    Ok(())
}

fn unusable(options: &ServerOptions, error: rusqlite::Error) -> Error {
    let failure = SqliteFailure::from(error);
    let database = match &options.database {
        DatabaseOption::Memory => "in memory".to_owned(),
        DatabaseOption::File(path) => path.display().to_string(),
    };
    Error::new(Code::Io, format!("the database {database} could not be opened: {failure}")).with_cause(failure)
}

#[cfg(test)]
#[path = "database_test.rs"]
mod tests;
