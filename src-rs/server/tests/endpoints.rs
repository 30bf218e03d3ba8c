//! Results of several endpoints.

use tonic::Code;

use super::{Fixture, rows};
use crate::server::ServerOptions;

const NUMBERS: &str = "CREATE TABLE t (a INTEGER);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i FROM n;";

#[tokio::test]
async fn the_endpoints_in_order_are_the_result_in_order() {
    let mut fixture = Fixture::with_sql(NUMBERS).await;
    for sql in ["SELECT a FROM t ORDER BY a DESC", "SELECT a + 0 FROM t ORDER BY a DESC", "SELECT random() FROM t"] {
        for count in [1, 2, 3, 7, 64, 1000, 1024] {
            fixture = fixture.header("x-flightsql-endpoints", count);
            let info = fixture.info(sql).await.unwrap();
            assert_eq!(info.endpoint.len(), count);
            assert_eq!(info.total_records, if count == 1 { -1 } else { 1000 });
            assert!(info.ordered);
            assert!(info.endpoint.iter().all(|endpoint| endpoint.location.is_empty()));
        }
        fixture = fixture.header("x-flightsql-endpoints", 7);
        let batch = fixture.query(sql).await.unwrap();
        assert_eq!(batch.num_rows(), 1000, "{sql}");
        if sql.contains("DESC") {
            let expected: Vec<String> = (1..=1000).rev().map(|number: u32| number.to_string()).collect();
            assert_eq!(rows(&batch), expected, "{sql}");
        }
    }
}

#[tokio::test]
async fn a_result_is_one_snapshot_and_can_be_read_twice() {
    let fixture = Fixture::with_sql(NUMBERS).await.header("x-flightsql-endpoints", 4);
    let info = fixture.info("SELECT a FROM t").await.unwrap();
    assert!(info.endpoint.iter().all(|endpoint| endpoint.expiration_time.is_some()));
    fixture.update("DELETE FROM t").await.unwrap();
    for _ in 0..2 {
        let mut sizes = Vec::new();
        for endpoint in &info.endpoint {
            let (_, batches) = fixture.read(endpoint.ticket.as_ref().unwrap()).await.unwrap();
            sizes.push(batches.iter().map(|batch| batch.num_rows()).sum::<usize>());
        }
        assert_eq!(sizes, [250; 4]);
    }
}

#[tokio::test]
async fn the_size_of_batches_holds_within_each_endpoint() {
    let fixture = Fixture::with_sql(NUMBERS).await.header("x-flightsql-endpoints", 3).header("x-flightsql-batch-rows", 100);
    let info = fixture.info("SELECT a FROM t").await.unwrap();
    let mut sizes = Vec::new();
    for endpoint in &info.endpoint {
        let (_, batches) = fixture.read(endpoint.ticket.as_ref().unwrap()).await.unwrap();
        sizes.push(batches.iter().map(|batch| batch.num_rows()).collect::<Vec<_>>());
    }
    assert_eq!(sizes, [vec![100, 100, 100, 33], vec![100, 100, 100, 33], vec![100, 100, 100, 34]]);
    assert_eq!(fixture.query("SELECT a FROM t").await.unwrap().num_rows(), 1000);
}

#[tokio::test]
async fn the_server_can_have_a_number_of_its_own_and_a_call_can_say_that_order_is_not_kept() {
    let options = ServerOptions { init_sql: Some(NUMBERS.to_owned()), endpoints: 5, ..Default::default() };
    let fixture = Fixture::with(options).await;
    assert_eq!(fixture.info("SELECT a FROM t").await.unwrap().endpoint.len(), 5);
    let fixture = fixture.header("x-flightsql-ordered", "false");
    assert!(!fixture.info("SELECT a FROM t").await.unwrap().ordered);
    let fixture = fixture.header("x-flightsql-endpoints", 1025);
    let status = fixture.info("SELECT a FROM t").await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("x-flightsql-endpoints is \"1025\""), "{}", status.message());
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    let options = ServerOptions {
        init_sql: Some(NUMBERS.to_owned()),
        max_kept_bytes: 100_000,
        endpoints: 2,
        kept_for: std::time::Duration::from_millis(300),
        ..Default::default()
    };
    let fixture = Fixture::with(options).await;
    let status = fixture.info("SELECT zeroblob(1000) FROM t").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    let info = fixture.info("SELECT a FROM t").await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    fixture.read(&ticket).await.unwrap();
    // Its time is over at some point, and its bytes are free again soon after.
    let status = loop {
        match fixture.read(&ticket).await {
            Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            Err(status) => break status,
        }
    };
    assert_eq!(status.code(), Code::NotFound, "{status}");
    for _ in 0..20 {
        while let Err(status) = fixture.info("SELECT a FROM t").await {
            assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}
