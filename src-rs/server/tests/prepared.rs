//! Preparing statements, what they tell, and closing them.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Float64Array, Int64Array, StringArray};
use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_flight::sql::{
    ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest, CommandPreparedStatementQuery, ProstMessageExt,
};
use arrow_flight::{Empty, FlightDescriptor, IpcMessage, SchemaResult};
use arrow_schema::{DataType, Schema, UnionMode};
use bytes::Bytes;
use futures::TryStreamExt;
use prost::Message;
use tonic::{Code, Status};

use super::{Fixture, batch, columns, rows, status_of};
use crate::server::ServerOptions;

const TABLE: &str = "CREATE TABLE t (a INTEGER, price DECIMAL(10,2), s TEXT); INSERT INTO t VALUES (1, 1.5, 'x'), (2, 2.5, 'y')";

fn decoded(schema: Bytes) -> Schema {
    Schema::try_from(IpcMessage(schema)).unwrap()
}

pub(super) async fn close(fixture: &Fixture, handle: &Bytes) -> Result<(), Status> {
    let request = ActionClosePreparedStatementRequest { prepared_statement_handle: handle.clone() };
    let answers = fixture.answers("ClosePreparedStatement", request.as_any().encode_to_vec()).await?;
    assert!(answers.is_empty());
    Ok(())
}

#[tokio::test]
async fn arrow_flights_own_client_prepares_binds_runs_and_closes() {
    let fixture = Fixture::with_sql(TABLE).await;
    let mut client = FlightSqlServiceClient::new_from_inner(fixture.client.clone());
    let mut query = client.prepare("SELECT price FROM t WHERE a = ?".to_owned(), None).await.unwrap();
    assert_eq!(columns(query.dataset_schema().unwrap()), "price Decimal128(10, 2)");
    assert_eq!(query.parameter_schema().unwrap().fields().len(), 1);
    for (a, expected) in [(1, "1.50"), (2, "2.50")] {
        query.set_parameters(batch([("a", Arc::new(Int64Array::from(vec![a])))])).unwrap();
        let info = query.execute().await.unwrap();
        let (_, batches) = fixture.batches_of(&info).await.unwrap();
        assert_eq!(rows(&batches[0]), [expected]);
    }
    query.close().await.unwrap();
    let mut update = client.prepare("UPDATE t SET s = ?2 WHERE a >= ?1".to_owned(), None).await.unwrap();
    assert_eq!(columns(update.dataset_schema().unwrap()), "");
    let values = batch([("a", Arc::new(Int64Array::from(vec![1])) as _), ("s", Arc::new(StringArray::from(vec!["z"])) as _)]);
    update.set_parameters(values).unwrap();
    assert_eq!(update.execute_update().await.unwrap(), 2);
    update.clone().close().await.unwrap();
    let status = status_of(update.execute_update().await.unwrap_err());
    assert_eq!(status.code(), Code::NotFound, "{status}");
    assert_eq!(rows(&fixture.query("SELECT s FROM t").await.unwrap()), ["z", "z"]);
    assert_eq!(fixture.server.stats().prepared_statements, 0);
}

#[tokio::test]
async fn a_statement_tells_its_columns_and_its_parameters() {
    let fixture = Fixture::with_sql(TABLE).await;
    for (sql, dataset, parameters) in [
        ("SELECT a, price FROM t", Some("a Int64, price Decimal128(10, 2)"), &[][..]),
        ("SELECT a FROM t WHERE a = ? AND s = ?", Some("a Int64"), &["1", "2"]),
        ("SELECT a FROM t WHERE a IN (:a, @b, $c, ?4, :a)", Some("a Int64"), &[":a", "@b", "$c", "?4"]),
        ("SELECT a FROM t WHERE a = ?3", Some("a Int64"), &["1", "2", "?3"]),
        ("SELECT a + 1 AS n, ? AS x, count(*) AS \"n [INTEGER]\" FROM t", Some("n Utf8, x Utf8, n Int64"), &["1"]),
        ("INSERT INTO t (a) VALUES (:a) RETURNING a, price", Some("a Int64, price Decimal128(10, 2)"), &[":a"]),
        ("INSERT INTO t (a, s) VALUES (?, ?)", None, &["1", "2"]),
        ("CREATE TABLE u (a)", None, &[]),
    ] {
        let answer = fixture.prepare(sql).await.unwrap();
        match dataset {
            Some(expected) => assert_eq!(columns(&decoded(answer.dataset_schema)), expected, "{sql}"),
            None => assert!(answer.dataset_schema.is_empty(), "{sql}"),
        }
        let schema = decoded(answer.parameter_schema);
        assert_eq!(schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), parameters, "{sql}");
        for field in schema.fields() {
            let DataType::Union(children, UnionMode::Dense) = field.data_type() else { panic!("{field}") };
            let children: Vec<_> = children.iter().map(|(id, child)| (id, child.data_type().clone())).collect();
            let expected = [DataType::Int64, DataType::Float64, DataType::Utf8, DataType::Binary, DataType::Boolean];
            assert_eq!(children, (0..).zip(expected).collect::<Vec<_>>());
            assert!(field.is_nullable());
        }
    }
    // Preparing runs nothing, whatever it is.
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["2"]);
    fixture.query("SELECT * FROM u").await.unwrap_err();
}

