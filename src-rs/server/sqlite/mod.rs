//! SQLite: the database, its connections, and statements that own one.

mod authorizer;
mod collation;
mod connection;
mod cursor;
mod database;
mod failure;
mod memory;

pub(super) use collation::collations;
pub(super) use connection::{MAX_VALUE_BYTES, Stopper};
pub(super) use cursor::{Column, Cursor};
pub(super) use database::Database;
