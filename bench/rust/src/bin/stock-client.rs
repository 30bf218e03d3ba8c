//! arrow-flight's own `FlightSqlServiceClient`, as its documentation uses it: everything at its default but the limit on
//! a message's size, which at 4 MiB would refuse larger batches.

use std::process::ExitCode;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::sql::client::FlightSqlServiceClient;
use bench::arguments::{Mode, Run};
use bench::meter::Meter;
use bench::query::Query;
use bench::report::{self, Tally};
use futures::TryStreamExt;
use tonic::transport::{Channel, Endpoint};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    report::finish(run().await)
}

async fn run() -> Outcome<()> {
    let run = Run::from_command_line()?;
    let channel = Endpoint::new(format!("http://{}", run.address))?.connect().await?;
    let inner = FlightServiceClient::new(channel).max_decoding_message_size(usize::MAX);
    let mut client = FlightSqlServiceClient::new_from_inner(inner);
    let warmup = read(&mut client, &run.warmup, run.mode, true).await?;
    let meter = Meter::begin();
    read(&mut client, &run.measured, run.mode, false).await?;
    let first = meter.end();
    let meter = Meter::begin();
    let measured = read(&mut client, &run.measured, run.mode, false).await?;
    let cost = meter.end();
    report::print(run.mode, warmup, measured, &first, &cost);
    Ok(())
}

async fn read(client: &mut FlightSqlServiceClient<Channel>, query: &Query, mode: Mode, check: bool) -> Outcome<Tally> {
    let info = client.execute(query.to_string(), None).await?;
    let mut tally = Tally::default();
    let mut kept = Vec::new();
    for endpoint in info.endpoint {
        let ticket = endpoint.ticket.ok_or("an endpoint has no ticket")?;
        let mut batches = client.do_get(ticket).await?;
        while let Some(batch) = batches.try_next().await? {
            tally.rows += batch.num_rows() as u64;
            if check {
                let ids = batch.column(0).as_primitive::<Int64Type>();
                tally.checksum = ids.values().iter().fold(tally.checksum, |sum, id| sum.wrapping_add(*id));
            }
            if mode == Mode::Table {
                kept.push(batch);
            }
        }
    }
    Ok(tally)
}
