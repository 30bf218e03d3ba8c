//! What a failure leaves of a transaction, and transactions that are in each other's way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::Int64Array;
use tonic::Code;

use super::transactions::TABLE;
use super::{Fixture, batch};
use crate::server::ServerOptions;

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n)";

async fn impatient() -> Fixture {
    let write_wait = Duration::from_millis(300);
    Fixture::with(ServerOptions { init_sql: Some(TABLE.to_owned()), write_wait, ..Default::default() }).await
}

#[tokio::test]
async fn a_statement_that_fails_undoes_itself_and_nothing_else() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "INSERT INTO t VALUES (3, 'z')").await.unwrap();
    for (sql, code) in [
        ("INSERT INTO t VALUES (4, 'q'), (1, 'x')", Code::AlreadyExists),
        ("INSERT OR FAIL INTO t VALUES (4, 'q'), (1, 'x')", Code::AlreadyExists),
        ("INSERT INTO nowhere VALUES (1)", Code::InvalidArgument),
        ("SELECT 1", Code::InvalidArgument),
    ] {
        assert_eq!(fixture.update_in(&id, sql).await.unwrap_err().code(), code, "{sql}");
    }
    fixture.info_in(&id, "SELECT nothing FROM t").await.unwrap_err();
    fixture.info_in(&id, "SELECT ?").await.unwrap_err();
    let unreturnable = "INSERT INTO t VALUES (4, 'q'), (5, 'q') RETURNING CASE a WHEN 5 THEN 100000 ELSE a END AS \"n [SMALLINT]\"";
    let status = fixture.info_in(&id, unreturnable).await.unwrap_err();
    assert!(status.message().contains("does not fit int16"), "{status}");
    let insert = fixture.prepare_in(&id, "INSERT INTO t VALUES (?, '')").await.unwrap().prepared_statement_handle;
    let values = batch([("a", Arc::new(Int64Array::from(vec![6, 7, 1])))]);
    assert_eq!(fixture.execute_update(&insert, &[values]).await.unwrap_err().code(), Code::AlreadyExists);
    assert_eq!(fixture.rows_in(&id, "SELECT a FROM t").await.unwrap(), ["1", "2", "3"]);
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["1", "2", "3"]);
}

#[tokio::test]
async fn one_that_sqlite_rolls_back_says_so_until_it_is_ended() {
    let fixture = impatient().await;
    let id = fixture.begin().await.unwrap();
    let savepoint = fixture.savepoint(&id, "s").await.unwrap();
    fixture.update_in(&id, "INSERT INTO t VALUES (3, 'z')").await.unwrap();
    let status = fixture.update_in(&id, "INSERT OR ROLLBACK INTO t VALUES (1, 'x')").await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert!(status.message().ends_with("; SQLite has rolled the whole transaction back"), "{status}");
    for status in [
        fixture.update_in(&id, "INSERT INTO t VALUES (4, 'q')").await.unwrap_err(),
        fixture.info_in(&id, "SELECT 1").await.unwrap_err(),
        fixture.prepare_in(&id, "SELECT 1").await.unwrap_err(),
        fixture.savepoint(&id, "s").await.unwrap_err(),
        fixture.end_savepoint(&savepoint, 1).await.unwrap_err(),
        fixture.commit(&id).await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::Aborted, "{status}");
        assert!(status.message().contains("UNIQUE constraint failed: t.a; end it by a rollback, and begin anew"), "{status}");
    }
    // Others may write.
    assert_eq!(fixture.update("INSERT INTO t VALUES (9, 'n')").await.unwrap(), 1);
    fixture.roll_back(&id).await.unwrap();
    assert_eq!(fixture.roll_back(&id).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["1", "2", "9"]);
}

