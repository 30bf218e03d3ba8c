//! Results of one row: the statement [`STATEMENT`], whose parameter is the `id` of its row, ready but for these eight bytes.

use std::str::FromStr;

use bench::query::Query;
use bench::shapes::Shape;
use bytes::Bytes;

use crate::encoded::EncodedShape;

/// The one statement that is prepared here.
pub const STATEMENT: &str = "numeric row ?";

/// The query whose batch is its result, with another `id`.
pub const TEMPLATE: Query = Query { shape: Shape::Numeric, rows: 1, bytes: 1 };

/// The result of one row with this `id`; its text is the ticket, and the handle of the statement that was bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneRow {
    pub id: i64,
}

impl OneRow {
    /// The frame of its record batch.
    pub fn batch(self, template: &EncodedShape) -> Bytes {
        let mut frame = template.batch.to_vec();
        // The body is the last field of the message.
        let at = frame.len() - template.body.len() + template.id_offset;
        frame[at..at + 8].copy_from_slice(&self.id.to_le_bytes());
        frame.into()
    }
}

impl std::fmt::Display for OneRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", STATEMENT.trim_end_matches(" ?"), self.id)
    }
}

impl FromStr for OneRow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id = text.strip_prefix(STATEMENT.trim_end_matches('?')).and_then(|id| id.parse().ok());
        id.map(|id| OneRow { id }).ok_or_else(|| format!("{text:?} is not bound: it is `{STATEMENT}` with a number"))
    }
}
