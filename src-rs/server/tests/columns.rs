//! What the fields of a listed table's schema tell of its columns.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_flight::IpcMessage;
use arrow_flight::sql::CommandGetTables;
use arrow_schema::Schema;

use super::Fixture;
use crate::server::ServerOptions;

async fn table(fixture: &Fixture, name: &str) -> Schema {
    let command = CommandGetTables { table_name_filter_pattern: Some(name.to_owned()), include_schema: true, ..Default::default() };
    let batch = fixture.list(&command).await.unwrap();
    assert_eq!(batch.num_rows(), 1, "{name}");
    Schema::try_from(IpcMessage(batch.column(4).as_binary::<i32>().value(0).to_vec().into())).unwrap()
}

/// The value that each column has for a key, in the order of the columns; `-` where it has none.
fn each(schema: &Schema, key: &str) -> Vec<String> {
    let key = format!("ARROW:FLIGHT:SQL:{key}");
    schema.fields().iter().map(|field| field.metadata().get(&key).cloned().unwrap_or_else(|| "-".to_owned())).collect()
}

#[tokio::test]
async fn a_column_of_a_table_tells_all_that_sqlite_knows() {
    let fixture = Fixture::with_sql("CREATE TABLE Orders (id INTEGER PRIMARY KEY, price DECIMAL(10,2) NOT NULL)").await;
    let schema = table(&fixture, "Orders").await;
    let metadata = |index: usize| -> BTreeMap<&str, &str> {
        let entries = schema.field(index).metadata().iter();
        entries.map(|(key, value)| (key.strip_prefix("ARROW:FLIGHT:SQL:").unwrap(), value.as_str())).collect()
    };
    let both = [("CATALOG_NAME", "main"), ("DB_SCHEMA_NAME", ""), ("SCHEMA_NAME", ""), ("TABLE_NAME", "Orders")];
    let flags = [("IS_CASE_SENSITIVE", "0"), ("IS_READ_ONLY", "0"), ("IS_SEARCHABLE", "1")];
    let expected = |own: [(&'static str, &'static str); 4]| both.into_iter().chain(flags).chain(own).collect::<BTreeMap<_, _>>();
    assert_eq!(metadata(0), expected([("TYPE_NAME", "INTEGER"), ("PRECISION", "19"), ("SCALE", "0"), ("IS_AUTO_INCREMENT", "1")]));
    assert_eq!(metadata(1), expected([("TYPE_NAME", "DECIMAL(10,2)"), ("PRECISION", "10"), ("SCALE", "2"), ("IS_AUTO_INCREMENT", "0")]));
}

#[tokio::test]
async fn a_size_is_told_of_what_has_one() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE t (a TINYINT, b UBIGINT, c BOOLEAN, d DOUBLE, e DATE, f TIME(3), g TIMESTAMP, h TIMESTAMPTZ(0), i VARCHAR(5), j BLOB,
             k DECIMAL TEXT(50,7))",
    )
    .await;
    let schema = table(&fixture, "t").await;
    assert_eq!(each(&schema, "PRECISION"), ["3", "20", "1", "-", "10", "12", "26", "25", "-", "-", "50"]);
    assert_eq!(each(&schema, "SCALE"), ["0", "0", "-", "-", "-", "3", "6", "0", "-", "-", "7"]);
    assert_eq!(each(&schema, "TYPE_NAME")[8], "VARCHAR(5)");
}

#[tokio::test]
async fn only_the_number_of_a_row_counts_up() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE plain (id INTEGER PRIMARY KEY, a INTEGER);
         CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER);
         CREATE TABLE named (a INTEGER, id INTEGER, PRIMARY KEY (id));
         CREATE TABLE descending (id INTEGER PRIMARY KEY DESC, a INTEGER);
         CREATE TABLE other (id INT PRIMARY KEY, a INTEGER);
         CREATE TABLE composite (a INTEGER, b INTEGER, PRIMARY KEY (a, b));
         CREATE TABLE without (id INTEGER PRIMARY KEY, a INTEGER) WITHOUT ROWID;",
    )
    .await;
    for (name, expected) in [
        ("plain", ["1", "0"]),
        ("counted", ["1", "0"]),
        ("named", ["0", "1"]),
        ("descending", ["0", "0"]),
        ("other", ["0", "0"]),
        ("composite", ["0", "0"]),
        ("without", ["0", "0"]),
    ] {
        assert_eq!(each(&table(&fixture, name).await, "IS_AUTO_INCREMENT"), expected, "{name}");
    }
}

#[tokio::test]
async fn text_is_case_sensitive_unless_its_collation_is_not() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE t (a TEXT, b TEXT COLLATE NOCASE, c VARCHAR(9) COLLATE nocase, d TEXT COLLATE RTRIM, e INTEGER COLLATE NOCASE, f);
         CREATE VIEW v AS SELECT a, e FROM t;",
    )
    .await;
    assert_eq!(each(&table(&fixture, "t").await, "IS_CASE_SENSITIVE"), ["1", "0", "0", "1", "0", "1"]);
    assert_eq!(each(&table(&fixture, "v").await, "IS_CASE_SENSITIVE"), ["-", "0"], "of a view SQLite tells no collation");
}

#[tokio::test]
async fn what_cannot_be_written_is_read_only() {
    let sql = "CREATE TABLE t (a INTEGER, b INTEGER AS (a * 2) VIRTUAL, c INTEGER AS (a * 3) STORED);
         CREATE VIEW v AS SELECT a FROM t;
         CREATE VIEW Writable AS SELECT a FROM t;
         CREATE TRIGGER w INSTEAD OF INSERT ON writable BEGIN INSERT INTO t (a) VALUES (new.a); END;
         CREATE VIRTUAL TABLE docs USING fts5(body);";
    let fixture = Fixture::with_sql(sql).await;
    for (name, expected) in [("t", &["0", "1", "1"][..]), ("v", &["1"]), ("Writable", &["0"]), ("docs", &["0"])] {
        assert_eq!(each(&table(&fixture, name).await, "IS_READ_ONLY"), expected, "{name}");
    }
    let fixture = Fixture::with(ServerOptions { init_sql: Some(sql.to_owned()), read_only: true, ..Default::default() }).await;
    assert_eq!(each(&table(&fixture, "t").await, "IS_READ_ONLY"), ["1", "1", "1"]);
}

#[tokio::test]
async fn a_column_is_in_the_table_that_is_listed() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE t (a INTEGER NOT NULL, \"odd 'name [TEXT]\" NOT NULL);
         CREATE VIEW v AS SELECT a, a + 1 AS b FROM t;",
    )
    .await;
    let view = table(&fixture, "v").await;
    assert_eq!(each(&view, "TABLE_NAME"), ["v", "v"]);
    assert_eq!(each(&view, "IS_SEARCHABLE"), ["1", "1"]);
    assert_eq!(each(&view, "TYPE_NAME"), ["INTEGER", "-"]);
    let required: Vec<_> = table(&fixture, "t").await.fields().iter().map(|field| !field.is_nullable()).collect();
    assert_eq!(required, [true, true]);
}

#[tokio::test]
async fn the_columns_of_a_query_tell_no_more_than_before() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER PRIMARY KEY)").await;
    let schema = fixture.query("SELECT a FROM t").await.unwrap().schema();
    let mut keys: Vec<_> = schema.field(0).metadata().keys().map(|key| key.trim_start_matches("ARROW:FLIGHT:SQL:").to_owned()).collect();
    keys.sort();
    assert_eq!(keys, ["CATALOG_NAME", "TABLE_NAME", "TYPE_NAME"]);
}
