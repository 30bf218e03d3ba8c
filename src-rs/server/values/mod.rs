//! From what SQLite stores to what Arrow holds: exactly, or not at all.

pub(super) mod builder;
pub(super) mod cell;
mod decimal;
mod temporal;
pub(super) mod types;
