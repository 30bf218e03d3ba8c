//! Starting, stopping, and starting again.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tonic::Code;

use super::{Fixture, rows};
use crate::error;
use crate::server::{Database, EmbeddedServer, ServerOptions};

pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("flightsql-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn refused(options: ServerOptions) -> error::Error {
    EmbeddedServer::start(options).await.unwrap_err()
}

#[tokio::test]
async fn a_file_survives_a_restart() {
    let folder = Folder::new("restart");
    let options = ServerOptions { database: Database::File(folder.0.join("data.db")), ..Default::default() };
    let fixture = Fixture::with(options.clone()).await;
    fixture.update("CREATE TABLE t (a INTEGER)").await.unwrap();
    fixture.update("INSERT INTO t VALUES (42)").await.unwrap();
    fixture.server.stop().await;
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["data.db"], "a clean stop leaves no log behind");
    let fixture = Fixture::with(options.clone()).await;
    assert_eq!(rows(&fixture.query("SELECT a FROM t").await.unwrap()), ["42"]);
    drop(fixture);
    let fixture = Fixture::with(ServerOptions { read_only: true, ..options }).await;
    assert_eq!(rows(&fixture.query("SELECT a FROM t").await.unwrap()), ["42"]);
    assert_eq!(fixture.update("DELETE FROM t").await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn databases_in_memory_are_apart_and_gone_at_the_end() {
    let one = Fixture::with_sql("CREATE TABLE t (a)").await;
    let other = Fixture::start().await;
    assert_eq!(other.query("SELECT * FROM t").await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(rows(&one.query("SELECT count(*) FROM t").await.unwrap()), ["0"]);
}

#[tokio::test]
async fn it_listens_on_loopback_and_on_the_port_that_it_is_given() {
    let fixture = Fixture::start().await;
    assert!(fixture.server.local_addr().ip().is_loopback());
    let taken = fixture.server.local_addr().port();
    let error = refused(ServerOptions { port: taken, ..Default::default() }).await;
    assert_eq!(error.code(), error::Code::Io);
    assert!(error.message().contains(&format!("could not listen on 127.0.0.1:{taken}")), "{error}");
    fixture.server.stop().await;
    TcpListener::bind((Ipv4Addr::LOCALHOST, taken)).unwrap();
    let again = EmbeddedServer::start(ServerOptions { host: "localhost".to_owned(), ..Default::default() }).await;
    assert!(again.unwrap().local_addr().ip().is_loopback());
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_it_starts() {
    let folder = Folder::new("refused");
    let not_a_database = folder.0.join("text.db");
    std::fs::write(&not_a_database, "this is text, and long enough to be looked at as a header of a database file. ".repeat(20)).unwrap();
    let missing = Database::File(folder.0.join("no/folder/data.db"));
    let base = ServerOptions::default;
    for (options, code, message) in [
        (
            ServerOptions { init_sql: Some("CREATE TABEL t".to_owned()), ..base() },
            error::Code::InvalidOption,
            "near \"TABEL\": syntax error",
        ),
        (ServerOptions { init_sql: Some("BEGIN; CREATE TABLE t (a)".to_owned()), ..base() }, error::Code::InvalidOption, "add COMMIT"),
        (ServerOptions { database: missing, ..base() }, error::Code::Io, "unable to open database file"),
        (ServerOptions { database: Database::File(not_a_database), ..base() }, error::Code::Io, "file is not a database"),
        (
            ServerOptions { database: Database::File(folder.0.join("none.db")), read_only: true, ..base() },
            error::Code::Io,
            "unable to open",
        ),
        (ServerOptions { database: Database::File(":memory:".into()), ..base() }, error::Code::InvalidOption, "leave the database out"),
        (ServerOptions { host: "no such host".to_owned(), ..base() }, error::Code::InvalidOption, "\"no such host\""),
        (ServerOptions { batch_rows: Some(0), ..base() }, error::Code::InvalidOption, "batch_rows is 0"),
        (ServerOptions { endpoints: 0, ..base() }, error::Code::InvalidOption, "endpoints is 0"),
        (ServerOptions { token: Some(String::new()), ..base() }, error::Code::InvalidOption, "token"),
    ] {
        let error = refused(options).await;
        assert_eq!(error.code(), code, "{error}");
        assert!(error.message().contains(message), "{error}");
    }
}

#[tokio::test]
async fn stopping_ends_streams_and_statements_in_bounded_time() {
    let fixture = Fixture::start().await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, zeroblob(1000) AS b FROM n";
    let ticket = fixture.info(endless).await.unwrap().endpoint[0].ticket.clone().unwrap();
    let mut read = fixture.client.clone().do_get(ticket.clone()).await.unwrap().into_inner();
    read.message().await.unwrap().unwrap();
    // Nobody reads this one, so that its window stays full.
    let unread = super::connect(&fixture.server).await.do_get(ticket).await.unwrap();
    let stuck = tokio::spawn({
        let fixture = fixture.clone();
        async move { fixture.info("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n").await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    let reading = async {
        loop {
            match read.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("an endless stream ended well"),
                Err(status) => break status,
            }
        }
    };
    let ((), status) = futures::future::join(fixture.server.stop(), reading).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    assert!(stuck.await.unwrap().is_err());
    drop(unread);
    // A second time there is nothing to do.
    fixture.server.stop().await;
    assert!(fixture.query("SELECT 1").await.is_err());
}

#[tokio::test]
async fn dropping_stops() {
    let fixture = Fixture::start().await;
    let address = fixture.server.local_addr();
    drop(fixture);
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn starting_and_stopping_needs_nothing_of_the_executor() {
    // No timers, no network.
    let bare = tokio::runtime::Builder::new_current_thread().build().unwrap();
    bare.block_on(async {
        let server = EmbeddedServer::start(ServerOptions::default()).await.unwrap();
        std::net::TcpStream::connect(server.local_addr()).unwrap();
        server.stop().await;
        assert!(std::net::TcpStream::connect(server.local_addr()).is_err());
    });
}
