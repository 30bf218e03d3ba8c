//! What ingestion does where there is a table, and where there is none.

use tonic::Code;

use super::ingest::{APPEND, CREATE, FAIL, FAIL_IF_MISSING, REPLACE, numbered, with_modes};
use super::{Fixture, rows};

const TABLE: &str = "CREATE TABLE t (id INTEGER, s TEXT, more TEXT DEFAULT 'm'); INSERT INTO t VALUES (0, 'old', 'm')";

#[tokio::test]
async fn every_mode_does_what_it_says_where_there_is_a_table() {
    for if_not_exist in [CREATE, FAIL_IF_MISSING] {
        for (if_exists, expected) in [(FAIL, Err(())), (APPEND, Ok(vec!["0|old|m", "1|new|m"])), (REPLACE, Ok(vec!["1|new"]))] {
            let fixture = Fixture::with_sql(TABLE).await;
            let answer = fixture.ingest(with_modes("t", if_not_exist, if_exists), &[numbered([1], "new")]).await;
            let found = rows(&fixture.query("SELECT * FROM t").await.unwrap());
            match expected {
                Ok(expected) => {
                    assert_eq!(answer.unwrap(), 1);
                    assert_eq!(found, expected);
                }
                Err(()) => {
                    let status = answer.unwrap_err();
                    assert_eq!(status.code(), Code::AlreadyExists);
                    assert!(status.message().contains("there is a table \"t\" already"), "{status}");
                    assert_eq!(found, ["0|old|m"]);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_mode_does_what_it_says_where_there_is_none() {
    for if_exists in [FAIL, APPEND, REPLACE] {
        let fixture = Fixture::start().await;
        let status = fixture.ingest(with_modes("t", FAIL_IF_MISSING, if_exists), &[numbered([1], "new")]).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        assert!(status.message().contains("there is no table \"t\""), "{status}");
        assert_eq!(fixture.ingest(with_modes("t", CREATE, if_exists), &[numbered([1], "new")]).await.unwrap(), 1);
        assert_eq!(rows(&fixture.query("SELECT * FROM t").await.unwrap()), ["1|new"]);
    }
}

#[tokio::test]
async fn what_is_to_be_done_has_to_be_said() {
    let fixture = Fixture::start().await;
    for (if_not_exist, if_exists, named) in
        [(0, APPEND, "if_not_exist"), (3, APPEND, "if_not_exist"), (CREATE, 0, "if_exists"), (CREATE, 4, "if_exists")]
    {
        let status = fixture.ingest(with_modes("t", if_not_exist, if_exists), &[numbered([1], "x")]).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().starts_with(&format!("{named} of the table_definition_options is ")), "{status}");
    }
    let mut command = with_modes("t", CREATE, APPEND);
    command.table_definition_options = None;
    assert_eq!(fixture.ingest(command, &[numbered([1], "x")]).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn the_catalog_and_the_schema_are_those_that_the_metadata_has() {
    let fixture = Fixture::start().await;
    for (catalog, schema, found) in [
        (Some("main"), Some(""), true),
        (Some("main"), None, true),
        (Some(""), None, true),
        (Some("temp"), None, false),
        (Some("other"), None, false),
        (None, Some("main"), false),
    ] {
        let mut command = with_modes("t", CREATE, APPEND);
        (command.catalog, command.schema) = (catalog.map(str::to_owned), schema.map(str::to_owned));
        match fixture.ingest(command, &[numbered([1], "x")]).await {
            Ok(count) => assert!(found && count == 1, "{catalog:?} {schema:?}"),
            Err(status) => assert!(!found && status.code() == Code::NotFound, "{catalog:?} {schema:?}: {status}"),
        }
    }
}

#[tokio::test]
async fn a_temporary_table_is_refused_as_nobody_would_find_it_again() {
    let fixture = Fixture::start().await;
    let mut command = with_modes("t", CREATE, APPEND);
    command.temporary = true;
    let status = fixture.ingest(command, &[numbered([1], "x")]).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("has no temporary tables"), "{status}");
}

#[tokio::test]
async fn a_name_that_cannot_be_a_tables_is_refused() {
    let fixture = Fixture::with_sql("CREATE TABLE t (id INTEGER, s TEXT); CREATE INDEX i ON t (id)").await;
    for (name, code, message) in [
        ("", Code::InvalidArgument, "which is no name"),
        ("a\0b", Code::InvalidArgument, "which is no name"),
        ("i", Code::InvalidArgument, "there is already an index named i"),
        ("sqlite_new", Code::InvalidArgument, "reserved for internal use"),
    ] {
        let status = fixture.ingest(with_modes(name, CREATE, APPEND), &[numbered([1], "x")]).await.unwrap_err();
        assert_eq!(status.code(), code, "{status}");
        assert!(status.message().contains(message), "{status}");
    }
}

#[tokio::test]
async fn rows_go_into_a_view_by_its_triggers_but_nothing_replaces_it() {
    let sql = "CREATE TABLE t (id INTEGER, s TEXT); CREATE VIEW v AS SELECT * FROM t;
         CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (NEW.id, NEW.s || '!'); END";
    let fixture = Fixture::with_sql(sql).await;
    fixture.ingest(with_modes("v", CREATE, APPEND), &[numbered([1], "x")]).await.unwrap();
    assert_eq!(rows(&fixture.query("SELECT * FROM t").await.unwrap()), ["1|x!"]);
    let status = fixture.ingest(with_modes("v", CREATE, REPLACE), &[numbered([1], "x")]).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().contains("\"v\" is a view"), "{status}");
}
