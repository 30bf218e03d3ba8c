//! Values that are bound to a prepared query: how they find their parameters, and what a query does with them.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, NullArray, RecordBatch, StringArray};
use arrow_flight::encode::FlightDataEncoderBuilder;
use arrow_flight::sql::CommandPreparedStatementQuery;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::IpcWriteOptions;
use arrow_schema::{Field, Schema};
use futures::TryStreamExt;
use tonic::Code;

use super::prepared::close;
use super::{Fixture, batch, columns, messages, rows};
use crate::server::ServerOptions;

const TABLE: &str = "CREATE TABLE t (a INTEGER, s TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) INSERT INTO t SELECT i, 's' || i FROM n;";

fn ints(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn one(value: i64) -> RecordBatch {
    batch([("a", ints([value]))])
}

#[tokio::test]
async fn columns_find_their_parameters_by_position_or_by_name() {
    let fixture = Fixture::start().await;
    for (sql, names, expected) in [
        ("SELECT ? || ? AS r", ["x", "y"], "AB"),
        ("SELECT ? || ? AS r", ["2", "1"], "BA"),
        ("SELECT ?2 || ?1 AS r", ["x", "y"], "BA"),
        ("SELECT ?2 || ?1 AS r", ["2", "1"], "AB"),
        ("SELECT :a || @b AS r", ["a", "b"], "AB"),
        ("SELECT :a || @b AS r", ["b", "a"], "BA"),
        ("SELECT :a || $b AS r", ["$b", ":a"], "BA"),
        ("SELECT :a || @b AS r", ["b", "other"], "AB"),
        ("SELECT :a || @b || :a AS r", ["x", "y"], "ABA"),
    ] {
        let handle = fixture.prepared(sql).await;
        fixture.bind(&handle, &[batch([(names[0], text(&["A"])), (names[1], text(&["B"]))])]).await.unwrap();
        assert_eq!(rows(&fixture.execute(&handle).await.unwrap()), [expected], "{sql} with {names:?}");
    }
}

#[tokio::test]
async fn a_wrong_number_of_columns_is_refused_with_both_numbers() {
    let fixture = Fixture::with_sql(TABLE).await;
    for (sql, message) in [
        ("SELECT a FROM t WHERE a IN (?, ?)", "the statement has 2 parameters, and the record batches bring 1 columns"),
        ("SELECT a FROM t", "the statement has 0 parameters, and the record batches bring 1 columns"),
    ] {
        let handle = fixture.prepared(sql).await;
        let status = fixture.bind(&handle, &[one(1)]).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains(message), "{}", status.message());
    }
}

#[tokio::test]
async fn a_query_runs_for_each_row_and_the_results_follow_one_another() {
    let fixture = Fixture::with_sql(TABLE).await;
    for sql in ["SELECT a, s FROM t WHERE a <= ?", "SELECT a + 0 AS a, s FROM t WHERE a <= ?"] {
        let handle = fixture.prepared(sql).await;
        // In several batches; some rows have no result.
        fixture.bind(&handle, &[batch([("a", ints([0, 2]))]), batch([("a", ints([]))]), batch([("a", ints([0, 1, 0]))])]).await.unwrap();
        let expected = ["1|s1", "2|s2", "1|s1"];
        let result = fixture.execute(&handle).await.unwrap();
        assert_eq!(columns(&result.schema()), "a Int64, s Utf8", "{sql}");
        assert_eq!(rows(&result), expected, "{sql}");
        let several = fixture.clone().header("x-flightsql-endpoints", 2);
        assert_eq!(several.prepared_info(&handle).await.unwrap().endpoint.len(), 2);
        assert_eq!(rows(&several.execute(&handle).await.unwrap()), expected, "{sql}");
        let sized = fixture.clone().header("x-flightsql-batch-rows", 2);
        let (_, batches) = sized.batches_of(&sized.prepared_info(&handle).await.unwrap()).await.unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [2, 1], "{sql}");
    }
}

#[tokio::test]
async fn the_types_of_open_columns_come_from_the_values_of_all_runs() {
    let fixture = Fixture::start().await;
    let handle = fixture.prepared("SELECT ? AS v").await;
    for (values, expected, shown) in [
        (ints([1, 2]), "v Int64", ["1", "2"]),
        (Arc::new(Float64Array::from(vec![Some(0.5), None])) as ArrayRef, "v Float64", ["0.5", "NULL"]),
        (text(&["x", ""]), "v Utf8", ["x", ""]),
        (Arc::new(NullArray::new(2)), "v Utf8", ["NULL", "NULL"]),
    ] {
        fixture.bind(&handle, &[batch([("v", values)])]).await.unwrap();
        let result = fixture.execute(&handle).await.unwrap();
        assert_eq!(columns(&result.schema()), expected);
        assert_eq!(rows(&result), shown);
    }
}