#[tokio::test]
async fn what_cannot_be_prepared_is_refused_as_a_query_is() {
    let fixture = Fixture::with_sql(TABLE).await;
    for sql in ["SELEC 1", "SELECT * FROM nowhere", "", "SELECT 1; SELECT 2", "ATTACH 'x' AS y", "BEGIN"] {
        let (prepared, queried) = (fixture.prepare(sql).await.unwrap_err(), fixture.info(sql).await.unwrap_err());
        assert_eq!((prepared.code(), prepared.message()), (queried.code(), queried.message()), "{sql}");
    }
    let request = ActionCreatePreparedStatementRequest { query: "SELECT 1".to_owned(), transaction_id: Some("t".into()) };
    let status = fixture.act("CreatePreparedStatement", request.as_any().encode_to_vec()).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound, "{status}");
    for body in [Vec::new(), b"no message".to_vec(), ActionClosePreparedStatementRequest::default().as_any().encode_to_vec()] {
        let status = fixture.act("CreatePreparedStatement", body).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        assert!(status.message().contains("CreatePreparedStatement"), "{}", status.message());
    }
    assert_eq!(fixture.server.stats().prepared_statements, 0);
    let options = ServerOptions { init_sql: Some(TABLE.to_owned()), read_only: true, ..Default::default() };
    let fixture = Fixture::with(options).await;
    assert_eq!(fixture.prepare("DELETE FROM t WHERE a = ?").await.unwrap_err().code(), Code::PermissionDenied);
    fixture.prepared("SELECT a FROM t").await;
}

#[tokio::test]
async fn a_closed_statement_is_not_there_any_more() {
    let fixture = Fixture::with_sql(TABLE).await;
    let (handle, other) = (fixture.prepared("SELECT a FROM t").await, fixture.prepared("SELECT a FROM t").await);
    assert_ne!(handle, other);
    close(&fixture, &handle).await.unwrap();
    let values = batch([("a", Arc::new(Int64Array::from(vec![1])))]);
    for status in [
        close(&fixture, &handle).await.unwrap_err(),
        close(&fixture, &Bytes::new()).await.unwrap_err(),
        fixture.prepared_info(&handle).await.unwrap_err(),
        fixture.bind(&handle, std::slice::from_ref(&values)).await.unwrap_err(),
        fixture.execute_update(&handle, &[values]).await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::NotFound, "{status}");
        assert!(status.message().contains("no prepared statement of that handle"), "{}", status.message());
    }
    assert_eq!(rows(&fixture.execute(&other).await.unwrap()), ["1", "2"]);
}

#[tokio::test]
async fn the_actions_that_are_known_are_listed() {
    let fixture = Fixture::start().await;
    let actions = fixture.client.clone().list_actions(Empty {}).await.unwrap().into_inner();
    let names: Vec<_> = actions.map_ok(|action| action.r#type).try_collect().await.unwrap();
    for name in ["CreatePreparedStatement", "ClosePreparedStatement"] {
        assert!(names.iter().any(|listed| listed == name), "{name} is not in {names:?}");
    }
    let status = fixture.act("Nonsense", Bytes::new()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("\"Nonsense\"") && status.message().contains("ClosePreparedStatement"), "{}", status.message());
}

#[tokio::test]
async fn a_statement_without_parameters_runs_as_often_as_it_is_asked_for() {
    let fixture = Fixture::with_sql(TABLE).await;
    let query = fixture.prepared("SELECT count(*) AS n FROM t").await;
    let insert = fixture.prepared("INSERT INTO t (a) VALUES (3) RETURNING a").await;
    for expected in [2, 3, 4] {
        let batch = fixture.execute(&query).await.unwrap();
        assert_eq!(batch.column(0).as_primitive::<Int64Type>().value(0), expected);
        let info = fixture.prepared_info(&insert).await.unwrap();
        for _ in 0..2 {
            let (_, batches) = fixture.batches_of(&info).await.unwrap();
            assert_eq!(rows(&batches[0]), ["3"]);
        }
    }
    fixture.update("DROP TABLE t").await.unwrap();
    let status = fixture.prepared_info(&query).await.unwrap_err();
    assert!(status.message().contains("no such table: t"), "{}", status.message());
}

async fn schema_of(fixture: &Fixture, handle: &Bytes) -> Result<Schema, Status> {
    let command = CommandPreparedStatementQuery { prepared_statement_handle: handle.clone() };
    let descriptor = FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
    let result: SchemaResult = fixture.client.clone().get_schema(descriptor).await?.into_inner();
    Ok(Schema::try_from(result).unwrap())
}

#[tokio::test]
async fn the_schema_alone_is_the_one_of_the_result_and_without_values_the_one_that_was_prepared() {
    let fixture = Fixture::with_sql(TABLE).await;
    let typed = fixture.prepared("SELECT price FROM t WHERE a = ?").await;
    let open = fixture.prepared("SELECT a + ? AS n FROM t").await;
    let plain = fixture.prepared("SELECT count(*) AS n FROM t").await;
    assert_eq!(columns(&schema_of(&fixture, &typed).await.unwrap()), "price Decimal128(10, 2)");
    assert_eq!(columns(&schema_of(&fixture, &open).await.unwrap()), "n Utf8");
    assert_eq!(columns(&schema_of(&fixture, &plain).await.unwrap()), "n Int64");
    let values = batch([("a", Arc::new(Float64Array::from(vec![0.5])))]);
    fixture.bind(&open, &[values]).await.unwrap();
    let schema = schema_of(&fixture, &open).await.unwrap();
    assert_eq!(columns(&schema), "n Float64");
    assert_eq!(schema, *fixture.execute(&open).await.unwrap().schema());
}
