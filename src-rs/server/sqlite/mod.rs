//! SQLite: the database, its connections, and statements that own one.

mod authorizer;
mod binding;
mod collation;
mod connection;
mod cursor;
mod database;
mod failure;
mod memory;
mod parameters;
mod runs;
mod transaction;
mod write_turn;

pub(super) use binding::Binding;
pub(super) use collation::collations;
pub(super) use connection::{MAX_VALUE_BYTES, Stopper};
pub(super) use cursor::{Column, Cursor};
pub(super) use database::Database;
pub(super) use failure::SqliteFailure;
pub(super) use runs::Runs;
pub(super) use transaction::TransactionConnection;
pub(super) use write_turn::WriteTurn;
