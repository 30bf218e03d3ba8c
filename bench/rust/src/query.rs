//! The text that the bench's servers take for a query: `SHAPE ROWS BYTES`, as in `numeric 65536 1073741824`.

use std::fmt;
use std::str::FromStr;

use crate::shapes::Shape;

/// Batches of one shape, `rows` rows each, until their bodies come to `bytes` or just above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    pub shape: Shape,
    pub rows: usize,
    pub bytes: u64,
}

impl Query {
    /// The batches that a server sends whose bodies of this shape have `body_bytes` each.
    pub fn batches(&self, body_bytes: u64) -> u64 {
        self.bytes.div_ceil(body_bytes).max(1)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.shape, self.rows, self.bytes)
    }
}

impl FromStr for Query {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("a query is SHAPE ROWS BYTES, as in `numeric 65536 1073741824`, not {text:?}");
        let mut words = text.split_whitespace();
        let mut next = || words.next().ok_or_else(wrong);
        let shape = next()?.parse()?;
        let rows = next()?.parse().map_err(|_| wrong())?;
        let bytes = next()?.parse().map_err(|_| wrong())?;
        Ok(Query { shape, rows, bytes })
    }
}
