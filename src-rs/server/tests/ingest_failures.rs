//! Ingestions that do not come to their end: nothing of them stays, and nobody waits for them for long.

use std::time::Duration;

use arrow_flight::sql::{CommandPreparedStatementUpdate, CommandStatementIngest, ProstMessageExt};
use arrow_flight::{FlightData, FlightDescriptor};
use futures::StreamExt;
use prost::Message;
use tokio::task::JoinHandle;
use tonic::{Code, Status};

use super::ingest::{CREATE, REPLACE, into, numbered, with_modes};
use super::streaming::assert_released;
use super::{Fixture, connect, messages, rows};
use crate::server::ServerOptions;

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)";

async fn first_messages(command: &impl ProstMessageExt) -> Vec<FlightData> {
    let mut sent = messages(&[numbered(0..100, "x"), numbered(100..200, "x")]).await;
    sent[0].flight_descriptor = Some(FlightDescriptor::new_cmd(command.as_any().encode_to_vec()));
    sent
}

/// An upload that brings some rows, and then nothing for ever.
async fn stuck(fixture: &Fixture, command: CommandStatementIngest) -> JoinHandle<Result<(), Status>> {
    let sent = futures::stream::iter(first_messages(&command).await).chain(futures::stream::pending());
    // A connection of its own, which ends with it.
    let mut client = connect(&fixture.server).await;
    tokio::spawn(async move { client.do_put(sent).await.map(drop) })
}

async fn is_writing(fixture: &Fixture) {
    while fixture.server.stats().open_statements == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn assert_nothing_left(fixture: &Fixture) {
    assert_released(fixture).await;
    let stats = fixture.server.stats();
    assert_eq!((stats.prepared_bytes, stats.computing), (0, 0), "{stats:?}");
}

#[tokio::test]
async fn what_fails_midway_leaves_the_table_as_it_was_or_makes_none() {
    let fixture = Fixture::with_sql(TABLE).await;
    let parts = [numbered(0..5, "x"), numbered([5, 0], "x")];
    let status = fixture.ingest(into("t"), &parts).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert!(status.message().starts_with("table \"t\", row 7: UNIQUE constraint failed: t.id"), "{status}");
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["0"]);
    // The old table is there again.
    fixture.ingest(into("t"), &[numbered([1], "old")]).await.unwrap();
    let mut sent = messages(&[numbered([2], "new")]).await;
    sent.last_mut().unwrap().data_header = vec![0xff; 64].into();
    let status = fixture.put(&with_modes("t", CREATE, REPLACE), sent).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(rows(&fixture.query("SELECT * FROM t").await.unwrap()), ["1|old"]);
    assert_nothing_left(&fixture).await;
}

#[tokio::test]
async fn an_upload_that_is_broken_off_is_undone_and_lets_others_write_at_once() {
    let fixture = Fixture::with_sql(TABLE).await;
    for table in ["t", "new"] {
        let upload = stuck(&fixture, into(table)).await;
        is_writing(&fixture).await;
        upload.abort();
        assert_eq!(fixture.update("INSERT INTO t VALUES (1, 'other')").await.unwrap(), 1);
        assert_eq!(rows(&fixture.query("SELECT * FROM t").await.unwrap()), ["1|other"]);
        fixture.query("SELECT * FROM new").await.unwrap_err();
        fixture.update("DELETE FROM t").await.unwrap();
        assert_nothing_left(&fixture).await;
    }
}

#[tokio::test]
async fn an_upload_that_is_reset_at_any_moment_is_never_taken_for_a_whole_one() {
    let fixture = Fixture::with_sql(TABLE).await;
    let insert = fixture.prepared("INSERT INTO t VALUES (?, ?)").await;
    let prepared = CommandPreparedStatementUpdate { prepared_statement_handle: insert };
    for attempt in 0..60 {
        let sent = match attempt % 2 {
            0 => first_messages(&into("t")).await,
            _ => first_messages(&prepared).await,
        };
        let sent = futures::stream::iter(sent).chain(futures::stream::pending());
        let mut client = fixture.client.clone();
        let call = client.do_put(sent);
        let _ = tokio::time::timeout(Duration::from_micros(300 * attempt), call).await.unwrap_err();
    }
    assert_nothing_left_but_statements(&fixture).await;
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["0"]);
}

async fn assert_nothing_left_but_statements(fixture: &Fixture) {
    // Whoever writes next comes after all that were under way.
    fixture.update("DELETE FROM t").await.unwrap();
    assert_released(fixture).await;
}

#[tokio::test]
async fn one_that_is_broken_off_in_a_transaction_undoes_itself_and_nothing_else() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "INSERT INTO t VALUES (1000, 'before')").await.unwrap();
    for _ in 0..20 {
        let upload = stuck(&fixture, CommandStatementIngest { transaction_id: Some(id.clone()), ..into("t") }).await;
        is_writing(&fixture).await;
        upload.abort();
        assert_released(&fixture).await;
    }
    assert_eq!(fixture.rows_in(&id, "SELECT * FROM t").await.unwrap(), ["1000|before"]);
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT * FROM t").await, ["1000|before"]);
}

#[tokio::test]
async fn others_wait_for_a_slow_upload_no_longer_than_for_a_transaction() {
    let write_wait = Duration::from_millis(200);
    let fixture = Fixture::with(ServerOptions { init_sql: Some(TABLE.to_owned()), write_wait, ..Default::default() }).await;
    let upload = stuck(&fixture, into("t")).await;
    is_writing(&fixture).await;
    // Reading goes on meanwhile.
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["0"]);
    let status = fixture.update("DELETE FROM t").await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().contains("write_wait"), "{status}");
    upload.abort();
    assert_released(&fixture).await;
}

#[tokio::test]
async fn an_upload_that_falls_silent_ends_when_a_transaction_would() {
    let transaction_timeout = Duration::from_millis(300);
    let fixture = Fixture::with(ServerOptions { init_sql: Some(TABLE.to_owned()), transaction_timeout, ..Default::default() }).await;
    let status = stuck(&fixture, into("t")).await.await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert!(status.message().contains("the upload has brought nothing for 300ms (transaction_timeout)"), "{status}");
    assert_eq!(fixture.update("INSERT INTO t VALUES (1, 'other')").await.unwrap(), 1);
    assert_nothing_left(&fixture).await;
}

#[tokio::test]
async fn stopping_ends_an_upload_and_undoes_it() {
    let folder = super::lifecycle::Folder::new("ingest");
    let database = crate::server::Database::File(folder.0.join("t.db"));
    let options =
        ServerOptions { init_sql: Some(format!("DROP TABLE IF EXISTS t; {TABLE}")), database: database.clone(), ..Default::default() };
    let fixture = Fixture::with(options).await;
    let upload = stuck(&fixture, into("t")).await;
    is_writing(&fixture).await;
    fixture.server.stop().await;
    assert_eq!(upload.await.unwrap().unwrap_err().code(), Code::Unavailable);
    let fixture = Fixture::with(ServerOptions { database, ..Default::default() }).await;
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["0"]);
}

#[tokio::test]
async fn a_read_only_server_refuses_it_and_says_so_beforehand() {
    let options = ServerOptions { init_sql: Some(TABLE.to_owned()), read_only: true, ..Default::default() };
    let fixture = Fixture::with(options).await;
    let status = fixture.ingest(into("t"), &[numbered([1], "x")]).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("read-only"), "{status}");
}
