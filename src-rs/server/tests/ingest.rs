//! Bulk ingestion: record batches that become the rows of a table.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, StringViewArray};
use arrow_flight::error::FlightError;
use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_flight::sql::{CommandStatementIngest, DoPutUpdateResult, TableDefinitionOptions};
use arrow_schema::{DataType, Field, Schema};
use prost::Message;
use tonic::{Code, Status};

use super::{Fixture, batch, messages, rows, status_of};
use crate::server::ServerOptions;

/// What `if_not_exist` and `if_exists` can be.
pub(super) const CREATE: i32 = 1;
pub(super) const FAIL_IF_MISSING: i32 = 2;
pub(super) const FAIL: i32 = 1;
pub(super) const APPEND: i32 = 2;
pub(super) const REPLACE: i32 = 3;

/// An ingestion into `table` that makes it, or adds to it.
pub(super) fn into(table: &str) -> CommandStatementIngest {
    with_modes(table, CREATE, APPEND)
}

pub(super) fn with_modes(table: &str, if_not_exist: i32, if_exists: i32) -> CommandStatementIngest {
    CommandStatementIngest {
        table_definition_options: Some(TableDefinitionOptions { if_not_exist, if_exists }),
        table: table.to_owned(),
        schema: None,
        catalog: None,
        temporary: false,
        transaction_id: None,
        options: Default::default(),
    }
}

impl Fixture {
    /// Ingests by arrow-flight's own client.
    pub(super) async fn ingest(&self, command: CommandStatementIngest, batches: &[RecordBatch]) -> Result<i64, Status> {
        let mut client = FlightSqlServiceClient::new_from_inner(self.client.clone());
        let batches: Vec<_> = batches.iter().cloned().map(Ok).collect();
        client.execute_ingest(command, futures::stream::iter(batches)).await.map_err(|error| match error {
            FlightError::ExternalError(error) => Status::unknown(error.to_string()),
            other => status_of(other),
        })
    }
}

pub(super) fn numbered(ids: impl IntoIterator<Item = i64>, text: &str) -> RecordBatch {
    let ids = Int64Array::from_iter_values(ids);
    let texts: StringArray = ids.iter().map(|_| Some(text)).collect();
    batch([("id", Arc::new(ids)), ("s", Arc::new(texts))])
}

#[tokio::test]
async fn batches_become_the_rows_of_a_table_that_is_made_for_them() {
    let fixture = Fixture::start().await;
    let count = fixture.ingest(into("a table's \"name\""), &[numbered(0..5000, "x"), numbered(5000..5001, "y")]).await.unwrap();
    assert_eq!(count, 5001);
    let found = fixture.query("SELECT count(*), min(id), max(id), min(s), max(s) FROM \"a table's \"\"name\"\"\"").await.unwrap();
    assert_eq!(rows(&found), ["5001|0|5000|x|y"]);
    let stats = fixture.server.stats();
    assert_eq!((stats.open_statements, stats.prepared_bytes, stats.computing), (0, 0, 0));
}

#[tokio::test]
async fn an_upload_without_rows_makes_an_empty_table() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.ingest(into("t"), &[numbered([], "")]).await.unwrap(), 0);
    assert_eq!(super::columns(&fixture.query("SELECT * FROM t").await.unwrap().schema()), "id Int64, s Utf8");
    // The schema alone, as another client may send it.
    let schema = messages(&[numbered([], "")]).await.remove(0);
    let metadata = fixture.put(&into("u"), vec![schema]).await.unwrap();
    assert_eq!(DoPutUpdateResult::decode(metadata).unwrap().record_count, 0);
    assert_eq!(super::columns(&fixture.query("SELECT * FROM u").await.unwrap().schema()), "id Int64, s Utf8");
}

