//! The parameters of a statement, and giving them values.

use std::ffi::{CStr, c_int};

use rusqlite::ffi;

use super::cursor::Cursor;
use super::failure::SqliteFailure;
use crate::server::values::parameter::Value;

impl Cursor {
    /// How many parameters the statement has.
    pub(in super::super) fn parameters(&self) -> usize {
        // SAFETY: a prepared statement.
        usize::try_from(unsafe { ffi::sqlite3_bind_parameter_count(self.raw()) }).unwrap_or(0)
    }

    /// Their names in the order in which they are bound, as the SQL writes them; one without a name is called by its
    /// number, from 1.
    pub(in super::super) fn parameter_names(&self) -> Vec<String> {
        (1..=self.parameters())
            .map(|number| {
                // SAFETY: a prepared statement, and the name is copied before the next call.
                let name = unsafe {
                    let name = ffi::sqlite3_bind_parameter_name(self.raw(), number as c_int);
                    (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
                };
                name.unwrap_or_else(|| number.to_string())
            })
            .collect()
    }

    /// Gives the parameter `index`, from 0, a value. The statement must not be under way.
    pub(in super::super) fn bind(&mut self, index: usize, value: &Value<'_>) -> Result<(), SqliteFailure> {
        let statement = self.raw();
        let number = c_int::try_from(index + 1).unwrap_or(c_int::MAX);
        // SAFETY: a prepared statement; a number out of range is an error, and SQLite copies the bytes that it is
        // given, which are as many as is said. Those of an empty slice are none, but not null, which would be NULL.
        let code = unsafe {
            match value {
                Value::Null => ffi::sqlite3_bind_null(statement, number),
                Value::Integer(value) => ffi::sqlite3_bind_int64(statement, number, *value),
                Value::Real(value) => ffi::sqlite3_bind_double(statement, number, *value),
                Value::Text(text) => {
                    let (start, length) = (text.as_ptr().cast(), text.len() as u64);
                    ffi::sqlite3_bind_text64(statement, number, start, length, ffi::SQLITE_TRANSIENT(), ffi::SQLITE_UTF8 as u8)
                }
                Value::Blob(bytes) => {
                    let (start, length) = (bytes.as_ptr().cast(), bytes.len() as u64);
                    ffi::sqlite3_bind_blob64(statement, number, start, length, ffi::SQLITE_TRANSIENT())
                }
            }
        };
        match code {
            ffi::SQLITE_OK => Ok(()),
            // SAFETY: the connection of this statement, which only this cursor uses.
            _ => Err(unsafe { SqliteFailure::last(self.connection().handle()) }),
        }
    }

    /// Goes back to before the first row, so that the statement can be given values and run again.
    pub(in super::super) fn rewind(&mut self) {
        // SAFETY: a prepared statement. What it answers is how the run before ended, which is known.
        unsafe { ffi::sqlite3_reset(self.raw()) };
    }
}
