//! Transactions: what they keep apart, what their ends do, and what runs in them.

use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use arrow_flight::FlightInfo;
use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_flight::sql::{
    ActionBeginTransactionRequest, ActionBeginTransactionResult, ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult,
    ActionEndTransactionRequest, Any, CommandStatementQuery, CommandStatementUpdate, DoPutUpdateResult, EndTransaction, ProstMessageExt,
};
use arrow_select::concat::concat_batches;
use bytes::Bytes;
use prost::Message;
use tonic::{Code, Status};

use super::{Fixture, batch, columns, rows};
use crate::server::{Database, ServerOptions};

pub(super) const TABLE: &str = "CREATE TABLE t (a INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y')";

impl Fixture {
    pub(super) async fn begin(&self) -> Result<Bytes, Status> {
        let answer = self.act("BeginTransaction", ActionBeginTransactionRequest {}.as_any().encode_to_vec()).await?;
        let result: ActionBeginTransactionResult = Any::decode(answer).unwrap().unpack().unwrap().unwrap();
        Ok(result.transaction_id)
    }

    pub(super) async fn commit(&self, id: &Bytes) -> Result<(), Status> {
        self.end(id, EndTransaction::Commit as i32).await
    }

    pub(super) async fn roll_back(&self, id: &Bytes) -> Result<(), Status> {
        self.end(id, EndTransaction::Rollback as i32).await
    }

    pub(super) async fn end(&self, id: &Bytes, action: i32) -> Result<(), Status> {
        let request = ActionEndTransactionRequest { transaction_id: id.clone(), action };
        assert!(self.answers("EndTransaction", request.as_any().encode_to_vec()).await?.is_empty());
        Ok(())
    }

    pub(super) async fn info_in(&self, id: &Bytes, sql: &str) -> Result<FlightInfo, Status> {
        self.info_of(&CommandStatementQuery { query: sql.to_owned(), transaction_id: Some(id.clone()) }).await
    }

    async fn batch_of(&self, info: &FlightInfo) -> Result<RecordBatch, Status> {
        let (schema, batches) = self.batches_of(info).await?;
        Ok(concat_batches(&schema, &batches).unwrap())
    }

    /// The rows of a query in a transaction, as text.
    pub(super) async fn rows_in(&self, id: &Bytes, sql: &str) -> Result<Vec<String>, Status> {
        Ok(rows(&self.batch_of(&self.info_in(id, sql).await?).await?))
    }

    /// The rows of a query outside of any, as text.
    pub(super) async fn rows_outside(&self, sql: &str) -> Vec<String> {
        rows(&self.query(sql).await.unwrap())
    }

    pub(super) async fn update_in(&self, id: &Bytes, sql: &str) -> Result<i64, Status> {
        let command = CommandStatementUpdate { query: sql.to_owned(), transaction_id: Some(id.clone()) };
        let metadata = self.put(&command, Vec::new()).await?;
        Ok(DoPutUpdateResult::decode(metadata).unwrap().record_count)
    }

    pub(super) async fn prepare_in(&self, id: &Bytes, sql: &str) -> Result<ActionCreatePreparedStatementResult, Status> {
        let request = ActionCreatePreparedStatementRequest { query: sql.to_owned(), transaction_id: Some(id.clone()) };
        let answer = self.act("CreatePreparedStatement", request.as_any().encode_to_vec()).await?;
        Ok(Any::decode(answer).unwrap().unpack().unwrap().unwrap())
    }
}

/// Both kinds of database, as they must not differ.
async fn each_database(test: impl AsyncFn(Fixture)) {
    test(Fixture::with_sql(TABLE).await).await;
    let file = std::env::temp_dir().join(format!("flightsql-tx-{}-{:?}.db", std::process::id(), std::thread::current().id()));
    let options = ServerOptions { init_sql: Some(TABLE.to_owned()), database: Database::File(file.clone()), ..Default::default() };
    test(Fixture::with(options).await).await;
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
}

