//! Transactions that clients begin and end by actions, and savepoints within them.
//!
//! A transaction has a connection of its own until it ends. It begins when its first statement does: that takes the
//! snapshot, and the first one that writes takes the turn to write, which no other writer has until the transaction ends.

mod actions;
mod named;
mod queries;
mod registry;
mod savepoints;
mod transaction;

pub(super) use actions::{begin, begin_savepoint, end, end_savepoint};
pub(super) use named::NamedTransaction;
pub(super) use queries::query;
pub(super) use registry::Transactions;
pub(super) use transaction::InUse;
