//! Sessions as this package's own client has them: by the cookies that it keeps.

use std::net::SocketAddr;

use arrow_flight::Action;
use futures::TryStreamExt;
use prost::Message;

use super::Fixture;
use crate::server::sessions::messages::{
    CloseSessionRequest, GetSessionOptionsRequest, GetSessionOptionsResult, OptionValue, SessionOptionValue, SetSessionOptionsRequest,
};
use crate::server::{Credentials, ServerOptions};
use crate::sql::client::Client;
use crate::sql::statement::Statement;
use crate::transport::address::{Address, Transport};
use crate::transport::call::Call;
use crate::transport::config::{self, ClientConfig};

fn config(address: SocketAddr) -> ClientConfig {
    ClientConfig::new(Address { transport: Transport::Tcp, host: address.ip().to_string(), port: address.port() })
}

async fn act(client: &Client, name: &str, request: &impl Message) -> crate::Result<Vec<u8>> {
    let answers = client.do_action(Action::new(name, request.encode_to_vec()), &Call::default()).await?;
    let answers: Vec<_> = answers.try_collect().await?;
    Ok(answers.concat())
}

async fn set(client: &Client, name: &str, value: &str) {
    let value = SessionOptionValue { value: Some(OptionValue::String(value.to_owned())) };
    let request = SetSessionOptionsRequest { session_options: [(name.to_owned(), value)].into() };
    act(client, "SetSessionOptions", &request).await.unwrap();
}

/// The session's options, as one line.
async fn options(client: &Client) -> String {
    let answer = act(client, "GetSessionOptions", &GetSessionOptionsRequest {}).await.unwrap();
    let options = GetSessionOptionsResult::decode(answer.as_slice()).unwrap().session_options;
    let texts = options.into_iter().map(|(name, value)| match value.value.unwrap() {
        OptionValue::String(value) => format!("{name}={value}"),
        other => panic!("not a text: {other:?}"),
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// Reads a query, over connections of both kinds.
async fn read(client: &Client) -> crate::Result<()> {
    let info = client.execute(Statement::Sql("SELECT 1".to_owned()), None, &Call::default()).await?;
    let mut result = client.read(info, Call::default())?;
    while result.next(|_| true).await?.is_some() {}
    client.execute_update(Statement::Sql("CREATE TABLE IF NOT EXISTS t (a)".to_owned()), None, &Call::default()).await.map(drop)
}

#[tokio::test]
async fn an_option_that_a_client_sets_is_there_for_its_next_calls() {
    let fixture = Fixture::start().await;
    let client = Client::new(config(fixture.server.local_addr())).unwrap();
    set(&client, "a", "x").await;
    read(&client).await.unwrap();
    set(&client, "b", "y").await;
    assert_eq!(options(&client).await, "a=x, b=y");
    assert_eq!(fixture.server.stats().sessions, 1);
}

#[tokio::test]
async fn two_clients_have_two_sessions() {
    let fixture = Fixture::start().await;
    let [one, two] = [(); 2].map(|()| Client::new(config(fixture.server.local_addr())).unwrap());
    set(&one, "a", "1").await;
    set(&two, "a", "2").await;
    assert_eq!((options(&one).await, options(&two).await), ("a=1".to_owned(), "a=2".to_owned()));
    assert_eq!(fixture.server.stats().sessions, 2);
}

#[tokio::test]
async fn a_client_that_keeps_no_cookies_is_in_no_session() {
    let fixture = Fixture::start().await;
    let client = Client::new(ClientConfig { cookies: false, ..config(fixture.server.local_addr()) }).unwrap();
    set(&client, "a", "1").await;
    assert_eq!(options(&client).await, "");
}

#[tokio::test]
async fn a_session_that_a_client_closes_is_forgotten_by_it_and_so_is_one_that_the_server_has_ended() {
    let fixture = Fixture::start().await;
    let client = Client::new(config(fixture.server.local_addr())).unwrap();
    set(&client, "a", "1").await;
    act(&client, "CloseSession", &CloseSessionRequest {}).await.unwrap();
    read(&client).await.unwrap();
    assert_eq!(options(&client).await, "");
    // The refusal of a session that is over says to forget it, and the call after that is in none.
    let idle = std::time::Duration::from_millis(200);
    let fixture = Fixture::with(ServerOptions { session_idle_timeout: idle, ..Default::default() }).await;
    let client = Client::new(config(fixture.server.local_addr())).unwrap();
    set(&client, "a", "1").await;
    while fixture.server.stats().sessions > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let error = read(&client).await.unwrap_err();
    assert_eq!(error.code(), crate::Code::Unauthenticated);
    read(&client).await.unwrap();
}

#[tokio::test]
async fn a_session_outlasts_the_login_of_a_user() {
    let basic = Some(Credentials { user: "ann".to_owned(), password: "secret".to_owned() });
    let fixture = Fixture::with(ServerOptions { basic, ..Default::default() }).await;
    let credentials = config::Credentials::Basic { user: "ann".to_owned(), password: "secret".to_owned() };
    let client = Client::new(ClientConfig { credentials, ..config(fixture.server.local_addr()) }).unwrap();
    set(&client, "a", "1").await;
    read(&client).await.unwrap();
    assert_eq!(options(&client).await, "a=1");
}
