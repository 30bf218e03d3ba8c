//! How many transactions there may be and for how long, and that nothing of them stays.

use std::time::Duration;

use tonic::Code;

use super::Fixture;
use super::transactions::TABLE;
use crate::server::{Database, ServerOptions, ServerStats};

#[tokio::test]
async fn there_are_so_many_and_no_more() {
    let fixture = Fixture::with(ServerOptions { max_transactions: 2, ..Default::default() }).await;
    let (one, other) = (fixture.begin().await.unwrap(), fixture.begin().await.unwrap());
    assert_ne!(one, other);
    let status = fixture.begin().await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("at most 2 transactions open (max_transactions)"), "{status}");
    let stats = fixture.server.stats();
    assert_eq!((stats.open_transactions, stats.open_statements), (2, 0));
    fixture.roll_back(&one).await.unwrap();
    fixture.begin().await.unwrap();
    assert_eq!(ServerOptions::default().max_transactions, 100);
}

#[tokio::test]
async fn many_that_begin_at_once_are_no_more_either() {
    let fixture = Fixture::with(ServerOptions { max_transactions: 5, ..Default::default() }).await;
    let begun = futures::future::join_all((0..40).map(|_| fixture.begin())).await;
    assert_eq!(begun.iter().filter(|begun| begun.is_ok()).count(), 5);
    assert_eq!(fixture.server.stats().open_transactions, 5);
}

#[tokio::test]
async fn one_that_nobody_uses_is_rolled_back_and_one_that_is_used_is_not() {
    let options =
        ServerOptions { init_sql: Some(TABLE.to_owned()), transaction_timeout: Duration::from_millis(1500), ..Default::default() };
    let fixture = Fixture::with(options).await;
    let (idle, used) = (fixture.begin().await.unwrap(), fixture.begin().await.unwrap());
    fixture.update_in(&idle, "DELETE FROM t").await.unwrap();
    let savepoint = fixture.savepoint(&idle, "s").await.unwrap();
    while fixture.server.stats().open_transactions == 2 {
        fixture.rows_in(&used, "SELECT 1").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for status in [
        fixture.rows_in(&idle, "SELECT 1").await.unwrap_err(),
        fixture.end_savepoint(&savepoint, 1).await.unwrap_err(),
        fixture.commit(&idle).await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::NotFound, "{status}");
        assert!(status.message().contains("nobody used it for 1.5s"), "{status}");
    }
    // Its turn to write is free, and what it wrote is undone.
    assert_eq!(fixture.update_in(&used, "UPDATE t SET s = ''").await.unwrap(), 2);
    fixture.commit(&used).await.unwrap();
    assert_eq!(fixture.server.stats().open_transactions, 0);
    assert_eq!(ServerOptions::default().transaction_timeout, Duration::from_secs(300));
}

#[tokio::test]
async fn one_whose_statement_runs_is_not_idle() {
    let options = ServerOptions { transaction_timeout: Duration::from_millis(100), ..Default::default() };
    let fixture = Fixture::with(options).await;
    let id = fixture.begin().await.unwrap();
    // It runs for longer than it takes to look for idle ones.
    let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000000) SELECT count(*) FROM n";
    assert_eq!(fixture.rows_in(&id, long).await.unwrap(), ["6000000"]);
    fixture.commit(&id).await.unwrap();
}

#[tokio::test]
async fn nothing_stays_of_those_that_have_ended() {
    let fixture = Fixture::with_sql(TABLE).await;
    for number in 0..30 {
        let id = fixture.begin().await.unwrap();
        fixture.savepoint(&id, "s").await.unwrap();
        fixture.update_in(&id, &format!("INSERT INTO t VALUES ({}, 'z')", number + 10)).await.unwrap();
        match number % 3 {
            0 => fixture.commit(&id).await.unwrap(),
            1 => fixture.roll_back(&id).await.unwrap(),
            _ => {
                fixture.update_in(&id, "INSERT OR ROLLBACK INTO t VALUES (1, '')").await.unwrap_err();
                fixture.roll_back(&id).await.unwrap();
            }
        }
    }
    let sent_bytes = fixture.server.stats().sent_bytes;
    assert_eq!(fixture.server.stats(), ServerStats { sent_bytes, ..Default::default() });
    assert_eq!(fixture.update("DELETE FROM t").await.unwrap(), 12);
}

#[tokio::test]
async fn stopping_rolls_them_back() {
    let folder = std::env::temp_dir().join(format!("flightsql-stopped-tx-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let database = Database::File(folder.join("data.db"));
    let fixture = Fixture::with(ServerOptions { init_sql: Some(TABLE.to_owned()), database: database.clone(), ..Default::default() }).await;
    let (idle, waiting, busy) = futures::try_join!(fixture.begin(), fixture.begin(), fixture.begin()).unwrap();
    fixture.update_in(&idle, "DELETE FROM t").await.unwrap();
    let waiting = tokio::spawn({
        let fixture = fixture.clone();
        async move { fixture.update_in(&waiting, "DELETE FROM t").await.map(drop) }
    });
    let busy = tokio::spawn({
        let fixture = fixture.clone();
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        async move { fixture.info_in(&busy, endless).await.map(drop) }
    });
    while fixture.server.stats().computing == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    fixture.server.stop().await;
    for ended in [waiting, busy] {
        ended.await.unwrap().unwrap_err();
    }
    assert_eq!(fixture.server.stats(), ServerStats::default());
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["data.db"], "a clean stop leaves no log behind");
    let again = Fixture::with(ServerOptions { database, ..Default::default() }).await;
    assert_eq!(again.rows_outside("SELECT a FROM t").await, ["1", "2"]);
    again.server.stop().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_read_only_server_has_transactions_that_read() {
    let options = ServerOptions { init_sql: Some(TABLE.to_owned()), read_only: true, ..Default::default() };
    let fixture = Fixture::with(options).await;
    let id = fixture.begin().await.unwrap();
    assert_eq!(fixture.rows_in(&id, "SELECT a FROM t").await.unwrap(), ["1", "2"]);
    for status in [
        fixture.update_in(&id, "DELETE FROM t").await.unwrap_err(),
        fixture.info_in(&id, "DELETE FROM t").await.unwrap_err(),
        fixture.prepare_in(&id, "DELETE FROM t").await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::PermissionDenied, "{status}");
        assert!(status.message().contains("the server is read-only"), "{status}");
    }
    fixture.commit(&id).await.unwrap();
}
