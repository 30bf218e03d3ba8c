//! What the bench's server and its clients in Rust share.

pub mod arguments;
pub mod meter;
pub mod query;
pub mod report;
pub mod shapes;
pub mod small;
