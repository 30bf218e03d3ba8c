//! What a caller has made is there for nobody else: the user, and the bearer of the server's own token.

use std::sync::Arc;

use arrow_array::Int64Array;
use arrow_flight::sql::CommandStatementIngest;
use base64::Engine;
use tonic::{Code, Status};

use super::ingest::into;
use super::prepared::close;
use super::{Fixture, batch, messages, rows};
use crate::server::{Credentials, ServerOptions};

/// The same server as the user calls it, and as the bearer of its token does.
async fn callers() -> [Fixture; 2] {
    let basic = Some(Credentials { user: "me".to_owned(), password: "pw".to_owned() });
    let init_sql = Some("CREATE TABLE t (a INTEGER)".to_owned());
    let fixture = Fixture::with(ServerOptions { basic, token: Some("secret".to_owned()), init_sql, ..Default::default() }).await;
    let password = base64::engine::general_purpose::STANDARD.encode("me:pw");
    [fixture.clone().header("authorization", format!("Basic {password}")), fixture.header("authorization", "Bearer secret")]
}

fn is_unknown<T: std::fmt::Debug>(answer: Result<T, Status>, what: &str) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::NotFound, "{status}");
    assert!(status.message().contains(what), "{status}");
}

#[tokio::test]
async fn a_prepared_statement_is_there_for_its_caller_alone() {
    for [mine, others] in [callers().await, {
        let [one, other] = callers().await;
        [other, one]
    }] {
        let handle = mine.prepared("INSERT INTO t VALUES (?)").await;
        let select = mine.prepared("SELECT 1 AS a").await;
        let values = batch([("a", Arc::new(Int64Array::from(vec![1])))]);
        let unknown = "there is no prepared statement of that handle";
        is_unknown(others.bind(&handle, std::slice::from_ref(&values)).await, unknown);
        is_unknown(others.execute_update(&handle, std::slice::from_ref(&values)).await, unknown);
        is_unknown(others.prepared_info(&select).await, unknown);
        is_unknown(close(&others, &handle).await, unknown);
        assert_eq!(mine.execute_update(&handle, &[values]).await.unwrap(), 1);
        assert_eq!(rows(&mine.execute(&select).await.unwrap()), ["1"]);
        close(&mine, &handle).await.unwrap();
        // One of nobody is as unknown.
        is_unknown(mine.prepared_info(&handle).await, unknown);
    }
}

#[tokio::test]
async fn a_transaction_is_there_for_its_caller_alone() {
    let [mine, others] = callers().await;
    let id = mine.begin().await.unwrap();
    let savepoint = mine.savepoint(&id, "s").await.unwrap();
    let unknown = "there is no open transaction of that id";
    is_unknown(others.info_in(&id, "SELECT 1").await, unknown);
    is_unknown(others.update_in(&id, "INSERT INTO t VALUES (1)").await, unknown);
    is_unknown(others.prepare_in(&id, "SELECT 1").await, unknown);
    is_unknown(others.savepoint(&id, "s").await, unknown);
    is_unknown(others.end_savepoint(&savepoint, 2).await, unknown);
    is_unknown(others.commit(&id).await, unknown);
    is_unknown(others.roll_back(&id).await, unknown);
    let command = CommandStatementIngest { transaction_id: Some(id.clone()), ..into("t") };
    let rows_of_one = messages(&[batch([("a", Arc::new(Int64Array::from(vec![1])))])]).await;
    is_unknown(others.put(&command, rows_of_one.clone()).await, unknown);
    mine.put(&command, rows_of_one).await.unwrap();
    mine.end_savepoint(&savepoint, 1).await.unwrap();
    mine.commit(&id).await.unwrap();
    assert_eq!(others.rows_outside("SELECT a FROM t").await, ["1"]);
}

#[tokio::test]
async fn whoever_has_a_token_that_was_given_for_a_password_is_the_user_still() {
    let [user, _] = callers().await;
    let handle = user.prepared("SELECT 7 AS a").await;
    let id = user.begin().await.unwrap();
    let replies = user.client.clone().list_actions(user.request(arrow_flight::Empty {})).await.unwrap();
    let token = replies.metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
    let again = user.header("authorization", token);
    assert_eq!(rows(&again.execute(&handle).await.unwrap()), ["7"]);
    again.roll_back(&id).await.unwrap();
}