#[tokio::test]
async fn arrow_flights_own_client_begins_runs_prepares_and_ends() {
    let fixture = Fixture::with_sql(TABLE).await;
    let mut client = FlightSqlServiceClient::new_from_inner(fixture.client.clone());
    for (end, expected) in [(EndTransaction::Rollback, "2"), (EndTransaction::Commit, "4")] {
        let id = client.begin_transaction().await.unwrap();
        assert_eq!(client.execute_update("INSERT INTO t VALUES (3, 'z')".to_owned(), Some(id.clone())).await.unwrap(), 1);
        let mut insert = client.prepare("INSERT INTO t VALUES (?, 'p')".to_owned(), Some(id.clone())).await.unwrap();
        insert.set_parameters(batch([("a", Arc::new(Int64Array::from(vec![4])))])).unwrap();
        assert_eq!(insert.execute_update().await.unwrap(), 1);
        let info = client.execute("SELECT count(*) FROM t".to_owned(), Some(id.clone())).await.unwrap();
        assert_eq!(rows(&fixture.batch_of(&info).await.unwrap()), ["4"]);
        client.end_transaction(id, end).await.unwrap();
        assert_eq!(fixture.rows_outside("SELECT count(*) FROM t").await, [expected], "{end:?}");
    }
    assert_eq!(fixture.server.stats().open_transactions, 0);
}

#[tokio::test]
async fn what_is_written_shows_inside_at_once_and_outside_once_it_is_committed() {
    each_database(async |fixture| {
        let id = fixture.begin().await.unwrap();
        assert_eq!(fixture.update_in(&id, "INSERT INTO t VALUES (3, 'z')").await.unwrap(), 1);
        assert_eq!(fixture.update_in(&id, "DELETE FROM t WHERE a = 1").await.unwrap(), 1);
        assert_eq!(fixture.rows_in(&id, "SELECT a FROM t").await.unwrap(), ["2", "3"]);
        assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["1", "2"]);
        fixture.commit(&id).await.unwrap();
        assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["2", "3"]);
    })
    .await;
}

#[tokio::test]
async fn a_rollback_undoes_everything() {
    each_database(async |fixture| {
        let id = fixture.begin().await.unwrap();
        fixture.update_in(&id, "CREATE TABLE u (b INTEGER)").await.unwrap();
        fixture.update_in(&id, "INSERT INTO u SELECT a FROM t").await.unwrap();
        fixture.update_in(&id, "DELETE FROM t").await.unwrap();
        assert_eq!(fixture.rows_in(&id, "SELECT (SELECT count(*) FROM t), count(*) FROM u").await.unwrap(), ["0|2"]);
        fixture.roll_back(&id).await.unwrap();
        assert_eq!(fixture.rows_outside("SELECT a FROM t").await, ["1", "2"]);
        assert!(fixture.query("SELECT * FROM u").await.unwrap_err().message().contains("no such table: u"));
    })
    .await;
}