#[tokio::test]
async fn what_is_bound_stays_until_something_else_is_and_no_rows_clear_it() {
    let fixture = Fixture::with_sql(TABLE).await;
    let handle = fixture.prepared("SELECT s FROM t WHERE a = ?").await;
    let unbound = async || {
        let status = fixture.prepared_info(&handle).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains("the statement has 1 parameters, and no values are bound"), "{}", status.message());
    };
    unbound().await;
    fixture.bind(&handle, &[one(3)]).await.unwrap();
    for _ in 0..2 {
        assert_eq!(rows(&fixture.execute(&handle).await.unwrap()), ["s3"]);
    }
    // What is refused changes nothing.
    fixture.bind(&handle, &[batch([("a", ints([1])), ("b", ints([1]))])]).await.unwrap_err();
    assert_eq!(rows(&fixture.execute(&handle).await.unwrap()), ["s3"]);
    for nothing in [vec![batch([("a", ints([]))])], vec![RecordBatch::new_empty(Arc::new(Schema::empty()))], vec![]] {
        fixture.bind(&handle, &[one(3)]).await.unwrap();
        fixture.bind(&handle, &nothing).await.unwrap();
        unbound().await;
    }
    assert_eq!(fixture.server.stats().prepared_bytes, "SELECT s FROM t WHERE a = ?1".len(), "the statement alone, and its one name");
}

#[tokio::test]
async fn a_ticket_gives_the_rows_of_the_values_that_were_bound_when_it_was_made() {
    let fixture = Fixture::with_sql(TABLE).await;
    for sql in ["SELECT a FROM t WHERE a = ?", "SELECT a + 0 AS a FROM t WHERE a = ?"] {
        let handle = fixture.prepared(sql).await;
        fixture.bind(&handle, &[one(3)]).await.unwrap();
        let first = fixture.prepared_info(&handle).await.unwrap();
        fixture.bind(&handle, &[one(4)]).await.unwrap();
        let second = fixture.prepared_info(&handle).await.unwrap();
        close(&fixture, &handle).await.unwrap();
        for _ in 0..2 {
            for (info, expected) in [(&second, "4"), (&first, "3")] {
                let (_, batches) = fixture.batches_of(info).await.unwrap();
                assert_eq!(rows(&batches[0]), [expected], "{sql}");
            }
        }
        assert_eq!(first.endpoint[0].expiration_time, None, "the ticket holds all that it needs");
    }
    assert_eq!(fixture.server.stats().prepared_bytes, 0);
}

