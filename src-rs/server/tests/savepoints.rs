//! Savepoints: how they nest, and what their ends do.

use arrow_flight::sql::{ActionBeginSavepointRequest, ActionBeginSavepointResult, ActionEndSavepointRequest, Any, ProstMessageExt};
use bytes::Bytes;
use prost::Message;
use tonic::{Code, Status};

use super::Fixture;
use super::transactions::TABLE;

const RELEASE: i32 = 1;
const ROLLBACK: i32 = 2;

impl Fixture {
    pub(super) async fn savepoint(&self, transaction: &Bytes, name: &str) -> Result<Bytes, Status> {
        let request = ActionBeginSavepointRequest { transaction_id: transaction.clone(), name: name.to_owned() };
        let answer = self.act("BeginSavepoint", request.as_any().encode_to_vec()).await?;
        let result: ActionBeginSavepointResult = Any::decode(answer).unwrap().unpack().unwrap().unwrap();
        Ok(result.savepoint_id)
    }

    pub(super) async fn end_savepoint(&self, id: &Bytes, action: i32) -> Result<(), Status> {
        let request = ActionEndSavepointRequest { savepoint_id: id.clone(), action };
        assert!(self.answers("EndSavepoint", request.as_any().encode_to_vec()).await?.is_empty());
        Ok(())
    }

    async fn insert(&self, transaction: &Bytes, a: i64) {
        assert_eq!(self.update_in(transaction, &format!("INSERT INTO t VALUES ({a}, '')")).await.unwrap(), 1);
    }
}

async fn assert_ended(fixture: &Fixture, id: &Bytes) {
    for action in [RELEASE, ROLLBACK] {
        let status = fixture.end_savepoint(id, action).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound, "{status}");
        assert!(status.message().contains("it was released, or an outer one was released or rolled back to"), "{status}");
    }
}

#[tokio::test]
async fn rolling_back_to_one_undoes_what_came_after_it_and_keeps_it() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    fixture.insert(&id, 3).await;
    let savepoint = fixture.savepoint(&id, "s").await.unwrap();
    for _ in 0..2 {
        fixture.insert(&id, 4).await;
        fixture.end_savepoint(&savepoint, ROLLBACK).await.unwrap();
        assert_eq!(fixture.rows_in(&id, "SELECT a FROM t").await.unwrap(), ["1", "2", "3"]);
    }
    fixture.insert(&id, 5).await;
    fixture.end_savepoint(&savepoint, RELEASE).await.unwrap();
    assert_ended(&fixture, &savepoint).await;
    assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["1", "2"]);
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["1", "2", "3", "5"]);
}

#[tokio::test]
async fn the_end_of_an_outer_one_ends_those_within_it() {
    let fixture = Fixture::with_sql(TABLE).await;
    for (action, expected) in [(ROLLBACK, &["1", "2", "3"][..]), (RELEASE, &["1", "2", "3", "4", "5"])] {
        let id = fixture.begin().await.unwrap();
        fixture.insert(&id, 3).await;
        let outer = fixture.savepoint(&id, "outer").await.unwrap();
        fixture.insert(&id, 4).await;
        let middle = fixture.savepoint(&id, "middle").await.unwrap();
        fixture.insert(&id, 5).await;
        let inner = fixture.savepoint(&id, "inner").await.unwrap();
        fixture.end_savepoint(&outer, action).await.unwrap();
        assert_eq!(fixture.rows_in(&id, "SELECT a FROM t").await.unwrap(), expected);
        assert_ended(&fixture, &inner).await;
        assert_ended(&fixture, &middle).await;
        match action {
            ROLLBACK => fixture.end_savepoint(&outer, RELEASE).await.unwrap(),
            _ => assert_ended(&fixture, &outer).await,
        }
        fixture.roll_back(&id).await.unwrap();
    }
}

#[tokio::test]
async fn the_end_of_an_inner_one_leaves_the_outer_ones() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    let outer = fixture.savepoint(&id, "").await.unwrap();
    fixture.insert(&id, 3).await;
    let inner = fixture.savepoint(&id, "").await.unwrap();
    fixture.insert(&id, 4).await;
    fixture.end_savepoint(&inner, RELEASE).await.unwrap();
    let other = fixture.savepoint(&id, "").await.unwrap();
    fixture.insert(&id, 5).await;
    fixture.end_savepoint(&other, ROLLBACK).await.unwrap();
    assert_eq!(fixture.rows_in(&id, "SELECT a FROM t").await.unwrap(), ["1", "2", "3", "4"]);
    fixture.end_savepoint(&outer, ROLLBACK).await.unwrap();
    assert_eq!(fixture.rows_in(&id, "SELECT a FROM t").await.unwrap(), ["1", "2"]);
}

#[tokio::test]
async fn the_name_of_one_is_data() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    let mut made = Vec::new();
    for name in ["s; DROP TABLE t", "\"", "'", "", "statement", "s1", "same", "same", "nul\0", "näme"] {
        made.push(fixture.savepoint(&id, name).await.unwrap());
        fixture.insert(&id, 10 + made.len() as i64).await;
    }
    // Each is its own, though two have one name.
    for (index, savepoint) in made.iter().enumerate().rev() {
        fixture.end_savepoint(savepoint, ROLLBACK).await.unwrap();
        assert_eq!(fixture.rows_in(&id, "SELECT count(*) FROM t").await.unwrap(), [(2 + index).to_string()]);
    }
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM t").await, ["2"]);
}

#[tokio::test]
async fn they_end_with_their_transaction_and_are_of_no_other() {
    let fixture = Fixture::with_sql(TABLE).await;
    let (one, other) = (fixture.begin().await.unwrap(), fixture.begin().await.unwrap());
    let savepoint = fixture.savepoint(&one, "s").await.unwrap();
    fixture.commit(&one).await.unwrap();
    let (_, number) = savepoint.split_at(one.len());
    let guessed: Bytes = [&other[..], number].concat().into();
    for (id, text) in [
        (savepoint.clone(), "no open transaction of that id"),
        (guessed, "no savepoint of that id in the transaction"),
        (Bytes::from_static(b"s"), "no savepoint of that id"),
        (Bytes::new(), "no savepoint of that id"),
    ] {
        for action in [RELEASE, ROLLBACK] {
            let status = fixture.end_savepoint(&id, action).await.unwrap_err();
            assert_eq!(status.code(), Code::NotFound, "{status}");
            assert!(status.message().contains(text), "{status}");
        }
    }
}

#[tokio::test]
async fn an_end_that_is_neither_release_nor_rollback_is_refused() {
    let fixture = Fixture::start().await;
    let id = fixture.begin().await.unwrap();
    let savepoint = fixture.savepoint(&id, "s").await.unwrap();
    for end in [0, 3] {
        let status = fixture.end_savepoint(&savepoint, end).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains("it must be 1 (RELEASE) or 2 (ROLLBACK)"), "{status}");
    }
    fixture.end_savepoint(&savepoint, RELEASE).await.unwrap();
}

#[tokio::test]
async fn one_transaction_has_at_most_a_thousand() {
    let fixture = Fixture::start().await;
    let id = fixture.begin().await.unwrap();
    let first = fixture.savepoint(&id, "s").await.unwrap();
    for _ in 1..1000 {
        fixture.savepoint(&id, "s").await.unwrap();
    }
    let status = fixture.savepoint(&id, "s").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    fixture.end_savepoint(&first, ROLLBACK).await.unwrap();
    fixture.savepoint(&id, "s").await.unwrap();
}
