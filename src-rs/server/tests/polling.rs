//! Queries that run in the background and are polled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::Int64Array;
use arrow_flight::sql::{CommandGetCatalogs, CommandPreparedStatementQuery, CommandStatementQuery, ProstMessageExt};
use arrow_flight::{CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightClient, FlightDescriptor, FlightInfo, PollInfo};
use prost::Message;
use tonic::{Code, Status};

use super::streaming::{ENDLESS, STUCK, assert_released};
use super::{Fixture, batch, rows};
use crate::server::ServerOptions;

/// Rows without end, each of which takes a while.
const SLOW: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i % 200000 = 0";

const THOUSAND: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";

impl Fixture {
    async fn poll(&self, sql: &str) -> Result<PollInfo, Status> {
        self.poll_again(&descriptor(sql)).await
    }

    async fn poll_again(&self, descriptor: &FlightDescriptor) -> Result<PollInfo, Status> {
        Ok(self.client.clone().poll_flight_info(self.request(descriptor.clone())).await?.into_inner())
    }

    /// Polls to the end; every answer has the endpoints of the one before it, and maybe more.
    async fn poll_to_the_end(&self, sql: &str) -> Result<FlightInfo, Status> {
        let mut poll = self.poll(sql).await?;
        while let Some(descriptor) = &poll.flight_descriptor {
            let next = self.poll_again(descriptor).await?;
            assert_appended(poll.info.as_ref().unwrap(), next.info.as_ref().unwrap());
            poll = next;
        }
        Ok(poll.info.unwrap())
    }

    async fn read_all(&self, info: &FlightInfo) -> Vec<String> {
        let mut all = Vec::new();
        for endpoint in &info.endpoint {
            let (_, batches) = self.read(endpoint.ticket.as_ref().unwrap()).await.unwrap();
            all.extend(batches.iter().flat_map(rows));
        }
        all
    }

    async fn cancel_polled(&self, info: &FlightInfo) -> CancelStatus {
        let request = CancelFlightInfoRequest { info: Some(info.clone()) };
        let body = self.act("CancelFlightInfo", request.encode_to_vec()).await.unwrap();
        CancelFlightInfoResult::decode(&body[..]).unwrap().status()
    }
}

fn descriptor(sql: &str) -> FlightDescriptor {
    let command = CommandStatementQuery { query: sql.to_owned(), transaction_id: None };
    FlightDescriptor::new_cmd(command.as_any().encode_to_vec())
}

fn assert_appended(before: &FlightInfo, after: &FlightInfo) {
    assert!(after.endpoint.len() >= before.endpoint.len());
    for (old, new) in before.endpoint.iter().zip(&after.endpoint) {
        assert_eq!(old.ticket, new.ticket);
    }
}

#[tokio::test]
async fn a_query_that_is_quick_is_answered_whole_at_once() {
    let fixture = Fixture::start().await;
    let poll = fixture.poll("SELECT 1 AS one").await.unwrap();
    assert_eq!(poll.flight_descriptor, None);
    assert_eq!(poll.progress, Some(1.0));
    let info = poll.info.unwrap();
    assert_eq!(info.flight_descriptor, Some(descriptor("SELECT 1 AS one")));
    assert_eq!((info.endpoint.len(), info.total_records, info.ordered), (1, 1, true));
    assert_eq!(super::columns(&info.clone().try_decode_schema().unwrap()), "one Int64");
    assert_eq!(fixture.read_all(&info).await, ["1"]);
    assert_eq!(fixture.server.stats().polled_queries, 0);
}

#[tokio::test]
async fn a_result_without_rows_has_an_endpoint() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER)").await;
    let info = fixture.poll_to_the_end("SELECT a FROM t").await.unwrap();
    assert_eq!((info.endpoint.len(), info.total_records), (1, 0));
    assert_eq!(fixture.read_all(&info).await, [""; 0]);
}