#[tokio::test]
async fn a_transaction_reads_one_snapshot_while_others_write() {
    each_database(async |fixture| {
        let (early, late) = (fixture.begin().await.unwrap(), fixture.begin().await.unwrap());
        assert_eq!(fixture.rows_in(&early, "SELECT a FROM t").await.unwrap(), ["1", "2"]);
        let writer = fixture.begin().await.unwrap();
        fixture.update_in(&writer, "DELETE FROM t WHERE a = 1").await.unwrap();
        assert_eq!(fixture.rows_in(&early, "SELECT a FROM t").await.unwrap(), ["1", "2"]);
        fixture.commit(&writer).await.unwrap();
        fixture.update("DELETE FROM t").await.unwrap();
        assert_eq!(fixture.rows_in(&early, "SELECT a FROM t").await.unwrap(), ["1", "2"]);
        // It has been begun before, but reads only now.
        assert_eq!(fixture.rows_in(&late, "SELECT a FROM t").await.unwrap(), Vec::<String>::new());
        fixture.commit(&early).await.unwrap();
        fixture.commit(&late).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_result_stays_what_it_was_when_it_was_asked_for() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    let info = fixture.info_in(&id, "SELECT a, s, a + 1 AS n FROM t").await.unwrap();
    assert_eq!(info.total_records, 2);
    assert!(info.endpoint[0].expiration_time.is_some());
    assert_eq!(fixture.server.stats().open_statements, 0);
    fixture.update_in(&id, "UPDATE t SET s = 'w'").await.unwrap();
    assert_eq!(rows(&fixture.batch_of(&info).await.unwrap()), ["1|x|2", "2|y|3"]);
    fixture.roll_back(&id).await.unwrap();
    assert_eq!(rows(&fixture.batch_of(&info).await.unwrap()), ["1|x|2", "2|y|3"]);
}

#[tokio::test]
async fn a_result_is_split_and_cut_as_any_other_and_counts_against_what_may_be_kept() {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, zeroblob(1000) AS b FROM n";
    let fixture = Fixture::with(ServerOptions { max_kept_bytes: 4_000_000, ..Default::default() }).await;
    let id = fixture.begin().await.unwrap();
    let split = fixture.clone().header("x-flightsql-endpoints", 4).header("x-flightsql-batch-rows", 100);
    let info = split.info_in(&id, sql).await.unwrap();
    assert_eq!((info.endpoint.len(), info.total_records), (4, 1000));
    let (_, batches) = split.batches_of(&info).await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [100, 100, 50].repeat(4));
    let kept = fixture.server.stats().kept_bytes;
    assert!(kept > 1_000_000, "{kept}");
    let status = fixture.info_in(&id, &sql.replace("< 1000", "< 9000")).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    assert!(status.message().contains("at most 4000000 bytes"), "{status}");
    assert_eq!(fixture.server.stats().kept_bytes, kept);
    assert_eq!(fixture.rows_in(&id, "SELECT 1").await.unwrap(), ["1"], "the transaction goes on");
}

#[tokio::test]
async fn a_query_that_writes_belongs_to_it_too() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    let inserted = fixture.rows_in(&id, "INSERT INTO t VALUES (3, 'z'), (4, 'q') RETURNING a, s").await.unwrap();
    assert_eq!(inserted, ["3|z", "4|q"]);
    assert_eq!(fixture.rows_in(&id, "SELECT count(*) FROM t").await.unwrap(), ["4"]);
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM t").await, ["2"]);
    fixture.roll_back(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM t").await, ["2"]);
}

#[tokio::test]
async fn a_statement_that_is_prepared_in_it_runs_in_it() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "CREATE TABLE u (b INTEGER)").await.unwrap();
    // Only the transaction knows the table.
    fixture.prepare("SELECT b FROM u").await.unwrap_err();
    let insert = fixture.prepare_in(&id, "INSERT INTO u VALUES (?)").await.unwrap().prepared_statement_handle;
    let select = fixture.prepare_in(&id, "SELECT b FROM u WHERE b > ?").await.unwrap().prepared_statement_handle;
    let values = |values: Vec<i64>| batch([("b", Arc::new(Int64Array::from(values)) as _)]);
    assert_eq!(fixture.execute_update(&insert, &[values(vec![1, 2, 3])]).await.unwrap(), 3);
    fixture.bind(&select, &[values(vec![2, 1])]).await.unwrap();
    assert_eq!(rows(&fixture.execute(&select).await.unwrap()), ["3", "2", "3"]);
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM u").await, ["3"]);
    // It has nowhere to run any more, and does not run elsewhere.
    for status in
        [fixture.prepared_info(&select).await.unwrap_err(), fixture.execute_update(&insert, &[values(vec![4])]).await.unwrap_err()]
    {
        assert_eq!(status.code(), Code::NotFound, "{status}");
        assert!(status.message().contains("no open transaction of that id"), "{status}");
    }
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM u").await, ["3"]);
}

#[tokio::test]
async fn the_schema_of_a_query_is_told_from_inside() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    fixture.update_in(&id, "CREATE TABLE u (d DATE)").await.unwrap();
    let schema = async |transaction_id, query: &str| {
        let command = CommandStatementQuery { query: query.to_owned(), transaction_id };
        let descriptor = arrow_flight::FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
        fixture.client.clone().get_schema(descriptor).await.map(|answer| arrow_schema::Schema::try_from(answer.into_inner()).unwrap())
    };
    assert_eq!(columns(&schema(Some(id.clone()), "SELECT d, count(*) AS n FROM u").await.unwrap()), "d Date32, n Int64");
    schema(None, "SELECT d FROM u").await.unwrap_err();
    let insert = "INSERT INTO u VALUES ('2024-02-29') RETURNING d";
    assert_eq!(columns(&schema(Some(id.clone()), insert).await.unwrap()), "d Date32");
    assert_eq!(fixture.rows_in(&id, "SELECT count(*) FROM u").await.unwrap(), ["0"]);
}