#[tokio::test]
async fn a_writing_statement_that_nobody_waits_for_is_stopped_and_the_transaction_with_it() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "DELETE FROM t").await.unwrap();
    let endless = format!("INSERT INTO t {ENDLESS} SELECT i, '' FROM n");
    let given_up = tokio::time::timeout(Duration::from_millis(300), fixture.update_in(&id, &endless)).await;
    given_up.unwrap_err();
    let status = fixture.rows_in(&id, "SELECT 1").await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted, "{status}");
    assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["1", "2"]);
    fixture.roll_back(&id).await.unwrap();
}

#[tokio::test]
async fn a_reading_statement_that_nobody_waits_for_is_stopped_and_the_transaction_goes_on() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "DELETE FROM t WHERE a = 1").await.unwrap();
    let endless = format!("{ENDLESS} SELECT count(*) FROM n");
    tokio::time::timeout(Duration::from_millis(300), fixture.info_in(&id, &endless)).await.unwrap_err();
    assert_eq!(fixture.rows_in(&id, "SELECT a FROM t").await.unwrap(), ["2"]);
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["2"]);
}

#[tokio::test]
async fn a_commit_that_fails_leaves_it_open() {
    let sql = "CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c (p INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED)";
    let fixture = Fixture::with_sql(sql).await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "INSERT INTO c VALUES (1)").await.unwrap();
    let status = fixture.commit(&id).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
    assert!(status.message().contains("FOREIGN KEY constraint failed"), "{status}");
    fixture.update_in(&id, "INSERT INTO p VALUES (1)").await.unwrap();
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT p FROM c").await, ["1"]);
}

#[tokio::test]
async fn who_writes_behind_one_that_has_written_waits_for_its_end() {
    let fixture = Fixture::with_sql(TABLE).await;
    let (first, second) = (fixture.begin().await.unwrap(), fixture.begin().await.unwrap());
    fixture.update_in(&first, "INSERT INTO t VALUES (3, 'z')").await.unwrap();
    let alone = fixture.update("UPDATE t SET s = s || '!'");
    let within = async {
        let written = fixture.update_in(&second, "UPDATE t SET s = s || '?'").await;
        fixture.commit(&second).await.unwrap();
        written
    };
    let end = async {
        // Nobody's turn comes before the commit: reading tells that neither has written.
        for _ in 0..10 {
            assert_eq!(fixture.rows_outside("SELECT s FROM t").await, ["x", "y"]);
        }
        fixture.commit(&first).await.unwrap();
    };
    let (alone, within, ()) = futures::join!(alone, within, end);
    assert_eq!((alone.unwrap(), within.unwrap()), (3, 3));
    let both = fixture.rows_outside("SELECT length(s) FROM t").await;
    assert_eq!(both, ["3", "3", "3"]);
}

#[tokio::test]
async fn who_waits_too_long_behind_one_is_told_why() {
    let fixture = impatient().await;
    let (first, second) = (fixture.begin().await.unwrap(), fixture.begin().await.unwrap());
    fixture.update_in(&first, "INSERT INTO t VALUES (3, 'z')").await.unwrap();
    let begun = Instant::now();
    for status in [
        fixture.update("DELETE FROM t").await.unwrap_err(),
        fixture.info("DELETE FROM t").await.unwrap_err(),
        fixture.update_in(&second, "DELETE FROM t").await.unwrap_err(),
        fixture.info_in(&second, "DELETE FROM t RETURNING a").await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::Unavailable, "{status}");
        assert!(status.message().contains("has written and not ended for 300ms (write_wait)"), "{status}");
    }
    assert!(begun.elapsed() >= Duration::from_millis(1200), "{:?}", begun.elapsed());
    // Readers do not wait, and the one that has the turn goes on.
    assert_eq!(fixture.rows_in(&second, "SELECT count(*) FROM t").await.unwrap(), ["2"]);
    fixture.update_in(&first, "INSERT INTO t VALUES (4, 'q')").await.unwrap();
    fixture.commit(&first).await.unwrap();
    assert_eq!(fixture.update("DELETE FROM t").await.unwrap(), 4);
}

