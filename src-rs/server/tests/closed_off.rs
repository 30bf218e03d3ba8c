//! What a client's SQL cannot do.

use tonic::Code;

use super::{Fixture, rows};

#[tokio::test]
async fn files_extensions_and_the_connection_are_out_of_reach() {
    let directory = std::env::temp_dir().join(format!("flightsql-closed-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("out.db");
    let shown = file.display();
    let fixture = Fixture::with_sql("CREATE TABLE t (a)").await;
    for (sql, why) in [
        (format!("ATTACH '{shown}' AS other"), "ATTACH, DETACH and VACUUM are closed off"),
        ("DETACH main".to_owned(), "ATTACH, DETACH and VACUUM are closed off"),
        ("SELECT load_extension('x')".to_owned(), "load_extension is closed off"),
        ("SELECT LOAD_EXTENSION('x')".to_owned(), "load_extension is closed off"),
        ("PRAGMA journal_mode = DELETE".to_owned(), "PRAGMA journal_mode is closed off"),
        ("PRAGMA query_only = 0".to_owned(), "PRAGMA query_only is closed off"),
        ("PRAGMA user_version = 5".to_owned(), "PRAGMA user_version is closed off"),
        ("PRAGMA temp_store_directory = '/'".to_owned(), "PRAGMA temp_store_directory is closed off"),
        ("PRAGMA writable_schema = 1".to_owned(), "PRAGMA writable_schema is closed off"),
        ("BEGIN".to_owned(), "a transaction cannot begin or end by SQL"),
        ("COMMIT".to_owned(), "a transaction cannot begin or end by SQL"),
        ("SAVEPOINT s".to_owned(), "a transaction cannot begin or end by SQL"),
        ("CREATE TEMP TABLE x (a)".to_owned(), "what is temporary would be gone at once"),
    ] {
        let by_query = fixture.query(&sql).await.unwrap_err();
        let by_update = fixture.update(&sql).await.unwrap_err();
        for status in [by_query, by_update] {
            assert_eq!(status.code(), Code::PermissionDenied, "{sql}: {status}");
            assert!(status.message().contains(why), "{sql}: {}", status.message());
        }
    }
    for sql in [format!("VACUUM INTO '{shown}'"), "VACUUM".to_owned()] {
        let status = fixture.update(&sql).await.unwrap_err();
        assert!(status.message().contains("cannot VACUUM from within a transaction"), "{}", status.message());
    }
    let status = fixture.update("UPDATE sqlite_schema SET sql = ''").await.unwrap_err();
    assert!(status.message().contains("may not be modified"), "{}", status.message());
    assert!(!file.exists());
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn a_refusal_leaves_no_trace_on_the_next_statement() {
    let fixture = Fixture::start().await;
    fixture.query("ATTACH 'x' AS y").await.unwrap_err();
    let status = fixture.query("SELECT * FROM nowhere").await.unwrap_err();
    assert!(!status.message().contains("ATTACH"), "{}", status.message());
    assert_eq!(rows(&fixture.query("SELECT 1").await.unwrap()), ["1"]);
}

#[tokio::test]
async fn pragmas_that_only_tell_are_open() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER NOT NULL, b TEXT)").await;
    let info = fixture.query("PRAGMA table_info(t)").await.unwrap();
    assert_eq!(rows(&info), ["0|a|INTEGER|1|NULL|0", "1|b|TEXT|0|NULL|0"]);
    let names = fixture.query("SELECT name FROM pragma_table_info('t')").await.unwrap();
    assert_eq!(rows(&names), ["a", "b"]);
    assert_eq!(rows(&fixture.query("PRAGMA user_version").await.unwrap()), ["0"]);
}
