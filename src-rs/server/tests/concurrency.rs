//! Readers beside a writer, and many of both.

use std::time::Duration;

use super::{Fixture, rows};
use crate::server::{Database, ServerOptions};

const NUMBERS: &str = "CREATE TABLE t (a INTEGER, s TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    INSERT INTO t SELECT i, printf('%0100d', i) FROM n;";

/// Both kinds of database, as they must not differ.
async fn each_database(test: impl AsyncFn(Fixture)) {
    test(Fixture::with_sql(NUMBERS).await).await;
    let file = std::env::temp_dir().join(format!("flightsql-{}-{:?}.db", std::process::id(), std::thread::current().id()));
    let database = Database::File(file.clone());
    let options = ServerOptions { init_sql: Some(NUMBERS.to_owned()), database, ..Default::default() };
    let fixture = Fixture::with(options).await;
    test(fixture).await;
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_on_stops_no_writer_and_keeps_its_snapshot() {
    each_database(async |fixture| {
        let info = fixture.info("SELECT a, s FROM t").await.unwrap();
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        let mut stream = fixture.client.clone().do_get(ticket.clone()).await.unwrap().into_inner();
        // The statement runs: its schema and first rows are there.
        stream.message().await.unwrap().unwrap();
        stream.message().await.unwrap().unwrap();
        let deleted = tokio::time::timeout(Duration::from_secs(20), fixture.update("DELETE FROM t")).await;
        assert_eq!(deleted.unwrap().unwrap(), 200_000);
        assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["0"]);
        let mut messages = 2;
        while stream.message().await.unwrap().is_some() {
            messages += 1;
        }
        assert!(messages > 5, "the rest of the snapshot came: {messages}");
        let (_, batches) = fixture.read(&ticket).await.unwrap();
        assert_eq!(batches.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn many_results_that_nobody_reads_stop_nobody() {
    each_database(async |fixture| {
        let mut open = Vec::new();
        for _ in 0..100 {
            let info = fixture.info("SELECT a, s FROM t").await.unwrap();
            let ticket = info.endpoint[0].ticket.clone().unwrap();
            let client = super::connect(&fixture.server).await;
            open.push((client.clone(), client.clone().do_get(ticket).await.unwrap()));
        }
        for _ in 0..50 {
            assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["200000"]);
        }
        assert_eq!(fixture.update("INSERT INTO t VALUES (0, '')").await.unwrap(), 1);
        drop(open);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_wait_for_each_other_and_none_fails() {
    each_database(async |fixture| {
        let writes = (0..50).map(|number| {
            let fixture = &fixture;
            async move { fixture.update(&format!("UPDATE t SET a = a + 1 WHERE a % 50 = {number}")).await }
        });
        let reads = (0..50).map(|_| fixture.query("SELECT count(*), min(a) FROM t"));
        let (writes, reads) = futures::future::join(futures::future::join_all(writes), futures::future::join_all(reads)).await;
        for write in writes {
            assert!(write.unwrap() > 0);
        }
        for read in reads {
            assert!(rows(&read.unwrap())[0].starts_with("200000|"));
        }
        assert_eq!(rows(&fixture.query("PRAGMA integrity_check").await.unwrap()), ["ok"]);
    })
    .await;
}
