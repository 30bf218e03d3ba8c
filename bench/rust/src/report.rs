//! The one line of JSON that a client prints.

use std::process::ExitCode;

use crate::arguments::Mode;
use crate::meter::Cost;

/// What was read: rows, and the wrapping sum of the `id` column where it was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub rows: u64,
    pub checksum: i64,
}

pub fn print(mode: Mode, warmup: Tally, measured: Tally, first: &Cost, cost: &Cost) {
    let rss = cost.peak_rss_bytes.map_or("null".to_owned(), |bytes| bytes.to_string());
    println!(
        r#"{{"mode":"{}","rows":{},"seconds":{:.6},"cpuSeconds":{:.6},"peakRssBytes":{rss},"first":{{"seconds":{:.6},"cpuSeconds":{:.6}}},"longestEventLoopDelayMs":null,"warmup":{{"rows":{},"checksum":"{}"}}}}"#,
        mode.name(),
        measured.rows,
        cost.seconds,
        cost.cpu_seconds,
        first.seconds,
        first.cpu_seconds,
        warmup.rows,
        warmup.checksum,
    );
}

/// Ends a program: an error goes to stderr as one line.
pub fn finish(outcome: Result<(), Box<dyn std::error::Error + Send + Sync>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
