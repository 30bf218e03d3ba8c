//! One value as SQLite holds it, and why it does not fit where it should go.

use std::borrow::Cow;
use std::fmt;

use super::types::ColumnType;

/// A value of a row under the cursor, in SQLite's five storage classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Cell<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// UTF-8 by SQLite's word only: it checks nothing.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

impl Cell<'_> {
    /// The value as text with every digit that it has: SQLite's own rendering keeps 15 to 17 digits of a real.
    pub(in super::super) fn render(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Null => Cow::Borrowed(b""),
            Self::Integer(value) => Cow::Owned(value.to_string().into_bytes()),
            Self::Real(value) => Cow::Owned(format!("{value:?}").into_bytes()),
            Self::Text(bytes) | Self::Blob(bytes) => Cow::Borrowed(bytes),
        }
    }
}

/// For messages: as SQL would write it, cut when long.
impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 60;
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Real(value) => write!(f, "{value:?}"),
            Self::Text(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let shown: String = text.chars().take(SHOWN).collect();
                let more = if shown.len() < text.len() { "…" } else { "" };
                write!(f, "'{shown}{more}'")
            }
            Self::Blob(bytes) => {
                f.write_str("X'")?;
                for byte in bytes.iter().take(SHOWN / 2) {
                    write!(f, "{byte:02X}")?;
                }
                f.write_str(if bytes.len() > SHOWN / 2 { "…'" } else { "'" })
            }
        }
    }
}

/// Why a value cannot be held by a column, and what can be done about it. The place is added by whoever knows it.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Misfit {
    pub(in super::super) what: String,
    pub(in super::super) remedy: &'static str,
}

impl Misfit {
    pub(in super::super) fn new(cell: &Cell<'_>, wanted: ColumnType, remedy: &'static str) -> Self {
        Self { what: format!("{cell} does not fit {wanted}"), remedy }
    }
}
