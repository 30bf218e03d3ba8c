//! A prepared statement together with the connection that it runs on, so that it can wait for its reader without a
//! thread: it moves to whichever thread steps it next.

use std::ffi::{CStr, c_char, c_int};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use rusqlite::{Connection, ffi};

use super::connection::Stopper;
use super::database::{Database, Lease};
use super::failure::SqliteFailure;
use super::runs::Runs;
use crate::server::values::cell::Cell;

/// One statement of a client, prepared.
#[derive(Debug)]
pub(in super::super) struct Cursor {
    /// Before the lease: it is finalized before its connection is closed.
    statement: Statement,
    lease: Lease,
}

#[derive(Debug)]
struct Statement(NonNull<ffi::sqlite3_stmt>);

// SAFETY: SQLite lets a connection and its statements move between threads as long as one thread uses them at a
// time, which owning them guarantees: `Statement` is private, and its `Cursor` owns the connection too, or the lock on it.
unsafe impl Send for Statement {}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: it came from a successful prepare, and is finalized here only.
        unsafe { ffi::sqlite3_finalize(self.0.as_ptr()) };
    }
}

/// What makes the runs of a statement one: all of them, or none.
pub(super) struct Frame {
    pub(super) begin: &'static str,
    pub(super) keep: &'static str,
    pub(super) undo: &'static str,
}

const TRANSACTION: Frame = Frame { begin: "BEGIN IMMEDIATE", keep: "COMMIT", undo: "ROLLBACK" };

/// Inside a transaction. Its name is none of those that a client's savepoints get.
pub(super) const SAVEPOINT: Frame =
    Frame { begin: "SAVEPOINT statement", keep: "RELEASE statement", undo: "ROLLBACK TO statement; RELEASE statement" };

/// What is known of a column before the statement runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Column {
    pub(in super::super) name: String,
    /// The type that the column of the table was declared with, if the column is one of a table.
    pub(in super::super) declared: Option<String>,
    /// The table that it is a column of.
    pub(in super::super) table: Option<String>,
}

impl Cursor {
    /// Prepares the one statement in `sql`, for `stopper` to stop when it runs. Blocks.
    pub(in super::super) fn prepare(database: &Arc<Database>, sql: &str, stopper: &Stopper) -> Result<Self, SqliteFailure> {
        Self::prepare_on(database.lease(stopper)?, sql)
    }

    /// The same on a connection that is there already.
    pub(super) fn prepare_on(lease: Lease, sql: &str) -> Result<Self, SqliteFailure> {
        match prepare_one(&lease, sql) {
            Ok(statement) => Ok(Self { statement, lease }),
            Err(failure) => {
                let failure = explained(failure, &lease);
                lease.give_back();
                Err(failure)
            }
        }
    }

    /// Whether the statement changes nothing in the database.
    pub(in super::super) fn only_reads(&self) -> bool {
        // SAFETY: a prepared statement.
        unsafe { ffi::sqlite3_stmt_readonly(self.raw()) != 0 }
    }

    /// The columns of its result, none if it has no result.
    pub(in super::super) fn columns(&self) -> Vec<Column> {
        // SAFETY: a prepared statement, and each text is copied before the next call.
        unsafe {
            (0..ffi::sqlite3_column_count(self.raw()))
                .map(|index| Column {
                    name: text(ffi::sqlite3_column_name(self.raw(), index)).unwrap_or_default(),
                    declared: text(ffi::sqlite3_column_decltype(self.raw(), index)),
                    table: text(ffi::sqlite3_column_table_name(self.raw(), index)),
                })
                .collect()
        }
    }

    /// Goes to the next row; `false` at the end. Blocks.
    pub(in super::super) fn step(&mut self) -> Result<bool, SqliteFailure> {
        // SAFETY: a prepared statement of a connection that only this cursor uses.
        match unsafe { ffi::sqlite3_step(self.raw()) } {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            _ => {
                // SAFETY: as above.
                let failure = unsafe { SqliteFailure::last(self.connection().handle()) };
                // Pragmas of table-valued functions are only looked at when they run.
                Err(explained(failure, &self.lease))
            }
        }
    }

