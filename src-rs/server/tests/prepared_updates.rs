//! Prepared statements that write.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, ListArray, RecordBatch, RecordBatchOptions, StringArray, UInt64Array};
use arrow_flight::FlightDescriptor;
use arrow_flight::sql::{CommandPreparedStatementUpdate, ProstMessageExt};
use arrow_schema::Schema;
use futures::StreamExt;
use prost::Message;
use tonic::Code;

use super::{Fixture, batch, messages, rows};

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)";

fn values(ids: impl IntoIterator<Item = i64>, text: &str) -> RecordBatch {
    let ids = Int64Array::from_iter_values(ids);
    let text: StringArray = ids.iter().map(|_| Some(text)).collect();
    batch([("id", Arc::new(ids)), ("s", Arc::new(text))])
}

async fn count(fixture: &Fixture) -> String {
    rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()).remove(0)
}

#[tokio::test]
async fn a_statement_runs_for_each_row_of_all_batches_and_counts_their_sum() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT INTO t VALUES (?, ?)").await;
    assert_eq!(fixture.execute_update(&insert, &[values(0..5000, "x"), values(5000..5001, "y")]).await.unwrap(), 5001);
    assert_eq!(rows(&fixture.query("SELECT count(*), min(s), max(s) FROM t").await.unwrap()), ["5001|x|y"]);
    let update = fixture.prepared("UPDATE t SET s = :s WHERE id < :id").await;
    assert_eq!(fixture.execute_update(&update, &[values([10, 0, 20], "z")]).await.unwrap(), 30);
    let delete = fixture.prepared("DELETE FROM t").await;
    assert_eq!(fixture.execute_update(&delete, &[]).await.unwrap(), 5001);
    let create = fixture.prepared("CREATE TABLE u (a)").await;
    assert_eq!(fixture.execute_update(&create, &[]).await.unwrap(), 0);
}

#[tokio::test]
async fn all_rows_are_written_or_none_and_the_row_that_failed_is_named() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT INTO t VALUES (?, ?)").await;
    let status = fixture.execute_update(&insert, &[values(1..3, "x"), values([3, 2], "x")]).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert!(status.message().starts_with("row 4 of the bound values: UNIQUE constraint failed: t.id"), "{}", status.message());
    let beyond: ArrayRef = Arc::new(UInt64Array::from(vec![7, u64::MAX]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["x", "y"]));
    let status = fixture.execute_update(&insert, &[batch([("id", beyond), ("s", texts)])]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("parameter \"1\", row 2: 18446744073709551615"), "{}", status.message());
    let or_rollback = fixture.prepared("INSERT OR ROLLBACK INTO t VALUES (?, ?)").await;
    fixture.execute_update(&or_rollback, &[values([1, 1], "x")]).await.unwrap_err();
    assert_eq!(count(&fixture).await, "0");
    // A failure leaves nothing behind that the next one could stumble over.
    assert_eq!(fixture.execute_update(&insert, &[values(1..3, "x")]).await.unwrap(), 2);
}

#[tokio::test]
async fn a_wrong_number_of_columns_is_refused_before_anything_runs() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT INTO t (id) VALUES (?)").await;
    let status = fixture.execute_update(&insert, &[values([1], "x")]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("the statement has 1 parameters, and the record batches bring 2 columns"), "{}", status.message());
    assert_eq!(count(&fixture).await, "0");
}

#[tokio::test]
async fn without_batches_the_values_that_were_bound_before_are_taken() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT OR REPLACE INTO t VALUES (?, ?)").await;
    let status = fixture.execute_update(&insert, &[]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("has 2 parameters, and no values are bound"), "{}", status.message());
    fixture.bind(&insert, &[values(1..4, "x")]).await.unwrap();
    assert_eq!(fixture.execute_update(&insert, &[]).await.unwrap(), 3);
    // Those of the stream go before them, and do not stay.
    assert_eq!(fixture.execute_update(&insert, &[values([9], "x")]).await.unwrap(), 1);
    // As the clients of C++ and Go say that they bring none.
    let none = RecordBatch::new_empty(Arc::new(Schema::empty()));
    assert_eq!(fixture.execute_update(&insert, std::slice::from_ref(&none)).await.unwrap(), 3);
    let delete = fixture.prepared("DELETE FROM t").await;
    assert_eq!(fixture.execute_update(&delete, &[none]).await.unwrap(), 4);
}