#[tokio::test]
async fn the_parts_are_the_result_in_order_and_are_few() {
    let fixture = Fixture::start().await.header("x-flightsql-batch-rows", 1);
    let info = fixture.poll_to_the_end(THOUSAND).await.unwrap();
    assert_eq!(info.total_records, 1000);
    assert!(info.endpoint.iter().all(|endpoint| endpoint.expiration_time.is_some()));
    // Of 1, 1, 2, 4 … rows.
    assert_eq!(info.endpoint.len(), 11);
    assert_eq!(fixture.read_all(&info).await, (1..=1000).map(|number: u32| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn parts_are_read_while_the_query_runs_and_cancelling_ends_it() {
    let fixture = Fixture::start().await.header("x-flightsql-batch-rows", 1);
    let mut poll = fixture.poll(SLOW).await.unwrap();
    while poll.info.as_ref().unwrap().endpoint.len() < 3 {
        assert_eq!(poll.progress, None);
        assert!(poll.expiration_time.is_some());
        let next = fixture.poll_again(poll.flight_descriptor.as_ref().unwrap()).await.unwrap();
        assert_appended(poll.info.as_ref().unwrap(), next.info.as_ref().unwrap());
        poll = next;
    }
    let (info, descriptor) = (poll.info.unwrap(), poll.flight_descriptor.unwrap());
    assert_eq!(fixture.read_all(&info).await[..2], ["200000", "400000"]);
    assert_eq!(info.total_records, -1);
    assert_eq!((fixture.server.stats().polled_queries, fixture.server.stats().open_statements), (1, 1));
    assert_eq!(fixture.cancel_polled(&info).await, CancelStatus::Cancelled);
    let stats = fixture.server.stats();
    assert_eq!((stats.polled_queries, stats.open_statements, stats.kept_results, stats.kept_bytes), (0, 0, 0, 0));
    assert_eq!(fixture.poll_again(&descriptor).await.unwrap_err().code(), Code::Cancelled);
    assert_eq!(fixture.read(info.endpoint[0].ticket.as_ref().unwrap()).await.unwrap_err().code(), Code::Cancelled);
}

#[tokio::test]
async fn a_poll_waits_a_moment_for_news_and_what_has_none_can_be_cancelled() {
    let fixture = Fixture::start().await;
    let mut poll = fixture.poll(STUCK).await.unwrap();
    let begun = Instant::now();
    poll = fixture.poll_again(&poll.flight_descriptor.unwrap()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(900), "{:?}", begun.elapsed());
    let info = poll.info.unwrap();
    assert_eq!(info.endpoint, []);
    assert_eq!(fixture.cancel_polled(&info).await, CancelStatus::Cancelled);
    assert_eq!(fixture.server.stats().open_statements, 0);
}

#[tokio::test]
async fn cancelling_ends_a_poll_that_waits() {
    let fixture = Fixture::start().await;
    let poll = fixture.poll(STUCK).await.unwrap();
    let waiting = tokio::spawn({
        let (fixture, descriptor) = (fixture.clone(), poll.flight_descriptor.unwrap());
        async move { fixture.poll_again(&descriptor).await.unwrap_err() }
    });
    assert_eq!(fixture.cancel_polled(&poll.info.unwrap()).await, CancelStatus::Cancelled);
    let status = waiting.await.unwrap();
    assert_eq!(status.code(), Code::Cancelled);
    assert!(status.message().contains("was cancelled"), "{status}");
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again() {
    let fixture = Fixture::start().await.header("x-flightsql-batch-rows", 1);
    let counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT i FROM n WHERE i % 500000 = 0";
    let first = fixture.poll(counting).await.unwrap();
    let Some(descriptor) = first.flight_descriptor else {
        panic!("it was over before its second row");
    };
    let mut poll = fixture.poll_again(&descriptor).await.unwrap();
    while let Some(descriptor) = &poll.flight_descriptor {
        poll = fixture.poll_again(descriptor).await.unwrap();
    }
    let whole = fixture.poll_again(&descriptor).await.unwrap();
    assert_eq!(whole.flight_descriptor, None);
    assert_appended(poll.info.as_ref().unwrap(), whole.info.as_ref().unwrap());
    assert_eq!(fixture.read_all(whole.info.as_ref().unwrap()).await.len(), 6);
}

#[tokio::test]
async fn a_statement_that_writes_runs_once() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER)").await;
    let sql = "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
        SELECT i FROM n WHERE i % 1000000 = 0 RETURNING a";
    let info = fixture.poll_to_the_end(sql).await.unwrap();
    assert_eq!(info.total_records, 2);
    for _ in 0..2 {
        assert_eq!(fixture.read_all(&info).await, ["1000000", "2000000"]);
    }
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["2"]);
}

#[tokio::test]
async fn a_statement_that_waits_to_write_can_be_cancelled() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER)").await;
    let long = fixture.poll(&format!("INSERT INTO t {STUCK}")).await.unwrap();
    let waiting = fixture.poll("INSERT INTO t VALUES (1)").await.unwrap();
    assert_eq!(fixture.server.stats().polled_queries, 2);
    assert_eq!(fixture.cancel_polled(&waiting.info.unwrap()).await, CancelStatus::Cancelled);
    assert_eq!(fixture.server.stats().polled_queries, 1);
    assert_eq!(fixture.cancel_polled(&long.info.unwrap()).await, CancelStatus::Cancelled);
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["0"]);
    assert_eq!(fixture.update("INSERT INTO t VALUES (2)").await.unwrap(), 1);
}

#[tokio::test]
async fn a_query_that_fails_says_so_and_keeps_nothing() {
    let options = ServerOptions { max_kept_bytes: 10_000_000, ..Default::default() };
    let fixture = Fixture::with(options).await;
    for (sql, code) in
        [("SELECT nothing FROM nowhere", Code::InvalidArgument), ("SELECT ?", Code::InvalidArgument), (ENDLESS, Code::ResourceExhausted)]
    {
        let status = fixture.poll_to_the_end(sql).await.unwrap_err();
        assert_eq!(status.code(), code, "{status}");
    }
    assert_released(&fixture).await;
    let stats = fixture.server.stats();
    assert_eq!((stats.polled_queries, stats.kept_results, stats.kept_bytes), (0, 0, 0));
}

