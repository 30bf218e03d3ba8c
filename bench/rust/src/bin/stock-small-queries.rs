//! Small queries by arrow-flight's own `FlightSqlServiceClient`, on one connection, as its documentation uses it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Int64Array, RecordBatch};
use arrow_flight::FlightInfo;
use arrow_flight::sql::client::{FlightSqlServiceClient, PreparedStatement};
use bench::meter::Meter;
use bench::report;
use bench::small::{self, Kind, ONE_ROW, ONE_ROW_ID, PREPARED, SmallRun};
use futures::TryStreamExt;
use futures::future::try_join_all;
use tonic::transport::{Channel, Endpoint};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    report::finish(run().await)
}

async fn run() -> Outcome<()> {
    let run = SmallRun::from_command_line()?;
    let channel = Endpoint::new(format!("http://{}", run.address))?.connect().await?;
    let client = FlightSqlServiceClient::new(channel);
    let mut askers = Vec::new();
    for _ in 0..run.at_once {
        let mut client = client.clone();
        let statement = match run.kind {
            Kind::Query => None,
            Kind::Prepared => Some(client.prepare(PREPARED.to_owned(), None).await?),
        };
        askers.push(Asker { client, statement });
    }
    let (askers, _) = all(askers, run.warmup).await?;
    let meter = Meter::begin();
    let (_, took) = all(askers, run.queries).await?;
    let cost = meter.end();
    small::print(took, &cost);
    Ok(())
}

/// Asks one query after another.
struct Asker {
    client: FlightSqlServiceClient<Channel>,
    statement: Option<PreparedStatement<Channel>>,
}

/// `queries` over all askers, each of which is one query at a time.
async fn all(askers: Vec<Asker>, queries: u64) -> Outcome<(Vec<Asker>, Vec<Duration>)> {
    let each = queries.div_ceil(askers.len() as u64);
    let tasks = askers.into_iter().map(|asker| tokio::spawn(asker.ask(each)));
    let mut took = Vec::new();
    let mut askers = Vec::new();
    for done in try_join_all(tasks).await? {
        let (asker, its) = done?;
        askers.push(asker);
        took.extend(its);
    }
    Ok((askers, took))
}

impl Asker {
    async fn ask(mut self, queries: u64) -> Outcome<(Self, Vec<Duration>)> {
        let mut took = Vec::with_capacity(queries as usize);
        for id in 0..queries as i64 {
            let began = Instant::now();
            let (info, expected) = match &mut self.statement {
                None => (self.client.execute(ONE_ROW.to_owned(), None).await?, ONE_ROW_ID),
                Some(statement) => {
                    statement.set_parameters(RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from(vec![id])) as _)])?)?;
                    (statement.execute().await?, id)
                }
            };
            let row = self.row(info).await?;
            took.push(began.elapsed());
            if row != expected {
                return Err(format!("the row has the id {row}, not {expected}").into());
            }
        }
        Ok((self, took))
    }

    /// The `id` of the one row of a result.
    async fn row(&mut self, info: FlightInfo) -> Outcome<i64> {
        let mut rows = Vec::new();
        for endpoint in info.endpoint {
            let batches: Vec<_> = self.client.do_get(endpoint.ticket.ok_or("an endpoint has no ticket")?).await?.try_collect().await?;
            for batch in batches {
                rows.extend_from_slice(batch.column(0).as_primitive::<Int64Type>().values());
            }
        }
        match rows[..] {
            [row] => Ok(row),
            _ => Err(format!("the result has {} rows", rows.len()).into()),
        }
    }
}