#[tokio::test]
async fn who_waits_behind_statements_alone_waits_as_long_as_they_take() {
    let write_wait = Duration::from_millis(1);
    let fixture = Fixture::with(ServerOptions { init_sql: Some(TABLE.to_owned()), write_wait, ..Default::default() }).await;
    // One that has had the turn and ended is not waited for.
    let ended = fixture.begin().await.unwrap();
    fixture.update_in(&ended, "DELETE FROM t").await.unwrap();
    fixture.commit(&ended).await.unwrap();
    let long = format!("INSERT INTO t (s) {ENDLESS} SELECT '' FROM n LIMIT 300000");
    let (first, second) = futures::join!(fixture.update(&long), fixture.update(&long));
    assert_eq!((first.unwrap(), second.unwrap()), (300_000, 300_000));
    let id = fixture.begin().await.unwrap();
    let (first, second) = futures::join!(fixture.update(&long), fixture.update_in(&id, "INSERT INTO t (s) VALUES ('z')"));
    assert_eq!(second.unwrap(), 1);
    // The server may have looked at the transaction first, which holds its turn.
    assert!(first.is_ok() || first.is_err_and(|status| status.code() == Code::Unavailable));
}

#[tokio::test]
async fn one_that_has_read_what_others_have_written_over_cannot_write() {
    let fixture = impatient().await;
    let id = fixture.begin().await.unwrap();
    assert_eq!(fixture.rows_in(&id, "SELECT count(*) FROM t").await.unwrap(), ["2"]);
    fixture.update("INSERT INTO t VALUES (3, 'z')").await.unwrap();
    for status in [
        fixture.update_in(&id, "INSERT INTO t VALUES (4, 'q')").await.unwrap_err(),
        fixture.info_in(&id, "INSERT INTO t VALUES (4, 'q') RETURNING a").await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::Aborted, "{status}");
        assert!(status.message().contains("others have written since this transaction began to read"), "{status}");
    }
    // It has not taken the turn, and reads on.
    assert_eq!(fixture.update("INSERT INTO t VALUES (5, 'z')").await.unwrap(), 1);
    assert_eq!(fixture.rows_in(&id, "SELECT count(*) FROM t").await.unwrap(), ["2"]);
    fixture.roll_back(&id).await.unwrap();
}

#[tokio::test]
async fn one_that_begins_by_writing_writes_over_what_was_there_then() {
    let fixture = impatient().await;
    for sql in ["INSERT INTO t (s) VALUES ('q') RETURNING a", "DELETE FROM t WHERE a = 1"] {
        let id = fixture.begin().await.unwrap();
        // Neither preparing nor asking for a schema reads yet.
        fixture.prepare_in(&id, "DELETE FROM t").await.unwrap();
        fixture.savepoint(&id, "s").await.unwrap();
        fixture.update("INSERT INTO t (s) VALUES ('new')").await.unwrap();
        fixture.update("CREATE INDEX IF NOT EXISTS i ON t (s)").await.unwrap();
        fixture.info_in(&id, sql).await.unwrap();
        fixture.commit(&id).await.unwrap();
    }
    assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_statement_that_wrote_nothing_leaves_the_turn_to_others() {
    let fixture = impatient().await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "INSERT INTO nowhere VALUES (1)").await.unwrap_err();
    fixture.update_in(&id, "SELECT 1").await.unwrap_err();
    assert_eq!(fixture.update("INSERT INTO t VALUES (3, 'z')").await.unwrap(), 1);
    fixture.update_in(&id, "INSERT INTO t VALUES (4, 'q')").await.unwrap();
    assert_eq!(fixture.update("DELETE FROM t").await.unwrap_err().code(), Code::Unavailable);
    fixture.roll_back(&id).await.unwrap();
    assert_eq!(fixture.update("DELETE FROM t").await.unwrap(), 3);
}
