//! Command lines of `--name value` pairs, all of them required.

use std::collections::HashMap;

use crate::query::Query;
use crate::shapes::Shape;

/// What to keep of a result while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: every batch is dropped before the next one is asked for.
    Stream,
    /// All of it, as a table does.
    Table,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Mode::Stream => "stream",
            Mode::Table => "table",
        }
    }
}

/// One run of a client: where, what, and how it is read.
pub struct Run {
    /// `host:port`, without a scheme.
    pub address: String,
    pub mode: Mode,
    /// Read first, checked, and not measured.
    pub warmup: Query,
    pub measured: Query,
}

impl Run {
    /// Parses `--uri grpc://HOST:PORT --shape S --rows N --bytes N --warmup-bytes N --mode stream|table`.
    pub fn from_command_line() -> Result<Self, String> {
        let mut named = pairs(std::env::args().skip(1))?;
        let mut take = |name: &str| named.remove(name).ok_or(format!("--{name} is missing"));
        let uri = take("uri")?;
        let address = uri.split_once("://").map_or(uri.as_str(), |(_, rest)| rest).to_owned();
        let shape: Shape = take("shape")?.parse()?;
        let rows = number("rows", &take("rows")?)?;
        let bytes = number("bytes", &take("bytes")?)?;
        let warmup_bytes = number("warmup-bytes", &take("warmup-bytes")?)?;
        let mode = match take("mode")?.as_str() {
            "stream" => Mode::Stream,
            "table" => Mode::Table,
            other => return Err(format!("--mode is stream or table, not {other:?}")),
        };
        if let Some(name) = named.keys().next() {
            return Err(format!("--{name} is not an option"));
        }
        let query = |bytes| Query { shape, rows: rows as usize, bytes };
        Ok(Run { address, mode, warmup: query(warmup_bytes), measured: query(bytes) })
    }
}

pub(crate) fn number(name: &str, text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("--{name} is a whole number, not {text:?}"))
}

pub(crate) fn pairs(mut words: impl Iterator<Item = String>) -> Result<HashMap<String, String>, String> {
    let mut named = HashMap::new();
    while let Some(word) = words.next() {
        let name = word.strip_prefix("--").ok_or(format!("{word:?} is not an option"))?;
        let value = words.next().ok_or(format!("--{name} has no value"))?;
        named.insert(name.to_owned(), value);
    }
    Ok(named)
}
