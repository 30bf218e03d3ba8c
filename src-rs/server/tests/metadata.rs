//! Catalogs, schemas, tables, table types, and what the server says about itself.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_flight::IpcMessage;
use arrow_flight::sql::{CommandGetCatalogs, CommandGetDbSchemas, CommandGetSqlInfo, CommandGetTableTypes, CommandGetTables, SqlInfo};
use arrow_schema::Schema;

use super::{Fixture, columns, rows};

const TABLES: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY, price DECIMAL(10,2) NOT NULL, note, extra);
    INSERT INTO orders VALUES (1, 1, 5, NULL);
    CREATE TABLE \"odd \"\"name\" (a TEXT);
    CREATE VIEW cheap AS SELECT id, price * 2 AS twice FROM orders;
    CREATE VIEW broken AS SELECT * FROM gone;
    CREATE VIRTUAL TABLE docs USING fts5(body);";

#[tokio::test]
async fn there_is_one_catalog_with_one_schema_without_name() {
    let fixture = Fixture::start().await;
    assert_eq!(rows(&fixture.list(&CommandGetCatalogs {}).await.unwrap()), ["main"]);
    let all = CommandGetDbSchemas { catalog: None, db_schema_filter_pattern: None };
    assert_eq!(rows(&fixture.list(&all).await.unwrap()), ["main|"]);
    let none = CommandGetDbSchemas { catalog: Some("other".to_owned()), db_schema_filter_pattern: None };
    assert_eq!(fixture.list(&none).await.unwrap().num_rows(), 0);
    assert_eq!(rows(&fixture.list(&CommandGetTableTypes {}).await.unwrap()), ["table", "view", "virtual"]);
}

#[tokio::test]
async fn tables_are_found_by_pattern_and_type() {
    let fixture = Fixture::with_sql(TABLES).await;
    let all = ["main||broken|view", "main||cheap|view", "main||docs|virtual", "main||odd \"name|table", "main||orders|table"];
    let text = |text: &str| Some(text.to_owned());
    for (command, expected) in [
        (CommandGetTables::default(), &all[..]),
        (CommandGetTables { catalog: text("main"), ..Default::default() }, &all[..]),
        (CommandGetTables { catalog: text("temp"), ..Default::default() }, &[]),
        (CommandGetTables { db_schema_filter_pattern: text("%"), ..Default::default() }, &all[..]),
        (CommandGetTables { db_schema_filter_pattern: text("x"), ..Default::default() }, &[]),
        (CommandGetTables { table_name_filter_pattern: text("o%"), ..Default::default() }, &all[3..]),
        (CommandGetTables { table_name_filter_pattern: text("_heap"), ..Default::default() }, &all[1..2]),
        (CommandGetTables { table_types: vec!["view".to_owned()], ..Default::default() }, &all[..2]),
        (CommandGetTables { table_types: vec!["none".to_owned()], ..Default::default() }, &[]),
    ] {
        assert_eq!(rows(&fixture.list(&command).await.unwrap()), expected, "{command:?}");
    }
}

#[tokio::test]
async fn a_table_comes_with_the_schema_that_selecting_from_it_has() {
    let fixture = Fixture::with_sql(TABLES).await;
    let command = CommandGetTables { include_schema: true, ..Default::default() };
    let batch = fixture.list(&command).await.unwrap();
    let names = batch.column(2).as_string::<i32>();
    let schemas = batch.column(4).as_binary::<i32>();
    let mut found = Vec::new();
    for (name, schema) in names.iter().flatten().zip(schemas.iter().flatten()) {
        let schema = Schema::try_from(IpcMessage(schema.to_vec().into())).unwrap();
        found.push(format!("{name}: {}", columns(&schema)));
        if name == "orders" {
            let required: Vec<_> = schema.fields().iter().map(|field| !field.is_nullable()).collect();
            assert_eq!(required, [false, true, false, false]);
            assert_eq!(schema.field(1).metadata()["ARROW:FLIGHT:SQL:TYPE_NAME"], "DECIMAL(10,2)");
        }
    }
    assert_eq!(
        found,
        [
            "broken: ",
            "cheap: id Int64, twice Int64",
            "docs: body Utf8",
            "odd \"name: a Utf8",
            "orders: id Int64, price Decimal128(10, 2), note Int64, extra Utf8",
        ]
    );
}

#[tokio::test]
async fn a_virtual_table_can_be_written_and_searched() {
    let fixture = Fixture::with_sql(TABLES).await;
    assert_eq!(fixture.update("INSERT INTO docs VALUES ('ein Text'), ('another one')").await.unwrap(), 2);
    let found = fixture.query("SELECT body FROM docs WHERE docs MATCH 'another'").await.unwrap();
    assert_eq!(rows(&found), ["another one"]);
}

#[tokio::test]
async fn the_server_tells_what_it_is() {
    let fixture = Fixture::start().await;
    let all = fixture.list(&CommandGetSqlInfo { info: vec![] }).await.unwrap();
    let codes: Vec<u32> = all.column(0).as_primitive::<UInt32Type>().values().to_vec();
    for code in [0, 1, 2, 3, 4, 5, 8, 9, 10, 500, 503, 504, 508, 563] {
        assert!(codes.contains(&code), "{code}");
    }
    let some = [
        SqlInfo::FlightSqlServerName,
        SqlInfo::FlightSqlServerReadOnly,
        SqlInfo::FlightSqlServerTransaction,
        SqlInfo::SqlIdentifierQuoteChar,
    ];
    let some = fixture.list(&CommandGetSqlInfo { info: some.iter().map(|code| *code as u32).collect() }).await.unwrap();
    assert_eq!(
        rows(&some),
        ["0|{string_value=flightsql embedded server}", "3|{bool_value=false}", "8|{int32_bitmask=2}", "504|{string_value=\"}",]
    );
}
