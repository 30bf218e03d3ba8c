//! Ingestion within the transactions of clients.

use std::sync::Arc;

use arrow_array::Int64Array;
use arrow_flight::sql::CommandStatementIngest;
use bytes::Bytes;
use tonic::Code;

use super::ingest::{CREATE, REPLACE, into, numbered, with_modes};
use super::{Fixture, batch};

fn within(id: &Bytes, command: CommandStatementIngest) -> CommandStatementIngest {
    CommandStatementIngest { transaction_id: Some(id.clone()), ..command }
}

#[tokio::test]
async fn rows_and_tables_last_as_their_transaction_does() {
    let fixture = Fixture::with_sql("CREATE TABLE old (id INTEGER); INSERT INTO old VALUES (1)").await;
    for is_kept in [false, true] {
        let id = fixture.begin().await.unwrap();
        assert_eq!(fixture.ingest(within(&id, into("new")), &[numbered(0..3, "x"), numbered(3..5, "y")]).await.unwrap(), 5);
        assert_eq!(fixture.ingest(within(&id, with_modes("old", CREATE, REPLACE)), &[numbered([7], "z")]).await.unwrap(), 1);
        assert_eq!(fixture.rows_in(&id, "SELECT count(*) FROM new").await.unwrap(), ["5"]);
        fixture.query("SELECT * FROM new").await.unwrap_err();
        if is_kept {
            fixture.commit(&id).await.unwrap();
        } else {
            fixture.roll_back(&id).await.unwrap();
        }
        let expected = if is_kept { "7|z" } else { "1" };
        assert_eq!(fixture.rows_outside("SELECT * FROM old").await, [expected]);
    }
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM new").await, ["5"]);
}

#[tokio::test]
async fn one_that_fails_undoes_itself_and_leaves_the_transaction() {
    let fixture = Fixture::with_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)").await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "INSERT INTO t VALUES (10, 'before')").await.unwrap();
    let savepoint = fixture.savepoint(&id, "s").await.unwrap();
    let status = fixture.ingest(within(&id, into("t")), &[numbered(0..5, "x"), numbered([5, 10], "x")]).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert!(status.message().starts_with("table \"t\", row 7: UNIQUE constraint failed: t.id"), "{status}");
    let unknown = batch([("nothing", Arc::new(Int64Array::from(vec![1])))]);
    fixture.ingest(within(&id, into("t")), &[unknown]).await.unwrap_err();
    assert_eq!(fixture.ingest(within(&id, into("t")), &[numbered([11], "after")]).await.unwrap(), 1);
    fixture.end_savepoint(&savepoint, 1).await.unwrap();
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT id, s FROM t").await, ["10|before", "11|after"]);
}

#[tokio::test]
async fn a_transaction_that_is_not_there_is_not_found() {
    let fixture = Fixture::start().await;
    let status = fixture.ingest(within(&Bytes::from_static(b"nothing"), into("t")), &[numbered([1], "x")]).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    // An empty id is none.
    assert_eq!(fixture.ingest(within(&Bytes::new(), into("t")), &[numbered([1], "x")]).await.unwrap(), 1);
}
