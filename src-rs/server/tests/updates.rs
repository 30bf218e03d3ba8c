//! Statements that write.

use tonic::Code;

use super::{Fixture, columns, rows};
use crate::server::ServerOptions;

#[tokio::test]
async fn the_count_is_of_the_rows_that_the_statement_changed() {
    let fixture = Fixture::start().await;
    for (sql, expected) in [
        ("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", 0),
        ("INSERT INTO t (a) VALUES ('x'), ('y'), ('z')", 3),
        ("CREATE INDEX i ON t (a)", 0),
        ("UPDATE t SET a = 'w' WHERE id > 1", 2),
        ("UPDATE t SET a = 'w' WHERE id > 100", 0),
        ("CREATE TABLE copy AS SELECT * FROM t", 0),
        ("INSERT INTO copy SELECT * FROM t", 3),
        ("INSERT OR IGNORE INTO t (id, a) VALUES (1, 'x'), (9, 'n')", 1),
        ("INSERT INTO t (id, a) VALUES (9, 'm') ON CONFLICT (id) DO UPDATE SET a = excluded.a", 1),
        ("INSERT INTO t (a) VALUES ('q') RETURNING id", 1),
        ("CREATE TRIGGER log AFTER DELETE ON t BEGIN INSERT INTO copy VALUES (old.id, old.a); END", 0),
        ("DELETE FROM t WHERE id <= 2", 2),
        ("DELETE FROM t", 3),
        ("DROP TABLE copy", 0),
        ("ANALYZE", 0),
        ("REINDEX", 0),
    ] {
        assert_eq!(fixture.update(sql).await.unwrap(), expected, "{sql}");
    }
}

#[tokio::test]
async fn a_statement_that_fails_changes_nothing() {
    let fixture = Fixture::with_sql("CREATE TABLE t (id INTEGER PRIMARY KEY CHECK (id < 100)); INSERT INTO t VALUES (50)").await;
    for (sql, code, message) in [
        ("INSERT INTO t VALUES (1), (2), (50)", Code::AlreadyExists, "UNIQUE constraint failed: t.id"),
        ("INSERT INTO t VALUES (1), (200)", Code::FailedPrecondition, "CHECK constraint failed"),
        ("INSERT OR ROLLBACK INTO t VALUES (1), (50)", Code::AlreadyExists, "UNIQUE constraint failed"),
        ("INSERT INTO nowhere VALUES (1)", Code::InvalidArgument, "no such table: nowhere"),
        ("INSERT INTO t VALUES (?)", Code::InvalidArgument, "the statement has 1 parameters"),
        ("SELECT 1", Code::InvalidArgument, "run it as a query"),
        ("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)", Code::InvalidArgument, "one statement at a time"),
    ] {
        let status = fixture.update(sql).await.unwrap_err();
        assert_eq!(status.code(), code, "{sql}: {status}");
        assert!(status.message().contains(message), "{sql}: {}", status.message());
        assert_eq!(rows(&fixture.query("SELECT id FROM t").await.unwrap()), ["50"], "{sql}");
    }
    assert_eq!(fixture.update("INSERT INTO t VALUES (1)").await.unwrap(), 1);
}

#[tokio::test]
async fn a_writing_query_runs_once_however_often_it_is_read() {
    let fixture = Fixture::with_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(10,2))").await;
    let info = fixture.info("INSERT INTO t (price) VALUES (1.5), (2.5) RETURNING id, price, id * 10 AS x").await.unwrap();
    assert_eq!(info.total_records, 2);
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    for _ in 0..2 {
        let (schema, batches) = fixture.read(&ticket).await.unwrap();
        assert_eq!(columns(&schema), "id Int64, price Decimal128(10, 2), x Int64");
        assert_eq!(rows(&batches[0]), ["1|1.50|10", "2|2.50|20"]);
    }
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["2"]);
}

#[tokio::test]
async fn a_writing_query_whose_rows_cannot_be_returned_is_undone() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a SMALLINT)").await;
    let status = fixture.info("INSERT INTO t VALUES (1), (100000) RETURNING a").await.unwrap_err();
    assert!(status.message().contains("100000 does not fit int16"), "{}", status.message());
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["0"]);
}

#[tokio::test]
async fn a_read_only_server_refuses_to_write() {
    let options = ServerOptions {
        init_sql: Some("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)".to_owned()),
        read_only: true,
        ..Default::default()
    };
    let fixture = Fixture::with(options).await;
    for sql in ["INSERT INTO t VALUES (2)", "CREATE TABLE u (a)", "DELETE FROM t", "DROP TABLE t"] {
        assert_eq!(fixture.update(sql).await.unwrap_err().code(), Code::PermissionDenied, "{sql}");
        assert_eq!(fixture.info(sql).await.unwrap_err().code(), Code::PermissionDenied, "{sql}");
    }
    assert_eq!(rows(&fixture.query("SELECT a FROM t").await.unwrap()), ["1"]);
}
