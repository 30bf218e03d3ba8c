//! Streams: back-pressure, clients that go away, statements without end.

use std::time::{Duration, Instant};

use tonic::Code;

use super::{Fixture, rows};

/// Rows without end, each of a kilobyte.
pub(super) const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT i, zeroblob(1000) AS filler FROM n";

/// A statement that computes for ever before its first row.
pub(super) const STUCK: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS n FROM n";

/// Waits until the server sends and computes nothing for a while, though a statement is open; returns what it sent.
pub(super) async fn settled(fixture: &Fixture) -> u64 {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut before = fixture.server.stats();
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = fixture.server.stats();
        if now == before && now.computing == 0 {
            return now.sent_bytes;
        }
        assert!(Instant::now() < deadline, "it goes on: {now:?}");
        before = now;
    }
}

/// Waits until no statement is open.
pub(super) async fn assert_released(fixture: &Fixture) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while fixture.server.stats().open_statements > 0 {
        assert!(Instant::now() < deadline, "a statement is still open: {:?}", fixture.server.stats());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

use tokio::task::JoinError;

#[tokio::test]
async fn a_client_that_stops_reading_stops_the_statement_and_one_that_goes_away_ends_it() {
    let fixture = Fixture::start().await;
    let info = fixture.info(ENDLESS).await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let mut stream = fixture.client.clone().do_get(ticket).await.unwrap().into_inner();
    for _ in 0..3 {
        stream.message().await.unwrap().unwrap();
    }
    let sent = settled(&fixture).await;
    assert_eq!(fixture.server.stats().open_statements, 1);
    assert!(sent < 32 * 1024 * 1024, "{sent} bytes are windows and a few messages");
    for _ in 0..20 {
        stream.message().await.unwrap().unwrap();
    }
    assert!(fixture.server.stats().sent_bytes > sent + 16 * 1024 * 1024);
    drop(stream);
    assert_released(&fixture).await;
    assert_eq!(rows(&fixture.query("SELECT 1").await.unwrap()), ["1"]);
}

#[tokio::test]
async fn a_query_is_interrupted_when_its_caller_gives_up() {
    let fixture = Fixture::start().await;
    for sql in [STUCK, "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n WHERE i > 0) SELECT count(*) FROM n"] {
        let given_up = tokio::time::timeout(Duration::from_millis(300), fixture.info(sql)).await;
        assert!(given_up.is_err());
        assert_released(&fixture).await;
    }
    let given_up = tokio::time::timeout(
        Duration::from_millis(300),
        fixture.update("CREATE TABLE u AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"),
    )
    .await;
    assert!(given_up.is_err());
    // The turn to write is free again, and nothing of the table is there.
    assert_eq!(fixture.update("CREATE TABLE u (a)").await.unwrap(), 0);
}

#[tokio::test]
async fn a_query_for_several_endpoints_is_interrupted_too() {
    let fixture = Fixture::start().await.header("x-flightsql-endpoints", 2);
    let counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i % 1000000 = 0";
    let given_up = tokio::time::timeout(Duration::from_millis(500), fixture.info(counting)).await;
    assert!(given_up.is_err());
    assert_released(&fixture).await;
}

#[tokio::test]
async fn a_query_that_was_begun_for_its_types_runs_once() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER)").await;
    // Each run has random numbers of its own.
    let info = fixture.info("SELECT random() AS r").await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let (_, first) = fixture.read(&ticket).await.unwrap();
    let (_, second) = fixture.read(&ticket).await.unwrap();
    assert_ne!(first, second, "the second time it ran anew");
    // A change between the question and the reading is not seen by a query that had begun.
    let info = fixture.info("SELECT count(*) FROM t").await.unwrap();
    fixture.update("INSERT INTO t VALUES (1)").await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    assert_eq!(rows(&fixture.read(&ticket).await.unwrap().1[0]), ["0"]);
    assert_eq!(rows(&fixture.read(&ticket).await.unwrap().1[0]), ["1"]);
}

#[tokio::test]
async fn more_queries_may_wait_to_be_read_than_are_held() {
    let fixture = Fixture::start().await;
    let mut infos = Vec::new();
    for number in 0..100 {
        infos.push(fixture.info(&format!("SELECT {number} AS n")).await.unwrap());
    }
    for (number, info) in infos.iter().enumerate() {
        let (_, batches) = fixture.read(info.endpoint[0].ticket.as_ref().unwrap()).await.unwrap();
        assert_eq!(rows(&batches[0]), [number.to_string()]);
    }
}

#[tokio::test]
async fn a_deadline_of_the_client_ends_the_statement() {
    let fixture = Fixture::start().await.header("grpc-timeout", "300m");
    let status = fixture.info(STUCK).await.unwrap_err();
    assert!(matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded), "{status}");
    assert_released(&fixture).await;
}

#[tokio::test]
async fn a_client_may_give_up_hundreds_of_calls_at_once() {
    let fixture = Fixture::start().await;
    // From before the calls are on the wire to when they run.
    for turns in 0..40 {
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let fixture = fixture.clone();
                tokio::spawn(async move { fixture.info(STUCK).await })
            })
            .collect();
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        for call in &calls {
            call.abort();
        }
        for call in calls {
            let outcome = call.await.map(|info| info.map(|_| ()));
            assert!(outcome.as_ref().is_err_and(JoinError::is_cancelled), "given up, but after {turns} turns: {outcome:?}");
        }
        // The server bounds the resets that it has not got round to: it catches up before the next round.
        assert_eq!(rows(&fixture.query("SELECT 1").await.unwrap()), ["1"]);
    }
    assert_eq!(rows(&fixture.query("SELECT 1").await.unwrap()), ["1"]);
    assert_released(&fixture).await;
}
