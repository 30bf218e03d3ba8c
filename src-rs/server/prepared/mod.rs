//! Prepared statements: SQL that is kept under a handle, and values that are bound to it.
//!
//! A statement that nobody runs is text and values; SQLite prepares it anew for every run, on whichever connection is
//! free, so that it holds none.

mod actions;
mod decode;
mod parameters;
mod puts;
mod statements;

pub(super) use actions::{close, create};
pub(super) use puts::{bind, update};
pub(super) use statements::{PreparedStatement, PreparedStatements};