#[tokio::test]
async fn many_values_are_kept_for_their_ticket_for_some_time() {
    let options =
        ServerOptions { init_sql: Some(TABLE.to_owned()), kept_for: std::time::Duration::from_millis(1500), ..ServerOptions::default() };
    let fixture = Fixture::with(options).await;
    let handle = fixture.prepared("SELECT a FROM t WHERE ? LIKE 'x%' AND a = ?").await;
    let long = format!("x{}", "y".repeat(100_000));
    fixture.bind(&handle, &[batch([("s", text(&[&long])), ("a", ints([5]))])]).await.unwrap();
    let info = fixture.prepared_info(&handle).await.unwrap();
    assert!(info.endpoint[0].expiration_time.is_some());
    assert!(info.endpoint[0].ticket.as_ref().unwrap().ticket.len() < 1000);
    fixture.bind(&handle, &[batch([("s", text(&["x"])), ("a", ints([6]))])]).await.unwrap();
    close(&fixture, &handle).await.unwrap();
    for _ in 0..2 {
        let (_, batches) = fixture.batches_of(&info).await.unwrap();
        assert_eq!(rows(&batches[0]), ["5"]);
    }
    assert!(fixture.server.stats().prepared_bytes > 100_000);
    let status = loop {
        match fixture.batches_of(&info).await {
            Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            Err(status) => break status,
        }
    };
    assert_eq!(status.code(), Code::NotFound, "{status}");
    assert!(status.message().contains("run the statement again"), "{}", status.message());
    while fixture.server.stats().prepared_bytes > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_query_that_was_begun_for_its_types_runs_once() {
    let fixture = Fixture::with_sql(TABLE).await;
    let handle = fixture.prepared("SELECT count(*) AS n FROM t WHERE a > ?").await;
    fixture.bind(&handle, &[one(5)]).await.unwrap();
    let info = fixture.prepared_info(&handle).await.unwrap();
    fixture.update("DELETE FROM t").await.unwrap();
    // It had begun before the change; the second time it runs anew.
    for expected in ["5", "0"] {
        let (_, batches) = fixture.batches_of(&info).await.unwrap();
        assert_eq!(rows(&batches[0]), [expected]);
    }
}

#[tokio::test]
async fn a_writing_query_runs_once_for_each_row_however_often_it_is_read() {
    let fixture = Fixture::with_sql("CREATE TABLE u (id INTEGER PRIMARY KEY, v UNIQUE)").await;
    let handle = fixture.prepared("INSERT INTO u (v) VALUES (?) RETURNING id, v").await;
    fixture.bind(&handle, &[batch([("v", text(&["x", "y"]))])]).await.unwrap();
    let info = fixture.prepared_info(&handle).await.unwrap();
    assert_eq!(info.total_records, 2);
    for _ in 0..2 {
        let (_, batches) = fixture.batches_of(&info).await.unwrap();
        assert_eq!(rows(&batches[0]), ["1|x", "2|y"]);
    }
    fixture.bind(&handle, &[batch([("v", text(&["z", "x"]))])]).await.unwrap();
    let status = fixture.prepared_info(&handle).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert!(status.message().starts_with("row 2 of the bound values: UNIQUE constraint failed"), "{}", status.message());
    assert_eq!(rows(&fixture.query("SELECT v FROM u ORDER BY id").await.unwrap()), ["x", "y"]);
}

#[tokio::test]
async fn compressed_batches_are_read_and_damaged_ones_refused() {
    let fixture = Fixture::with_sql(TABLE).await;
    let handle = fixture.prepared("SELECT count(*) AS n FROM t WHERE a = ?").await;
    let command = CommandPreparedStatementQuery { prepared_statement_handle: handle.clone() };
    let many = batch([("a", ints(std::iter::repeat_n(1, 5000)))]);
    for compression in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        let options = IpcWriteOptions::default().try_with_compression(Some(compression)).unwrap();
        let stream = futures::stream::iter([Ok(many.clone())]);
        let sent: Vec<_> = FlightDataEncoderBuilder::new().with_options(options).build(stream).try_collect().await.unwrap();
        fixture.put(&command, sent.clone()).await.unwrap();
        assert_eq!(fixture.execute(&handle).await.unwrap().num_rows(), 5000);
        // Every buffer begins with how long it is once decompressed.
        let mut bomb = sent.clone();
        let mut body = bomb[1].data_body.to_vec();
        let start = body.iter().position(|byte| *byte != 0).unwrap();
        body[start..start + 8].copy_from_slice(&(1_i64 << 50).to_le_bytes());
        bomb[1].data_body = body.into();
        let status = fixture.put(&command, bomb).await.unwrap_err();
        assert!(matches!(status.code(), Code::ResourceExhausted | Code::InvalidArgument), "{status}");
    }
    let sent = messages(&[one(1)]).await;
    let mut cut = sent.clone();
    cut[1].data_body = cut[1].data_body.slice(..4);
    let mut unreadable = sent.clone();
    unreadable[1].data_header = "nonsense".into();
    let without_schema = vec![sent[1].clone()];
    for damaged in [cut, unreadable, without_schema] {
        let status = fixture.put(&command, damaged).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        assert!(status.message().contains("the record batches cannot be read"), "{}", status.message());
    }
    // What was bound before is bound still.
    assert_eq!(fixture.execute(&handle).await.unwrap().num_rows(), 5000);
}

#[tokio::test]
async fn rows_count_even_where_they_take_no_bytes() {
    let fixture = Fixture::start().await;
    let handle = fixture.prepared("SELECT ? AS v").await;
    let status = fixture.bind(&handle, &[batch([("v", Arc::new(NullArray::new(1 << 40)))])]).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    assert!(status.message().contains("max_prepared_bytes"), "{}", status.message());
}

#[tokio::test]
async fn a_column_that_is_said_to_hold_no_nulls_is_bound_like_any_other() {
    let fixture = Fixture::start().await;
    let handle = fixture.prepared("SELECT :v AS v").await;
    let schema = Schema::new(vec![Field::new("v", arrow_schema::DataType::Int64, false)]);
    let values = RecordBatch::try_new(Arc::new(schema), vec![ints([7])]).unwrap();
    fixture.bind(&handle, &[values]).await.unwrap();
    let result = fixture.execute(&handle).await.unwrap();
    assert_eq!((columns(&result.schema()).as_str(), rows(&result)), ("v Int64", vec!["7".to_owned()]));
}
