//! The size of record batches.

use tonic::Code;

use super::Fixture;
use crate::server::ServerOptions;

const NUMBERS: &str = "CREATE TABLE t (a INTEGER, s TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
    INSERT INTO t SELECT i, printf('%0200d', i) FROM n;";

async fn sizes(fixture: &Fixture, sql: &str) -> Vec<usize> {
    let (_, batches) = fixture.batches(sql).await.unwrap();
    batches.iter().map(arrow_array::RecordBatch::num_rows).collect()
}

#[tokio::test]
async fn a_call_or_the_server_can_ask_for_any_number_of_rows() {
    let fixture = Fixture::with_sql(NUMBERS).await.header("x-flightsql-batch-rows", 8192);
    for sql in ["SELECT a, s FROM t", "SELECT a + 0, s || '' FROM t"] {
        assert_eq!(sizes(&fixture, sql).await, [8192, 8192, 8192, 424], "{sql}");
    }
    let fixture = fixture.header("x-flightsql-batch-rows", 1);
    assert_eq!(sizes(&fixture, "SELECT a FROM t LIMIT 300").await, [1; 300]);
    let options = ServerOptions { init_sql: Some(NUMBERS.to_owned()), batch_rows: Some(10_000), ..Default::default() };
    let fixture = Fixture::with(options).await;
    assert_eq!(sizes(&fixture, "SELECT a FROM t").await, [10_000, 10_000, 5000]);
}

#[tokio::test]
async fn the_call_that_reads_can_ask_for_another_size() {
    let fixture = Fixture::with_sql(NUMBERS).await.header("x-flightsql-batch-rows", 20_000);
    for sql in ["SELECT a FROM t", "SELECT a + 0 FROM t"] {
        let info = fixture.info(sql).await.unwrap();
        let reader = fixture.clone().header("x-flightsql-batch-rows", 15_000);
        let (_, batches) = reader.read(info.endpoint[0].ticket.as_ref().unwrap()).await.unwrap();
        assert_eq!(batches.iter().map(|batch| batch.num_rows()).collect::<Vec<_>>(), [15_000, 10_000], "{sql}");
    }
}

#[tokio::test]
async fn by_default_a_batch_ends_at_two_mebibytes() {
    let fixture = Fixture::with_sql(NUMBERS).await;
    for sql in ["SELECT a, s FROM t", "SELECT a + 0, s || '' FROM t"] {
        let sizes = sizes(&fixture, sql).await;
        assert_eq!(sizes.iter().sum::<usize>(), 25_000, "{sql}");
        assert!(sizes.len() >= 3, "{sql}: {sizes:?}");
        assert!(sizes.iter().all(|rows| *rows <= 2 * 1024 * 1024 / 200), "{sql}: {sizes:?}");
    }
}

#[tokio::test]
async fn a_size_that_cannot_be_is_refused_by_name() {
    let fixture = Fixture::start().await;
    for value in ["0", "-1", "many", "2000000"] {
        let status = fixture.clone().header("x-flightsql-batch-rows", value).info("SELECT 1").await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains("x-flightsql-batch-rows"), "{}", status.message());
        assert!(status.message().contains(value), "{}", status.message());
    }
}
