//! Queries: what they return, and what is refused.

use arrow_flight::sql::{CommandStatementQuery, ProstMessageExt};
use arrow_flight::{FlightDescriptor, Ticket};
use prost::Message;
use tonic::Code;

use super::{Fixture, columns, rows};

#[tokio::test]
async fn a_result_may_have_no_rows_no_columns_or_the_same_name_twice() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x')").await;
    let empty = fixture.query("SELECT * FROM t WHERE a = 2").await.unwrap();
    assert_eq!((columns(&empty.schema()).as_str(), empty.num_rows()), ("a Int64, b Utf8", 0));
    let twice = fixture.query("SELECT a, a, b AS a FROM t").await.unwrap();
    assert_eq!(columns(&twice.schema()), "a Int64, a Int64, a Utf8");
    assert_eq!(rows(&twice), ["1|1|x"]);
    let nothing = fixture.query("CREATE TABLE u (a)").await.unwrap();
    assert_eq!((nothing.num_columns(), nothing.num_rows()), (0, 0));
}

#[tokio::test]
async fn strict_tables_and_generated_columns_are_tables_like_others() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE s (a INT, b REAL, c TEXT, d BLOB, e ANY) STRICT;
         INSERT INTO s VALUES (1, 2, 'x', X'00', 'any');
         CREATE TABLE g (a INTEGER, twice INTEGER GENERATED ALWAYS AS (a * 2));
         INSERT INTO g (a) VALUES (21);",
    )
    .await;
    let strict = fixture.query("SELECT * FROM s").await.unwrap();
    assert_eq!(columns(&strict.schema()), "a Int64, b Float64, c Utf8, d Binary, e Utf8");
    assert_eq!(rows(&strict), ["1|2.0|x|00|any"]);
    let generated = fixture.query("SELECT * FROM g").await.unwrap();
    assert_eq!(columns(&generated.schema()), "a Int64, twice Int64");
    assert_eq!(rows(&generated), ["21|42"]);
}

#[tokio::test]
async fn a_column_tells_its_table_and_what_it_was_declared_as() {
    let fixture = Fixture::with_sql("CREATE TABLE t (price DECIMAL(10,2))").await;
    let batch = fixture.query("SELECT price AS p, 1 AS one FROM t").await.unwrap();
    let schema = batch.schema();
    let metadata = schema.field(0).metadata();
    for (key, value) in [("TYPE_NAME", "DECIMAL(10,2)"), ("TABLE_NAME", "t"), ("CATALOG_NAME", "main"), ("PRECISION", "10"), ("SCALE", "2")]
    {
        assert_eq!(metadata.get(&format!("ARROW:FLIGHT:SQL:{key}")).map(String::as_str), Some(value), "{key}");
    }
    assert!(schema.field(1).metadata().is_empty());
}

#[tokio::test]
async fn sql_that_cannot_run_is_an_invalid_argument_in_the_words_of_sqlite() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER)").await;
    for (sql, message) in [
        ("SELEC 1", "near \"SELEC\": syntax error"),
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT b FROM t", "no such column: b"),
        ("SELECT \"b\" FROM t", "no such column: \"b\""),
        ("SELECT nofunction()", "no such function: nofunction"),
        ("", "there is no SQL statement in the text"),
        (" ; -- nothing", "there is no SQL statement in the text"),
        ("SELECT 1; SELECT 2", "after the first one comes: SELECT 2"),
        ("SELECT 1; nonsense", "after the first one comes: nonsense"),
        ("SELECT a FROM t WHERE a = ?", "the statement has 1 parameters"),
        ("SELECT json('{')", "malformed JSON"),
    ] {
        let status = fixture.info(sql).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{sql}: {status}");
        assert!(status.message().contains(message), "{sql}: {}", status.message());
    }
    assert_eq!(rows(&fixture.query("SELECT 1 AS a; -- alone").await.unwrap()), ["1"]);
}

#[tokio::test]
async fn an_error_while_rows_are_read_ends_the_stream_with_it() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER, j TEXT); INSERT INTO t VALUES (1, '1'), (2, '{')").await;
    let status = fixture.query("SELECT a FROM t WHERE json(j) IS NOT NULL").await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("malformed JSON"), "{}", status.message());
}

#[tokio::test]
async fn a_ticket_can_be_read_again_and_not_be_changed() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)").await;
    for sql in ["SELECT a FROM t", "SELECT a + 1 FROM t"] {
        let info = fixture.info(sql).await.unwrap();
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        let first = fixture.read(&ticket).await.unwrap();
        assert_eq!(fixture.read(&ticket).await.unwrap(), first, "{sql}");
        for index in 0..ticket.ticket.len() {
            let mut bytes = ticket.ticket.to_vec();
            bytes[index] ^= 1;
            let status = fixture.read(&Ticket { ticket: bytes.into() }).await.unwrap_err();
            assert!(matches!(status.code(), Code::InvalidArgument | Code::Unimplemented), "{index}: {status}");
        }
    }
}

#[tokio::test]
async fn a_ticket_of_another_server_is_refused() {
    let (one, other) = (Fixture::start().await, Fixture::start().await);
    let info = one.info("SELECT 1").await.unwrap();
    let status = other.read(info.endpoint[0].ticket.as_ref().unwrap()).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("not made by this server"), "{}", status.message());
}

#[tokio::test]
async fn a_ticket_whose_table_has_changed_is_refused() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER)").await;
    let info = fixture.info("SELECT * FROM t").await.unwrap();
    fixture.update("DROP TABLE t").await.unwrap();
    fixture.update("CREATE TABLE t (a TEXT)").await.unwrap();
    let status = fixture.read(info.endpoint[0].ticket.as_ref().unwrap()).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().contains("have changed"), "{}", status.message());
}

#[tokio::test]
async fn the_schema_alone_is_the_one_of_the_result() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a DECIMAL(10,2))").await;
    for sql in ["SELECT a FROM t", "SELECT count(*) AS n FROM t", "INSERT INTO t VALUES (1) RETURNING a"] {
        let command = CommandStatementQuery { query: sql.to_owned(), transaction_id: None };
        let descriptor = FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
        let result = fixture.client.clone().get_schema(descriptor).await.unwrap().into_inner();
        let schema = arrow_schema::Schema::try_from(result).unwrap();
        assert_eq!(schema, fixture.info(sql).await.unwrap().try_decode_schema().unwrap(), "{sql}");
    }
    let count = fixture.query("SELECT count(*) FROM t").await.unwrap();
    assert_eq!(rows(&count), ["1"], "a schema is learnt without running what writes");
}

#[tokio::test]
async fn calls_that_are_not_supported_say_so() {
    let fixture = Fixture::start().await;
    let descriptor = FlightDescriptor::new_path(vec!["t".to_owned()]);
    let status = fixture.client.clone().get_flight_info(descriptor).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let descriptor = FlightDescriptor::new_cmd("not a command");
    let status = fixture.client.clone().get_flight_info(descriptor).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let command = arrow_flight::sql::CommandStatementSubstraitPlan::default();
    let status = fixture.info_of(&command).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("\"CommandStatementSubstraitPlan\""), "{}", status.message());
    let action = arrow_flight::Action { r#type: "CreatePreparedSubstraitPlan".to_owned(), ..Default::default() };
    let status = fixture.client.clone().do_action(action).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
}
