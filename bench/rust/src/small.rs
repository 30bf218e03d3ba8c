//! Small queries: the command line, the clock of each query, and the line of JSON.

use std::time::Duration;

use crate::arguments::{number, pairs};
use crate::meter::Cost;

/// Returns one row, whose `id` is [`ONE_ROW_ID`].
pub const ONE_ROW: &str = "numeric 1 1";
pub const ONE_ROW_ID: i64 = 7;

/// Returns one row, whose `id` is the parameter.
pub const PREPARED: &str = "numeric row ?";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`ONE_ROW`], as text.
    Query,
    /// [`PREPARED`], prepared once, its parameter bound anew for each query.
    Prepared,
}

/// One run of a client.
#[derive(Clone, Debug)]
pub struct SmallRun {
    /// `host:port`, without a scheme.
    pub address: String,
    pub kind: Kind,
    /// How many queries are measured.
    pub queries: u64,
    /// How many come before them.
    pub warmup: u64,
    /// How many are under way at once.
    pub at_once: u64,
}

impl SmallRun {
    /// Parses `--uri grpc://HOST:PORT --kind query|prepared --queries N --warmup N --at-once N`.
    pub fn from_command_line() -> Result<Self, String> {
        let mut named = pairs(std::env::args().skip(1))?;
        let mut take = |name: &str| named.remove(name).ok_or(format!("--{name} is missing"));
        let uri = take("uri")?;
        let kind = match take("kind")?.as_str() {
            "query" => Kind::Query,
            "prepared" => Kind::Prepared,
            other => return Err(format!("--kind is query or prepared, not {other:?}")),
        };
        Ok(SmallRun {
            address: uri.split_once("://").map_or(uri.as_str(), |(_, rest)| rest).to_owned(),
            kind,
            queries: number("queries", &take("queries")?)?,
            warmup: number("warmup", &take("warmup")?)?,
            at_once: number("at-once", &take("at-once")?)?,
        })
    }
}

/// Prints what the queries took.
pub fn print(mut took: Vec<Duration>, cost: &Cost) {
    took.sort_unstable();
    let at = |part: f64| took.get(((took.len() as f64 * part) as usize).min(took.len().saturating_sub(1))).copied().unwrap_or_default();
    let milliseconds = |duration: Duration| duration.as_secs_f64() * 1e3;
    println!(
        r#"{{"queries":{},"medianMs":{:.6},"p99Ms":{:.6},"seconds":{:.6},"cpuSeconds":{:.6}}}"#,
        took.len(),
        milliseconds(at(0.5)),
        milliseconds(at(0.99)),
        cost.seconds,
        cost.cpu_seconds,
    );
}
