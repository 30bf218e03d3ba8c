//! How a result is read.

use crate::arrow::schema_check::SchemaCheck;

/// What may be said of one result; a client has a default for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// How many endpoints are read at once.
    pub concurrency: usize,
    /// Whether batches come in the order of their endpoints also where the server says that it does not matter.
    pub is_ordered: bool,
    pub schema_check: SchemaCheck,
    /// Whether endpoints that expire are renewed while they are waited for or read.
    pub renews: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { concurrency: 4, is_ordered: true, schema_check: SchemaCheck::default(), renews: true }
    }
}