    /// The value in a column of the current row.
    #[inline]
    pub(in super::super) fn cell(&self, column: usize) -> Cell<'_> {
        let index = column as c_int;
        let statement = self.raw();
        // SAFETY: a column out of range reads as NULL. The bytes stay until the next step, which needs this cursor
        // mutably, and no call here converts the value to another class.
        unsafe {
            match ffi::sqlite3_column_type(statement, index) {
                ffi::SQLITE_INTEGER => Cell::Integer(ffi::sqlite3_column_int64(statement, index)),
                ffi::SQLITE_FLOAT => Cell::Real(ffi::sqlite3_column_double(statement, index)),
                ffi::SQLITE_TEXT => {
                    let start = ffi::sqlite3_column_text(statement, index);
                    Cell::Text(bytes(start, ffi::sqlite3_column_bytes(statement, index)))
                }
                ffi::SQLITE_BLOB => {
                    let start = ffi::sqlite3_column_blob(statement, index).cast();
                    Cell::Blob(bytes(start, ffi::sqlite3_column_bytes(statement, index)))
                }
                _ => Cell::Null,
            }
        }
    }

    /// Runs the statement to its end, as often as `runs` says, in a transaction of its own or, where one is open, in a
    /// savepoint, handing every row to `row`; whatever fails undoes all of it. Returns how many rows were changed. Blocks.
    pub(in super::super) fn run<E: From<SqliteFailure>>(
        mut self,
        mut runs: Runs,
        mut row: impl FnMut(&Self) -> Result<(), E>,
    ) -> Result<u64, E> {
        let frame = if self.connection().is_autocommit() { &TRANSACTION } else { &SAVEPOINT };
        self.trusted(frame.begin)?;
        let result = self.change(&mut runs, &mut row);
        // An open statement would keep the transaction open.
        self.rewind();
        let result = result.and_then(|changed| {
            self.trusted(frame.keep)?;
            Ok(changed)
        });
        // A failed statement may have ended the transaction itself.
        if result.is_err() && !self.lease.connection().is_autocommit() {
            self.trusted(frame.undo)?;
        }
        self.finish();
        result
    }

    fn change<E: From<SqliteFailure>>(&mut self, runs: &mut Runs, row: &mut impl FnMut(&Self) -> Result<(), E>) -> Result<u64, E> {
        let mut changed = 0;
        while runs.begin(self)? {
            changed += self.run_once(|failure| runs.placed(failure).into(), row)?;
        }
        Ok(changed)
    }

    /// Runs the statement to its end, handing every row to `row`. Returns how many rows were changed. Blocks.
    pub(in super::super) fn run_once<E>(
        &mut self,
        failed: impl FnOnce(SqliteFailure) -> E,
        row: &mut impl FnMut(&Self) -> Result<(), E>,
    ) -> Result<u64, E> {
        let before = self.connection().total_changes();
        loop {
            match self.step() {
                Ok(true) => row(self)?,
                Ok(false) => break,
                Err(failure) => return Err(failed(failure)),
            }
        }
        // SQLite keeps the count of the statement before for those that count nothing, such as CREATE TABLE.
        Ok(match self.connection().total_changes() == before {
            true => 0,
            false => self.connection().changes(),
        })
    }

    fn trusted(&self, sql: &str) -> Result<(), SqliteFailure> {
        Ok(self.lease.authority().run_trusted(self.lease.connection(), sql)?)
    }

    /// What stops this statement from another thread.
    pub(in super::super) fn stopper(&self) -> &Stopper {
        self.lease.stopper()
    }

    /// Whether the server is stopping, and every statement with it.
    pub(in super::super) fn is_server_stopping(&self) -> bool {
        self.lease.database().is_stopping()
    }

    /// Ends the statement and keeps its connection for the next one.
    pub(in super::super) fn finish(self) {
        let Self { statement, lease } = self;
        drop(statement);
        lease.give_back();
    }

    pub(super) fn connection(&self) -> &Connection {
        self.lease.connection()
    }

    pub(super) fn raw(&self) -> *mut ffi::sqlite3_stmt {
        self.statement.0.as_ptr()
    }
}

/// Says what SQLite leaves out where it was told to refuse, and where a snapshot is too old.
fn explained(failure: SqliteFailure, lease: &Lease) -> SqliteFailure {
    if failure.is_stale_snapshot() {
        return failure.because(
            "others have written since this transaction began to read, so that it can read on, but not write any more; roll it back and \
             begin anew",
        );
    }
    match lease.authority().take_refusal() {
        Some(why) => failure.denied_because(&why),
        None => failure,
    }
}

fn prepare_one(lease: &Lease, sql: &str) -> Result<Statement, SqliteFailure> {
    let (statement, rest) = prepare_first(lease, sql)?;
    let Some(statement) = statement else {
        return Err(SqliteFailure::new(ffi::SQLITE_ERROR, "there is no SQL statement in the text"));
    };
    // Spaces, comments and semicolons make no statement; anything else does, or does not parse.
    let is_alone = rest.trim().is_empty() || matches!(prepare_first(lease, rest), Ok((None, _)));
    if !is_alone {
        return Err(SqliteFailure::new(
            ffi::SQLITE_ERROR,
            format!("one statement at a time can be run, and after the first one comes: {}", start_of(rest.trim())),
        ));
    }
    Ok(statement)
}

/// Prepares the first statement of `sql`; there is none if it is blank. Returns the text behind it as well.
fn prepare_first<'a>(lease: &Lease, sql: &'a str) -> Result<(Option<Statement>, &'a str), SqliteFailure> {
    let length = c_int::try_from(sql.len()).map_err(|_| SqliteFailure::new(ffi::SQLITE_TOOBIG, "the statement is longer than 2 GiB"))?;
    if sql.contains('\0') {
        return Err(SqliteFailure::new(ffi::SQLITE_ERROR, "the statement contains a NUL character"));
    }
    // SAFETY: only used for the calls of this function, on this thread.
    let db = unsafe { lease.connection().handle() };
    let mut statement = ptr::null_mut();
    let mut tail = ptr::null();
    // SAFETY: an open connection, and text of the length that is given.
    let code = unsafe { ffi::sqlite3_prepare_v3(db, sql.as_ptr().cast::<c_char>(), length, 0, &raw mut statement, &raw mut tail) };
    if code != ffi::SQLITE_OK {
        // SAFETY: the connection that the call failed on.
        return Err(unsafe { SqliteFailure::last(db) });
    }
    let used = (tail as usize).saturating_sub(sql.as_ptr() as usize);
    Ok((NonNull::new(statement).map(Statement), sql.get(used..).unwrap_or_default()))
}

fn start_of(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

/// # Safety
/// `start` is null or a C string.
unsafe fn text(start: *const c_char) -> Option<String> {
    // SAFETY: as the caller promises.
    (!start.is_null()).then(|| unsafe { CStr::from_ptr(start) }.to_string_lossy().into_owned())
}

/// # Safety
/// `start` is null or has `length` bytes, which stay for `'a`.
unsafe fn bytes<'a>(start: *const u8, length: c_int) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: as the caller promises.
        Ok(length) if length > 0 && !start.is_null() => unsafe { std::slice::from_raw_parts(start, length) },
        _ => &[],
    }
}