#[tokio::test]
async fn only_so_many_run() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER)").await;
    // One writes without end, and the others wait for their turn.
    let writing = format!("INSERT INTO t {STUCK}");
    let polls = futures::future::join_all((0..32).map(|_| fixture.poll(&writing))).await;
    let status = fixture.poll("SELECT 1").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    let info = polls.into_iter().next().unwrap().unwrap().info.unwrap();
    assert_eq!(fixture.cancel_polled(&info).await, CancelStatus::Cancelled);
    fixture.poll("SELECT 1").await.unwrap();
}

#[tokio::test]
async fn a_query_that_nobody_polls_is_stopped() {
    let options = ServerOptions { kept_for: Duration::from_millis(500), ..Default::default() };
    let fixture = Fixture::with(options).await;
    let poll = fixture.poll(STUCK).await.unwrap();
    assert_released(&fixture).await;
    assert_eq!(fixture.server.stats().polled_queries, 0);
    let status = fixture.poll_again(&poll.flight_descriptor.unwrap()).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert!(status.message().contains("nobody polled it for 0.5 s"), "{status}");
}

#[tokio::test]
async fn a_query_and_its_parts_last_while_somebody_polls() {
    let lifetime = Duration::from_secs(1);
    let fixture = Fixture::with(ServerOptions { kept_for: lifetime, ..Default::default() }).await.header("x-flightsql-batch-rows", 1);
    let begun = Instant::now();
    let mut poll = fixture.poll(SLOW).await.unwrap();
    while begun.elapsed() < lifetime * 3 {
        poll = fixture.poll_again(poll.flight_descriptor.as_ref().unwrap()).await.unwrap();
    }
    let info = poll.info.unwrap();
    assert_eq!(rows(&fixture.read(info.endpoint[0].ticket.as_ref().unwrap()).await.unwrap().1[0]), ["200000"]);
    assert_eq!(fixture.cancel_polled(&info).await, CancelStatus::Cancelled);
}

#[tokio::test]
async fn a_query_whose_first_poll_is_given_up_is_stopped() {
    let fixture = Fixture::start().await;
    let given_up = tokio::time::timeout(Duration::from_millis(300), fixture.poll(STUCK)).await;
    assert!(given_up.is_err());
    assert_released(&fixture).await;
}

#[tokio::test]
async fn what_needs_no_computing_is_whole_at_once() {
    let fixture = Fixture::start().await;
    let command = FlightDescriptor::new_cmd(CommandGetCatalogs {}.as_any().encode_to_vec());
    let mut client = FlightClient::new_from_inner(fixture.client.clone());
    let poll = client.poll_flight_info(command).await.unwrap();
    assert_eq!((poll.flight_descriptor, poll.progress), (None, Some(1.0)));
    assert_eq!(fixture.read_all(&poll.info.unwrap()).await, ["main"]);
}

#[tokio::test]
async fn a_descriptor_of_another_server_is_refused() {
    let (fixture, other) = (Fixture::start().await, Fixture::start().await);
    let foreign = other.poll(STUCK).await.unwrap().flight_descriptor.unwrap();
    let status = fixture.poll_again(&foreign).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("was not made by this server"), "{status}");
}

#[tokio::test]
async fn a_prepared_query_is_polled_with_its_values_and_cancelled() {
    let fixture = Fixture::start().await;
    let handle = fixture.prepared("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n").await;
    let command = CommandPreparedStatementQuery { prepared_statement_handle: handle.clone() };
    let descriptor = FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
    let status = fixture.poll_again(&descriptor).await.unwrap_err();
    assert!(status.message().contains("no values are bound"), "{status}");
    fixture.bind(&handle, &[batch([("1", Arc::new(Int64Array::from(vec![2, 3])))])]).await.unwrap();
    let poll = fixture.poll_again(&descriptor).await.unwrap();
    assert_eq!(poll.flight_descriptor, None);
    assert_eq!(fixture.read_all(&poll.info.unwrap()).await, ["1", "2", "1", "2", "3"]);
    let slow = fixture.prepared("WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n").await;
    fixture.bind(&slow, &[batch([("1", Arc::new(Int64Array::from(vec![1])))])]).await.unwrap();
    let command = CommandPreparedStatementQuery { prepared_statement_handle: slow };
    let poll = fixture.poll_again(&FlightDescriptor::new_cmd(command.as_any().encode_to_vec())).await.unwrap();
    assert_eq!(fixture.server.stats().polled_queries, 1);
    assert_eq!(fixture.cancel_polled(&poll.info.unwrap()).await, CancelStatus::Cancelled);
    assert_released(&fixture).await;
    let status = fixture.poll_again(&poll.flight_descriptor.unwrap()).await.unwrap_err();
    assert_eq!(status.code(), Code::Cancelled, "{status}");
}
