//! Who may call.

use std::time::Duration;

use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_flight::{BasicAuth, FlightDescriptor, HandshakeRequest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use prost::Message;
use tonic::{Code, Request, Status};

use super::{Fixture, rows};
use crate::server::{Credentials, ServerOptions};

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn with_password() -> ServerOptions {
    ServerOptions { basic: Some(Credentials { user: "ann".to_owned(), password: "s3:cret ü".to_owned() }), ..Default::default() }
}

async fn code_with(fixture: &Fixture, authorization: &str) -> Code {
    let call = fixture.clone().header("authorization", authorization);
    call.query("SELECT 1").await.err().map_or(Code::Ok, |status| status.code())
}

/// Calls with a basic header, and returns the response's `authorization` header.
async fn answered_with(fixture: &Fixture, authorization: &str) -> Result<String, Status> {
    let mut request = Request::new(FlightDescriptor::new_cmd(query()));
    request.metadata_mut().insert("authorization", authorization.parse().unwrap());
    let response = fixture.client.clone().get_flight_info(request).await?;
    Ok(response.metadata().get("authorization").unwrap().to_str().unwrap().to_owned())
}

fn query() -> Vec<u8> {
    use arrow_flight::sql::{CommandStatementQuery, ProstMessageExt};
    CommandStatementQuery { query: "SELECT 1".to_owned(), transaction_id: None }.as_any().encode_to_vec()
}

#[tokio::test]
async fn without_the_right_credentials_every_call_is_refused() {
    let fixture = Fixture::with(with_password()).await;
    let status = fixture.query("SELECT 1").await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(status.message().contains("asks for credentials"), "{}", status.message());
    for authorization in [
        basic("ann", "wrong"),
        basic("bob", "s3:cret ü"),
        basic("", ""),
        "Basic ???".to_owned(),
        format!("Basic {}", STANDARD.encode("nocolon")),
        "Bearer abc".to_owned(),
        "Bearer ".to_owned(),
        "Digest x".to_owned(),
        String::new(),
    ] {
        assert_eq!(code_with(&fixture, &authorization).await, Code::Unauthenticated, "{authorization}");
    }
    assert_eq!(fixture.update("CREATE TABLE t (a)").await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_password_opens_any_call_and_is_answered_with_a_token() {
    let fixture = Fixture::with(with_password()).await;
    let unpadded = format!("basic {}", STANDARD_NO_PAD.encode("ann:s3:cret ü"));
    for authorization in [basic("ann", "s3:cret ü"), unpadded] {
        assert_eq!(code_with(&fixture, &authorization).await, Code::Ok);
        let token = answered_with(&fixture, &authorization).await.unwrap();
        assert!(token.starts_with("Bearer "));
        assert_eq!(code_with(&fixture, &token).await, Code::Ok);
        assert_ne!(token, answered_with(&fixture, &authorization).await.unwrap(), "a token is random");
        let mut changed = token.clone().into_bytes();
        let last = changed.len() - 2;
        changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
        assert_eq!(code_with(&fixture, &String::from_utf8(changed).unwrap()).await, Code::Unauthenticated);
    }
}

#[tokio::test]
async fn the_handshake_of_arrow_flight_gives_a_token() {
    let fixture = Fixture::with(with_password()).await;
    let mut client = FlightSqlServiceClient::new_from_inner(fixture.client.clone());
    assert!(client.handshake("ann", "wrong").await.is_err());
    client.handshake("ann", "s3:cret ü").await.unwrap();
    assert!(client.token().is_some_and(|token| token.len() > 40));
    let info = client.execute("SELECT 1".to_owned(), None).await.unwrap();
    client.do_get(info.endpoint[0].ticket.clone().unwrap()).await.unwrap();
}

#[tokio::test]
async fn the_older_handshake_carries_the_password_in_its_message() {
    let fixture = Fixture::with(with_password()).await;
    for (password, code) in [("s3:cret ü", Code::Ok), ("wrong", Code::Unauthenticated)] {
        let credentials = BasicAuth { username: "ann".to_owned(), password: password.to_owned() };
        let message = HandshakeRequest { protocol_version: 0, payload: credentials.encode_to_vec().into() };
        let response = fixture.client.clone().handshake(futures::stream::iter([message])).await;
        let Ok(response) = response else {
            assert_eq!(response.unwrap_err().code(), code);
            continue;
        };
        let token = response.into_inner().message().await.unwrap().unwrap().payload;
        let mut request = Request::new(FlightDescriptor::new_cmd(query()));
        request.metadata_mut().insert_bin("auth-token-bin", tonic::metadata::MetadataValue::from_bytes(&token));
        fixture.client.clone().get_flight_info(request).await.unwrap();
    }
}

#[tokio::test]
async fn a_static_token_opens_calls_alone_and_beside_a_password() {
    let token = ServerOptions { token: Some("t0ken".to_owned()), ..Default::default() };
    let both = ServerOptions { token: Some("t0ken".to_owned()), ..with_password() };
    for (options, password_works) in [(token, false), (both, true)] {
        let fixture = Fixture::with(options).await;
        assert_eq!(code_with(&fixture, "Bearer t0ken").await, Code::Ok);
        assert_eq!(code_with(&fixture, "Bearer t0keN").await, Code::Unauthenticated);
        assert_eq!(code_with(&fixture, "Bearer t0ke").await, Code::Unauthenticated);
        let with_password = code_with(&fixture, &basic("ann", "s3:cret ü")).await;
        assert_eq!(with_password == Code::Ok, password_works);
    }
}

#[tokio::test]
async fn a_token_that_was_given_ends() {
    let options = ServerOptions { token_lifetime: Duration::ZERO, ..with_password() };
    let fixture = Fixture::with(options).await;
    let token = answered_with(&fixture, &basic("ann", "s3:cret ü")).await.unwrap();
    let call = fixture.header("authorization", token);
    let status = call.query("SELECT 1").await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(status.message().contains("expired"), "{}", status.message());
}

#[tokio::test]
async fn an_open_server_takes_any_credentials() {
    let fixture = Fixture::start().await;
    for authorization in [basic("anyone", "anything"), "Bearer None".to_owned(), "Basic ???".to_owned()] {
        assert_eq!(code_with(&fixture, &authorization).await, Code::Ok, "{authorization}");
    }
    let mut client = FlightSqlServiceClient::new_from_inner(fixture.client.clone());
    client.handshake("anyone", "anything").await.unwrap();
    assert!(client.token().is_some());
    assert_eq!(rows(&fixture.query("SELECT 1").await.unwrap()), ["1"]);
}