#[tokio::test]
async fn an_upload_without_columns_adds_nothing_and_makes_nothing() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a)").await;
    // Neither a schema, nor one without columns.
    let schema = messages(&[RecordBatch::new_empty(Arc::new(Schema::empty()))]).await;
    for sent in [Vec::new(), schema] {
        let metadata = fixture.put(&into("t"), sent.clone()).await.unwrap();
        assert_eq!(DoPutUpdateResult::decode(metadata).unwrap().record_count, 0);
        let status = fixture.put(&into("u"), sent).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains("the table \"u\" cannot be made: the upload has a schema without columns"), "{status}");
    }
}

#[tokio::test]
async fn a_field_that_is_never_null_makes_a_column_that_is_not_either() {
    let fixture = Fixture::start().await;
    let schema = Schema::new(vec![Field::new("a", DataType::Int64, false), Field::new("b", DataType::Int64, true)]);
    let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let given = RecordBatch::try_new(Arc::new(schema), vec![Arc::clone(&column), column]).unwrap();
    fixture.ingest(into("t"), &[given]).await.unwrap();
    let declared = fixture.query("SELECT name, type, \"notnull\" FROM pragma_table_info('t')").await.unwrap();
    assert_eq!(rows(&declared), ["a|BIGINT|1", "b|BIGINT|0"]);
}

#[tokio::test]
async fn columns_go_by_their_names_and_those_that_are_left_out_have_their_defaults() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, Name TEXT, n INTEGER DEFAULT 7, note TEXT)";
    let fixture = Fixture::with_sql(sql).await;
    let given =
        batch([("NAME", Arc::new(StringArray::from(vec!["x", "y"])) as ArrayRef), ("id", Arc::new(Int64Array::from(vec![Some(4), None])))]);
    assert_eq!(fixture.ingest(into("T"), &[given]).await.unwrap(), 2);
    assert_eq!(rows(&fixture.query("SELECT * FROM t").await.unwrap()), ["4|x|7|NULL", "5|y|7|NULL"]);
}

#[tokio::test]
async fn a_column_that_the_table_does_not_have_is_named_with_those_that_it_has() {
    let fixture = Fixture::with_sql("CREATE TABLE t (id INTEGER, name TEXT)").await;
    let status = fixture.ingest(into("t"), &[numbered([1], "x")]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "the table \"t\" has no column \"s\"; its columns are \"id\", \"name\"");
    let twice = batch([("id", Arc::new(Int64Array::from(vec![1])) as ArrayRef), ("ID", Arc::new(Int64Array::from(vec![1])))]);
    let status = fixture.ingest(into("t"), std::slice::from_ref(&twice)).await.unwrap_err();
    assert_eq!(status.message(), "the upload has more than one column \"id\" for the table \"t\"");
    let status = fixture.ingest(into("new"), &[twice]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("duplicate column name: ID"), "{status}");
}

#[tokio::test]
async fn an_upload_takes_the_memory_of_a_message_however_long_it_is() {
    let fixture = Fixture::with(ServerOptions { max_prepared_bytes: 4 * 1024 * 1024, ..Default::default() }).await;
    let text = "x".repeat(100_000);
    let part = batch([("s", Arc::new(StringViewArray::from(vec![text.as_str(); 10])))]);
    assert_eq!(fixture.ingest(into("t"), &vec![part.clone(); 20]).await.unwrap(), 200);
    assert_eq!(rows(&fixture.query("SELECT sum(length(s)) FROM t").await.unwrap()), ["20000000"]);
    // One message that is larger is refused.
    let wide: Vec<_> = messages(&[batch([("s", Arc::new(StringArray::from(vec!["x".repeat(5_000_000)])))])]).await;
    let status = fixture.put(&into("t"), wide).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("max_prepared_bytes"), "{status}");
    assert_eq!(fixture.server.stats().prepared_bytes, 0);
}

#[tokio::test]
async fn options_of_other_servers_change_nothing() {
    let fixture = Fixture::start().await;
    let options = [("some.backend.option".to_owned(), "1".to_owned())].into();
    assert_eq!(fixture.ingest(CommandStatementIngest { options, ..into("t") }, &[numbered([1], "x")]).await.unwrap(), 1);
}
