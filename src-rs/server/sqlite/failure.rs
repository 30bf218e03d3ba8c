//! What SQLite refused, in its own words, and the gRPC status that says so.

use std::ffi::{CStr, c_int};
use std::fmt;

use rusqlite::ffi;
use tonic::{Code, Status};

/// An error of SQLite: its extended result code and its text.
#[derive(Debug, Clone)]
pub(in super::super) struct SqliteFailure {
    code: c_int,
    message: String,
}

impl SqliteFailure {
    pub(super) fn new(code: c_int, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The error that the last call on `db` left.
    ///
    /// # Safety
    /// `db` is an open connection that no other thread uses meanwhile.
    pub(super) unsafe fn last(db: *mut ffi::sqlite3) -> Self {
        // SAFETY: as the caller promises; the text is copied before the next call can replace it.
        let (code, message, offset) = unsafe {
            let message = CStr::from_ptr(ffi::sqlite3_errmsg(db)).to_string_lossy().into_owned();
            (ffi::sqlite3_extended_errcode(db), message, ffi::sqlite3_error_offset(db))
        };
        match offset {
            0.. => Self::new(code, format!("{message} (at byte {offset} of the statement)")),
            _ => Self::new(code, message),
        }
    }

    /// Adds why the authorizer refused. SQLite has several codes and texts for that it did.
    #[must_use]
    pub(super) fn denied_because(self, why: &str) -> Self {
        Self::new(ffi::SQLITE_AUTH, format!("{}: {why}", self.message))
    }

    /// Adds what it comes from.
    #[must_use]
    pub(super) fn because(self, why: &str) -> Self {
        Self { message: format!("{}: {why}", self.message), ..self }
    }

    /// Whether a transaction that has read may not write, as others have written since.
    pub(super) fn is_stale_snapshot(&self) -> bool {
        self.code == ffi::SQLITE_BUSY_SNAPSHOT
    }

    /// A use of a connection that the server must not make.
    pub(super) fn misuse(message: &str) -> Self {
        Self::new(ffi::SQLITE_MISUSE, message)
    }

    /// A value that cannot be given to SQLite, and why.
    pub(in super::super) fn unbindable(message: String) -> Self {
        Self::new(ffi::SQLITE_MISMATCH, message)
    }

    /// Adds where it happened.
    #[must_use]
    pub(in super::super) fn at(self, place: &str) -> Self {
        Self { message: format!("{place}: {}", self.message), ..self }
    }

    /// Whether the statement was stopped from outside.
    pub(in super::super) fn is_interrupt(&self) -> bool {
        self.code & 0xff == ffi::SQLITE_INTERRUPT
    }

    fn grpc_code(&self) -> Code {
        match self.code {
            // A value of another type than a STRICT table takes.
            ffi::SQLITE_CONSTRAINT_DATATYPE => return Code::InvalidArgument,
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => return Code::AlreadyExists,
            _ => {}
        }
        match self.code & 0xff {
            ffi::SQLITE_ERROR | ffi::SQLITE_RANGE | ffi::SQLITE_MISMATCH => Code::InvalidArgument,
            ffi::SQLITE_AUTH | ffi::SQLITE_PERM | ffi::SQLITE_READONLY => Code::PermissionDenied,
            ffi::SQLITE_CONSTRAINT => Code::FailedPrecondition,
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_SCHEMA | ffi::SQLITE_ABORT => Code::Aborted,
            ffi::SQLITE_INTERRUPT => Code::Cancelled,
            ffi::SQLITE_NOMEM | ffi::SQLITE_FULL | ffi::SQLITE_TOOBIG => Code::ResourceExhausted,
            ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => Code::DataLoss,
            _ => Code::Internal,
        }
    }
}

impl fmt::Display for SqliteFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqliteFailure {}

impl From<rusqlite::Error> for SqliteFailure {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(error, Some(message)) => Self::new(error.extended_code, message),
            rusqlite::Error::SqlInputError { error, msg, offset, .. } => {
                Self::new(error.extended_code, format!("{msg} (at byte {offset} of the statement)"))
            }
            rusqlite::Error::SqliteFailure(error, None) => Self::new(error.extended_code, error.to_string()),
            other => Self::new(ffi::SQLITE_MISUSE, other.to_string()),
        }
    }
}

impl From<SqliteFailure> for Status {
    fn from(failure: SqliteFailure) -> Self {
        Self::new(failure.grpc_code(), failure.message)
    }
}