#[tokio::test]
async fn calls_of_one_transaction_take_their_turns() {
    let fixture = Fixture::with_sql("CREATE TABLE n (i INTEGER); INSERT INTO n VALUES (0)").await;
    let id = fixture.begin().await.unwrap();
    let updates = (0..20).map(|_| fixture.update_in(&id, "UPDATE n SET i = i + 1"));
    let reads = (0..20).map(|_| fixture.rows_in(&id, "SELECT count(*) FROM n"));
    let (updates, reads) = futures::future::join(futures::future::join_all(updates), futures::future::join_all(reads)).await;
    assert!(updates.into_iter().all(|update| update.unwrap() == 1));
    assert!(reads.into_iter().all(|read| read.unwrap() == ["1"]));
    fixture.commit(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT i FROM n").await, ["20"]);
}

#[tokio::test]
async fn an_id_that_is_unknown_or_ended_or_of_another_server_is_not_found() {
    let (fixture, other) = (Fixture::with_sql(TABLE).await, Fixture::with_sql(TABLE).await);
    let (committed, undone) = (fixture.begin().await.unwrap(), fixture.begin().await.unwrap());
    fixture.commit(&committed).await.unwrap();
    fixture.roll_back(&undone).await.unwrap();
    let foreign = other.begin().await.unwrap();
    for id in [committed, undone, foreign.clone(), Bytes::from_static(b"t")] {
        for status in [
            fixture.info_in(&id, "SELECT 1").await.unwrap_err(),
            fixture.update_in(&id, "DELETE FROM t").await.unwrap_err(),
            fixture.prepare_in(&id, "SELECT 1").await.unwrap_err(),
            fixture.savepoint(&id, "s").await.unwrap_err(),
            fixture.commit(&id).await.unwrap_err(),
            fixture.roll_back(&id).await.unwrap_err(),
        ] {
            assert_eq!(status.code(), Code::NotFound, "{status}");
            assert!(status.message().contains("no open transaction of that id: it has ended"), "{status}");
        }
    }
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM t").await, ["2"]);
    // An empty id is none.
    assert_eq!(fixture.update_in(&Bytes::new(), "DELETE FROM t").await.unwrap(), 2);
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM t").await, ["0"]);
    other.commit(&foreign).await.unwrap();
}

#[tokio::test]
async fn an_end_that_is_neither_commit_nor_rollback_is_refused() {
    let fixture = Fixture::start().await;
    let id = fixture.begin().await.unwrap();
    for end in [0, 3, -1] {
        let status = fixture.end(&id, end).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains(&format!("is {end}; it must be 1 (COMMIT) or 2 (ROLLBACK)")), "{status}");
    }
    fixture.commit(&id).await.unwrap();
    for name in ["BeginTransaction", "EndTransaction", "BeginSavepoint", "EndSavepoint"] {
        let status = fixture.act(name, Bytes::from_static(b"no message")).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{name}: {status}");
    }
}

#[tokio::test]
async fn sql_neither_begins_nor_ends_one_and_the_refusal_names_the_actions() {
    let fixture = Fixture::with_sql(TABLE).await;
    let id = fixture.begin().await.unwrap();
    for sql in ["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT s", "RELEASE s", "ROLLBACK TO statement"] {
        for status in [
            fixture.update_in(&id, sql).await.unwrap_err(),
            fixture.info_in(&id, sql).await.unwrap_err(),
            fixture.update_in(&Bytes::new(), sql).await.unwrap_err(),
        ] {
            assert_eq!(status.code(), Code::PermissionDenied, "{sql}: {status}");
            let hint = "call the actions BeginTransaction, EndTransaction, BeginSavepoint and EndSavepoint";
            assert!(status.message().contains(hint), "{sql}: {status}");
        }
    }
    fixture.update_in(&id, "DELETE FROM t").await.unwrap();
    fixture.update_in(&id, "COMMIT").await.unwrap_err();
    fixture.roll_back(&id).await.unwrap();
    assert_eq!(fixture.rows_outside("SELECT count(*) FROM t").await, ["2"]);
}
