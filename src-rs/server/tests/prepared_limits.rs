//! How many prepared statements there may be, for how long, and what they take.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::StringArray;
use tonic::Code;

use super::prepared::close;
use super::{Fixture, batch, rows};
use crate::server::ServerOptions;

fn text(bytes: usize) -> arrow_array::RecordBatch {
    batch([("v", Arc::new(StringArray::from(vec!["x".repeat(bytes)])))])
}

#[tokio::test]
async fn there_are_so_many_and_no_more_and_they_hold_no_connection() {
    let fixture = Fixture::with(ServerOptions { max_prepared_statements: 3, ..Default::default() }).await;
    let mut handles = Vec::new();
    for number in 0..3 {
        handles.push(fixture.prepared(&format!("SELECT {number}")).await);
    }
    let status = fixture.prepare("SELECT 3").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("at most 3 prepared statements (max_prepared_statements)"), "{}", status.message());
    let stats = fixture.server.stats();
    assert_eq!((stats.prepared_statements, stats.open_statements, stats.prepared_bytes), (3, 0, 24));
    close(&fixture, &handles[1]).await.unwrap();
    fixture.prepared("SELECT 3").await;
    assert_eq!(rows(&fixture.execute(&handles[2]).await.unwrap()), ["2"]);
}

#[tokio::test]
async fn their_text_and_values_are_bounded_together() {
    let fixture = Fixture::with(ServerOptions { max_prepared_bytes: 100_000, ..Default::default() }).await;
    let handle = fixture.prepared("SELECT length(?) AS n").await;
    fixture.bind(&handle, &[text(10_000)]).await.unwrap();
    let before = fixture.server.stats().prepared_bytes;
    assert!((10_000..50_000).contains(&before), "{before}");
    for status in [
        fixture.bind(&handle, &[text(100_000)]).await.unwrap_err(),
        fixture.execute_update(&handle, &[text(100_000)]).await.unwrap_err(),
        fixture.prepare(&format!("SELECT '{}'", "x".repeat(100_000))).await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
        assert!(status.message().contains("at most 100000 bytes") && status.message().contains("max_prepared_bytes"), "{status}");
    }
    assert_eq!(fixture.server.stats().prepared_bytes, before, "what was refused takes nothing");
    assert_eq!(rows(&fixture.execute(&handle).await.unwrap()), ["10000"]);
    close(&fixture, &handle).await.unwrap();
    assert_eq!(fixture.server.stats().prepared_bytes, 0);
}

#[tokio::test]
async fn one_that_nobody_uses_is_forgotten_and_one_that_is_used_is_not() {
    let fixture = Fixture::with(ServerOptions { prepared_for: Duration::from_millis(1500), ..Default::default() }).await;
    let (idle, used) = (fixture.prepared("SELECT 1").await, fixture.prepared("SELECT 2").await);
    while fixture.server.stats().prepared_statements == 2 {
        fixture.execute(&used).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(fixture.prepared_info(&idle).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(rows(&fixture.execute(&used).await.unwrap()), ["2"]);
    assert_eq!(ServerOptions::default().prepared_for, Duration::from_secs(1800));
    assert_eq!(ServerOptions::default().max_prepared_statements, 1000);
}

#[tokio::test]
async fn stopping_drops_them_and_ends_what_is_being_sent() {
    let fixture = Fixture::start().await;
    let handle = fixture.prepared("SELECT ?").await;
    fixture.bind(&handle, &[text(1000)]).await.unwrap();
    let command = arrow_flight::sql::CommandPreparedStatementQuery { prepared_statement_handle: handle };
    let mut first = super::messages(&[text(1)]).await.remove(0);
    let command = prost::Message::encode_to_vec(&arrow_flight::sql::ProstMessageExt::as_any(&command));
    first.flight_descriptor = Some(arrow_flight::FlightDescriptor::new_cmd(command));
    // The client sends a part and then nothing for ever.
    let sent = futures::StreamExt::chain(futures::stream::iter([first]), futures::stream::pending());
    let mut client = fixture.client.clone();
    let put = tokio::spawn(async move { client.do_put(sent).await.map(|_| ()) });
    let bound = fixture.server.stats().prepared_bytes;
    while fixture.server.stats().prepared_bytes == bound {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    fixture.server.stop().await;
    assert_eq!(put.await.unwrap().unwrap_err().code(), Code::Unavailable);
    assert_eq!(fixture.server.stats().prepared_statements, 0);
}
