//! How many calls are open.

use arrow_flight::Ticket;
use tonic::Code;

use super::Fixture;
use super::streaming::ENDLESS;

async fn none_is_open(fixture: &Fixture) {
    while fixture.server.stats().open_calls > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_call_is_open_until_its_answer_has_been_read_or_given_up() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.server.stats().open_calls, 0);
    let ticket = fixture.info(ENDLESS).await.unwrap().endpoint.remove(0).ticket.unwrap();
    none_is_open(&fixture).await;
    let mut stream = fixture.client.clone().do_get(ticket).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    assert_eq!(fixture.server.stats().open_calls, 1);
    drop(stream);
    none_is_open(&fixture).await;
    fixture.query("SELECT 1").await.unwrap();
    none_is_open(&fixture).await;
}

#[tokio::test]
async fn a_call_that_is_refused_is_open_no_longer() {
    let fixture = Fixture::with(super::ServerOptions { token: Some("t".to_owned()), ..Default::default() }).await;
    assert_eq!(fixture.query("SELECT 1").await.unwrap_err().code(), Code::Unauthenticated);
    let known = fixture.header("authorization", "Bearer t");
    let nonsense = Ticket { ticket: bytes::Bytes::from_static(b"nonsense") };
    assert_eq!(known.read(&nonsense).await.unwrap_err().code(), Code::InvalidArgument);
    none_is_open(&known).await;
}
