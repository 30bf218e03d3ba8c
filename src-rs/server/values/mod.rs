//! From what SQLite stores to what Arrow holds, and back: exactly, or not at all.

pub(super) mod builder;
pub(super) mod cell;
mod decimal;
mod declarations;
mod numbers;
pub(super) mod parameter;
mod temporal;
mod temporal_text;
pub(super) mod types;
pub(super) mod zone;