#[tokio::test]
async fn no_rows_are_no_runs() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT INTO t VALUES (?, ?)").await;
    fixture.bind(&insert, &[values([1], "x")]).await.unwrap();
    assert_eq!(fixture.execute_update(&insert, &[values([], "x")]).await.unwrap(), 0);
    assert_eq!(count(&fixture).await, "0");
}

#[tokio::test]
async fn rows_without_columns_are_runs_of_a_statement_without_parameters() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT INTO t (s) VALUES ('x')").await;
    let options = RecordBatchOptions::new().with_row_count(Some(3));
    let rows = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options).unwrap();
    assert_eq!(fixture.execute_update(&insert, &[rows]).await.unwrap(), 3);
    assert_eq!(count(&fixture).await, "3");
}

#[tokio::test]
async fn what_only_reads_is_no_update() {
    let fixture = Fixture::with_sql(TABLE).await;
    let query = fixture.prepared("SELECT * FROM t WHERE id = ?").await;
    let status = fixture.execute_update(&query, &[batch([("id", Arc::new(Int64Array::from(vec![1])))])]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("run it as a query"), "{}", status.message());
}

#[tokio::test]
async fn a_client_that_takes_its_time_stops_no_other_writer_and_one_that_goes_away_leaves_nothing() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT INTO t VALUES (?, ?)").await;
    let before = fixture.server.stats().prepared_bytes;
    let mut sent = messages(&[values(0..1000, "x")]).await;
    let command = CommandPreparedStatementUpdate { prepared_statement_handle: insert.clone() };
    sent[0].flight_descriptor = Some(FlightDescriptor::new_cmd(command.as_any().encode_to_vec()));
    let mut client = fixture.client.clone();
    let slow = tokio::spawn(async move { client.do_put(futures::stream::iter(sent).chain(futures::stream::pending())).await });
    while fixture.server.stats().prepared_bytes < before + 8000 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let other = tokio::time::timeout(Duration::from_secs(10), fixture.update("INSERT INTO t VALUES (1, 'other')")).await;
    assert_eq!(other.unwrap().unwrap(), 1);
    slow.abort();
    while fixture.server.stats().prepared_bytes > before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(count(&fixture).await, "1");
}

#[tokio::test]
async fn an_update_is_interrupted_when_its_caller_gives_up() {
    let fixture = Fixture::with_sql(TABLE).await;
    let slow = "INSERT INTO t SELECT id, ? FROM (WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n)";
    let insert = fixture.prepared(slow).await;
    let texts = batch([("s", Arc::new(StringArray::from(vec!["x"])))]);
    let given_up = tokio::time::timeout(Duration::from_millis(300), fixture.execute_update(&insert, &[texts])).await;
    assert!(given_up.is_err());
    // The turn to write is free again.
    assert_eq!(fixture.update("INSERT INTO t VALUES (1, 'x')").await.unwrap(), 1);
    assert_eq!(count(&fixture).await, "1");
}

#[tokio::test]
async fn a_value_of_no_use_in_one_row_does_not_stop_at_rows_without_it() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT INTO t VALUES (?, ?)").await;
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let lists = |second| -> ArrayRef {
        Arc::new(ListArray::from_iter_primitive::<arrow_array::types::Int64Type, _, _>(vec![None::<Vec<Option<i64>>>, second]))
    };
    assert_eq!(fixture.execute_update(&insert, &[batch([("id", Arc::clone(&ids)), ("s", lists(None))])]).await.unwrap(), 2);
    let status = fixture.execute_update(&insert, &[batch([("id", ids), ("s", lists(Some(vec![Some(1)])))])]).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists, "the first row goes before the second: {status}");
}
