//! This project's core in plain Rust, read as the addon reads it: validated layouts over the received memory.

use std::process::ExitCode;

use bench::arguments::{Mode, Run};
use bench::meter::Meter;
use bench::query::Query;
use bench::report::{self, Tally};
use flightsql::arrow::layout::{ColumnLayout, Decoded, MessageMemory, Source};
use flightsql::flight::result::ResultStream;
use flightsql::sql::client::Client;
use flightsql::sql::statement::Statement;
use flightsql::transport::address::{Address, Transport};
use flightsql::transport::call::Call;
use flightsql::transport::config::ClientConfig;

/// As in the addon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

// As in the addon: everything of one connection on one thread.
#[tokio::main(worker_threads = 1)]
async fn main() -> ExitCode {
    report::finish(run().await)
}

async fn run() -> Outcome<()> {
    let run = Run::from_command_line()?;
    let (host, port) = run.address.rsplit_once(':').ok_or("--uri has no port")?;
    let address = Address { transport: Transport::Tcp, host: host.to_owned(), port: port.parse()? };
    let client = Client::new(ClientConfig::new(address))?;
    client.connect(&Call::default()).await?;
    let warmup = read(&client, &run.warmup, run.mode, true).await?;
    let meter = Meter::begin();
    read(&client, &run.measured, run.mode, false).await?;
    let first = meter.end();
    let meter = Meter::begin();
    let measured = read(&client, &run.measured, run.mode, false).await?;
    let cost = meter.end();
    report::print(run.mode, warmup, measured, &first, &cost);
    Ok(())
}

async fn read(client: &Client, query: &Query, mode: Mode, check: bool) -> Outcome<Tally> {
    let info = client.execute(Statement::Sql(query.to_string()), None, &Call::default()).await?;
    let mut result: ResultStream = client.read(info, Call::default())?;
    let mut tally = Tally::default();
    let mut kept = Vec::new();
    while let Some(delivery) = result.next(|_| true).await? {
        for message in &delivery.messages {
            if let Decoded::Batch { rows, layout, memory, .. } = message {
                tally.rows += *rows as u64;
                if check {
                    tally.checksum = tally.checksum.wrapping_add(sum_of_ids(layout, memory)?);
                }
            }
        }
        if mode == Mode::Table {
            kept.push(delivery);
        }
    }
    Ok(tally)
}

/// Adds up the first column, whose second buffer holds its values.
fn sum_of_ids(layout: &ColumnLayout, memory: &MessageMemory) -> Outcome<i64> {
    let values = layout.buffers.get(1).filter(|buffer| buffer.source == Source::Body).ok_or("the ids are not in the body")?;
    let body = memory.body.as_ref().ok_or("a batch has no body")?;
    #[expect(unsafe_code, reason = "the core's contract for looking into received memory")]
    // SAFETY: there is no JavaScript in this process.
    let bytes = unsafe { body.bytes() };
    let (ids, _) = bytes[values.offset..values.offset + values.length].as_chunks::<8>();
    Ok(ids.iter().take(layout.nodes[0].length).fold(0, |sum, id| sum.wrapping_add(i64::from_le_bytes(*id))))
}
