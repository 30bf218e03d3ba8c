#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;
use std::time::Duration;

use arrow_flight::FlightInfo;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::super::reading::ReadOptions;
use super::{Code, Decoded, Error, ResultStream};
use crate::server::{EmbeddedServer, ServerOptions};
use crate::sql::client::Client;
use crate::sql::statement::Statement;
use crate::transport::address::{Address, Transport};
use crate::transport::call::Call;
use crate::transport::config::ClientConfig;

const NUMBERS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";

struct Fixture {
    _server: EmbeddedServer,
    client: Client,
}

impl Fixture {
    async fn start(options: ServerOptions) -> Self {
        let server = EmbeddedServer::start(ServerOptions { batch_rows: Some(50), ..options }).await.unwrap();
        let address = Address { transport: Transport::Tcp, host: "127.0.0.1".into(), port: server.local_addr().port() };
        Self { client: Client::new(ClientConfig::new(address)).unwrap(), _server: server }
    }

    async fn info(&self, is_ordered: bool) -> FlightInfo {
        let header = |name, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
        let headers = HeaderMap::from_iter([header("x-flightsql-ordered", if is_ordered { "true" } else { "false" })]);
        self.client.execute(Statement::Sql(NUMBERS.into()), None, &Call { headers, ..Call::default() }).await.unwrap()
    }

    fn read(&self, info: FlightInfo, reading: ReadOptions) -> ResultStream {
        self.client.clone().with_reading(reading).read(info, Call::default()).unwrap()
    }
}

/// The endpoints in the order of their batches, and how many rows there were; a pause before each.
async fn drain(mut result: ResultStream, pause: Duration) -> Result<(Vec<usize>, usize), Error> {
    let (mut endpoints, mut rows) = (Vec::new(), 0);
    while let Some(delivery) = result.next(|_| false).await? {
        tokio::time::sleep(pause).await;
        for message in &delivery.messages {
            if let Decoded::Batch { rows: count, .. } = message {
                endpoints.push(delivery.place.index);
                rows += count;
            }
        }
    }
    Ok((endpoints, rows))
}

#[tokio::test]
async fn batches_come_in_the_order_of_endpoints_where_the_caller_or_the_server_says_so() {
    let fixture = Fixture::start(ServerOptions { endpoints: 4, ..ServerOptions::default() }).await;
    for (by_caller, by_server) in [(true, true), (true, false), (false, true)] {
        let reading = ReadOptions { is_ordered: by_caller, ..ReadOptions::default() };
        let (endpoints, rows) = drain(fixture.read(fixture.info(by_server).await, reading), Duration::ZERO).await.unwrap();
        assert_eq!(rows, 1000);
        assert!(endpoints.is_sorted(), "{endpoints:?}");
    }
}

#[tokio::test]
async fn batches_whose_order_matters_to_nobody_take_turns_and_each_comes_once() {
    let fixture = Fixture::start(ServerOptions { endpoints: 4, ..ServerOptions::default() }).await;
    let mut seen = HashSet::new();
    let reading = ReadOptions { is_ordered: false, ..ReadOptions::default() };
    // Slowly, so that every stream has something to give.
    let (endpoints, rows) = drain(fixture.read(fixture.info(false).await, reading), Duration::from_millis(20)).await.unwrap();
    assert_eq!((rows, endpoints.len()), (1000, 20));
    assert!(!endpoints.is_sorted(), "{endpoints:?}");
    seen.extend(endpoints);
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn endpoints_that_expire_while_they_wait_are_renewed() {
    let fixture = Fixture::start(ServerOptions { endpoints: 4, kept_for: Duration::from_secs(1), ..ServerOptions::default() }).await;
    let reading = ReadOptions { concurrency: 1, ..ReadOptions::default() };
    // The second endpoint's turn comes after more than its time.
    let (endpoints, rows) = drain(fixture.read(fixture.info(true).await, reading), Duration::from_millis(250)).await.unwrap();
    assert_eq!((rows, endpoints.len()), (1000, 20));
}

#[tokio::test]
async fn endpoints_that_nobody_renews_are_lost_with_an_error_of_the_server() {
    let fixture = Fixture::start(ServerOptions { endpoints: 4, kept_for: Duration::from_secs(1), ..ServerOptions::default() }).await;
    let reading = ReadOptions { concurrency: 1, renews: false, ..ReadOptions::default() };
    let error = drain(fixture.read(fixture.info(true).await, reading), Duration::from_millis(250)).await.unwrap_err();
    assert_eq!((error.code(), error.endpoint().map(|endpoint| endpoint.index)), (Code::NotFound, Some(1)));
}

#[tokio::test]
async fn a_closed_client_renews_what_it_still_reads() {
    let fixture = Fixture::start(ServerOptions { endpoints: 4, kept_for: Duration::from_secs(1), ..ServerOptions::default() }).await;
    let reading = ReadOptions { concurrency: 1, ..ReadOptions::default() };
    let result = fixture.read(fixture.info(true).await, reading);
    fixture.client.close();
    assert_eq!(drain(result, Duration::from_millis(150)).await.unwrap().1, 1000);
}
