#![expect(clippy::unwrap_used, reason = "tests")]

use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use arrow_flight::FlightDescriptor;
use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::net::{TcpListener, TcpStream};

use crate::error::{Error, Result};
use crate::transport::address::{Address, Location, Transport};
use crate::transport::call::Call;
use crate::transport::config::{ClientConfig, Credentials};
use crate::transport::hosts::Hosts;

/// What a server says to one call: a head, and trailers behind an empty message; or a head alone.
struct Answer {
    head: HeaderMap,
    trailers: Option<HeaderMap>,
}

/// Asked with the name of the call, and how many there were before it.
type Script = Arc<dyn Fn(&str, usize) -> Answer + Send + Sync>;

/// A call as the server saw it: its name, and the values of its `authorization` and `cookie` headers.
type Seen = (String, String, String);

/// A server of gRPC that answers by a script, and writes down what it was asked with.
struct Server {
    address: Address,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    async fn start(script: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address { transport: Transport::Tcp, host: "127.0.0.1".into(), port: listener.local_addr().unwrap().port() };
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (script, written): (Script, _) = (Arc::new(script), Arc::clone(&seen));
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, Arc::clone(&script), Arc::clone(&written)));
            }
        });
        Self { address, seen }
    }

    fn client(&self) -> ClientConfig {
        ClientConfig::new(self.address.clone())
    }

    /// Of all calls so far.
    fn authorizations(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.1.clone()).collect()
    }

    /// Of all calls so far.
    fn cookies(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.2.clone()).collect()
    }
}

async fn serve(socket: TcpStream, script: Script, seen: Arc<Mutex<Vec<Seen>>>) {
    let mut connection = h2::server::handshake(socket).await.unwrap();
    while let Some(Ok((request, respond))) = connection.accept().await {
        let name = request.uri().path().rsplit('/').next().unwrap().to_owned();
        let before = {
            let mut seen = seen.lock().unwrap();
            seen.push((name.clone(), all_of(&request, "authorization"), all_of(&request, "cookie")));
            seen.len() - 1
        };
        tokio::spawn(answer(request, respond, script(&name, before)));
    }
}

/// Every value of a header, so that one which is sent twice is seen.
fn all_of(request: &Request<RecvStream>, name: &str) -> String {
    request.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(" | ")
}

async fn answer(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, answer: Answer) {
    let mut body = request.into_body();
    while let Some(Ok(bytes)) = body.data().await {
        body.flow_control().release_capacity(bytes.len()).unwrap();
    }
    let mut head = Response::new(());
    *head.headers_mut() = answer.head;
    head.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    let mut stream = respond.send_response(head, answer.trailers.is_none()).unwrap();
    if let Some(trailers) = answer.trailers {
        stream.send_data(Bytes::from_static(&[0; 5]), false).unwrap();
        stream.send_trailers(trailers).unwrap();
    }
}

fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
    all.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect()
}

/// All is well, and the head and the trailers say more.
fn well(head: &[(&'static str, &str)], trailers: &[(&'static str, &str)]) -> Answer {
    let mut trailers = headers(trailers);
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    Answer { head: headers(head), trailers: Some(trailers) }
}

/// A failure without a body.
fn failed(status: &str, head: &[(&'static str, &str)]) -> Answer {
    let mut head = headers(head);
    head.insert("grpc-status", HeaderValue::from_str(status).unwrap());
    Answer { head, trailers: None }
}

async fn info(hosts: &Hosts, call: &Call) -> Result<()> {
    let mut client = hosts.control(call).await?.flight();
    client.get_flight_info(FlightDescriptor::new_cmd("x")).await.map(drop).map_err(Error::from_status)
}

/// A call over a connection for results, read to its end.
async fn get(hosts: &Hosts, location: &Location, call: &Call) -> Result<()> {
    let (headers, lease) = hosts.data(location, call).await?;
    let answer = lease.connection().call("/arrow.flight.protocol.FlightService/DoGet", &headers, Bytes::from_static(&[0; 5])).await?;
    let mut receiving = answer.receiving;
    while poll_fn(|context| receiving.poll_data(context)).await?.is_some() {}
    receiving.trailers().await.map(drop)
}

async fn put(hosts: &Hosts) -> Result<()> {
    let (headers, lease) = hosts.data(&Location::Reuse, &Call::default()).await?;
    let (sending, answering) = lease.connection().begin("/arrow.flight.protocol.FlightService/DoPut", &headers).await?;
    sending.end()?;
    let mut receiving = answering.head().await?.receiving;
    while poll_fn(|context| receiving.poll_data(context)).await?.is_some() {}
    receiving.trailers().await.map(drop)
}

fn basic() -> Credentials {
    Credentials::Basic { user: "u".into(), password: "p".into() }
}

const BASIC: &str = "Basic dTpw";

#[tokio::test]
async fn cookies_of_heads_and_trailers_come_with_every_call_after_them_whichever_connection_it_takes() {
    let server = Server::start(|_, before| {
        let (head, trailer) = (format!("h{before}=1"), format!("t{before}=1"));
        well(&[("set-cookie", &head)], &[("set-cookie", &trailer)])
    })
    .await;
    let (hosts, call) = (Hosts::new(server.client()).unwrap(), Call::default());
    info(&hosts, &call).await.unwrap();
    get(&hosts, &Location::Reuse, &call).await.unwrap();
    put(&hosts).await.unwrap();
    info(&hosts, &call).await.unwrap();
    let expected = ["", "h0=1; t0=1", "h0=1; t0=1; h1=1; t1=1", "h0=1; t0=1; h1=1; t1=1; h2=1; t2=1"];
    assert_eq!(server.cookies(), expected);
}

#[tokio::test]
async fn calls_that_fail_bring_cookies_too() {
    let server = Server::start(|_, before| match before {
        0 => failed("13", &[("set-cookie", "a=1")]),
        1 => failed("14", &[("set-cookie", "b=2")]),
        2 | 3 => {
            let trailers = headers(&[("grpc-status", "7"), ("set-cookie", if before == 2 { "c=3" } else { "d=4" })]);
            Answer { head: HeaderMap::new(), trailers: Some(trailers) }
        }
        _ => well(&[], &[]),
    })
    .await;
    let (hosts, call) = (Hosts::new(server.client()).unwrap(), Call::default());
    info(&hosts, &call).await.unwrap_err();
    // How a stream ends is for whoever reads it to judge.
    get(&hosts, &Location::Reuse, &call).await.unwrap();
    info(&hosts, &call).await.unwrap_err();
    get(&hosts, &Location::Reuse, &call).await.unwrap();
    info(&hosts, &call).await.unwrap();
    assert_eq!(server.cookies().last().unwrap(), "a=1; b=2; c=3; d=4");
}

#[tokio::test]
async fn the_login_brings_cookies_and_is_not_sent_another_authorization() {
    let server = Server::start(|name, _| match name {
        "Handshake" => well(&[("authorization", "Bearer given"), ("set-cookie", "session=1")], &[("set-cookie", "stick=2")]),
        _ => well(&[], &[]),
    })
    .await;
    let hosts = Hosts::new(ClientConfig { credentials: basic(), ..server.client() }).unwrap();
    info(&hosts, &Call::default()).await.unwrap();
    assert_eq!(server.authorizations(), [BASIC, "Bearer given"]);
    assert_eq!(server.cookies(), ["", "session=1; stick=2"]);
}

#[tokio::test]
async fn a_callers_cookies_are_joined_with_those_of_the_jar_into_one_header() {
    let server = Server::start(|_, _| well(&[("set-cookie", "a=1")], &[("set-cookie", "b=2")])).await;
    let hosts = Hosts::new(ClientConfig { headers: headers(&[("cookie", "b=own; c=3")]), ..server.client() }).unwrap();
    let call = Call { headers: headers(&[("cookie", "a=call")]), ..Call::default() };
    for call in [&Call::default(), &Call::default(), &call] {
        info(&hosts, call).await.unwrap();
        get(&hosts, &Location::Reuse, call).await.unwrap();
    }
    let second = ["b=own; c=3; a=1"; 3];
    assert_eq!(server.cookies()[1..4], second);
    // A call's header takes the place of the client's.
    assert_eq!(server.cookies()[4..], ["a=call; b=2"; 2]);
}

#[tokio::test]
async fn a_client_that_keeps_no_cookies_sends_the_callers_only() {
    let server = Server::start(|_, _| well(&[("set-cookie", "a=1")], &[("set-cookie", "b=2")])).await;
    let hosts = Hosts::new(ClientConfig { cookies: false, ..server.client() }).unwrap();
    let own = Call { headers: headers(&[("cookie", "c=3")]), ..Call::default() };
    for call in [&Call::default(), &own] {
        info(&hosts, call).await.unwrap();
        get(&hosts, &Location::Reuse, call).await.unwrap();
    }
    assert_eq!(server.cookies(), ["", "", "c=3", "c=3"]);
}

#[tokio::test]
async fn another_server_of_the_same_host_shares_the_cookies_and_no_other_client_does() {
    let script = |_: &str, before: usize| if before == 0 { well(&[("set-cookie", "a=1")], &[]) } else { well(&[], &[]) };
    let (own, other) = (Server::start(script).await, Server::start(|_, _| well(&[("set-cookie", "b=2")], &[])).await);
    let (hosts, call) = (Hosts::new(own.client()).unwrap(), Call::default());
    info(&hosts, &call).await.unwrap();
    let location = Location::At(Address { host: "localhost".into(), ..other.address.clone() });
    get(&hosts, &location, &call).await.unwrap();
    info(&hosts, &call).await.unwrap();
    assert_eq!(other.cookies(), ["a=1"]);
    assert_eq!(own.cookies(), ["", "a=1; b=2"]);
    info(&Hosts::new(own.client()).unwrap(), &call).await.unwrap();
    assert_eq!(own.cookies()[2], "");
}

#[tokio::test]
async fn a_token_in_a_head_or_in_trailers_takes_the_place_of_the_one_before_it() {
    let server = Server::start(|name, before| match (name, before % 2) {
        ("Handshake", _) => well(&[("authorization", "Bearer login")], &[]),
        (_, 0) => well(&[("authorization", &format!("bearer head-{before}"))], &[]),
        _ => well(&[("authorization", "Bearer overtaken")], &[("authorization", &format!("Bearer trailer-{before}"))]),
    })
    .await;
    let (hosts, call) = (Hosts::new(ClientConfig { credentials: basic(), ..server.client() }).unwrap(), Call::default());
    info(&hosts, &call).await.unwrap();
    get(&hosts, &Location::Reuse, &call).await.unwrap();
    get(&hosts, &Location::Reuse, &call).await.unwrap();
    info(&hosts, &call).await.unwrap();
    put(&hosts).await.unwrap();
    let expected = [BASIC, "Bearer login", "Bearer trailer-1", "bearer head-2", "Bearer trailer-3", "bearer head-4"];
    assert_eq!(server.authorizations(), expected);
}

#[tokio::test]
async fn a_server_without_handshake_may_give_a_token_with_any_call_and_is_told_the_password_again_when_it_refuses_it() {
    let server = Server::start(|name, before| match (name, before) {
        ("Handshake", _) => failed("12", &[]),
        (_, 1) => well(&[("authorization", "Bearer short-lived")], &[]),
        (_, 3) => failed("16", &[]),
        _ => well(&[("authorization", "Digest nothing")], &[]),
    })
    .await;
    let (hosts, call) = (Hosts::new(ClientConfig { credentials: basic(), ..server.client() }).unwrap(), Call::default());
    for _ in 0..2 {
        info(&hosts, &call).await.unwrap();
    }
    info(&hosts, &call).await.unwrap_err();
    info(&hosts, &call).await.unwrap();
    assert_eq!(server.authorizations(), [BASIC, BASIC, "Bearer short-lived", "Bearer short-lived", BASIC]);
}

#[tokio::test]
async fn a_token_that_answers_the_callers_own_authorization_is_not_the_clients() {
    let server = Server::start(|_, _| well(&[("authorization", "Bearer new")], &[("authorization", "Bearer newer")])).await;
    let own = Call { headers: headers(&[("authorization", "Bearer own")]), ..Call::default() };
    let bearer = Credentials::Bearer("fixed".into());
    let in_headers = headers(&[("authorization", "Bearer header")]);
    let clients =
        [ClientConfig { credentials: bearer, ..server.client() }, ClientConfig { headers: in_headers, ..server.client() }, server.client()];
    for config in clients {
        let hosts = Hosts::new(config).unwrap();
        for call in [&own, &Call::default(), &Call::default()] {
            info(&hosts, call).await.unwrap();
            get(&hosts, &Location::Reuse, call).await.unwrap();
        }
    }
    let (own, fixed, header) = (["Bearer own"; 2], ["Bearer fixed"; 4], ["Bearer header"; 4]);
    let expected = [&own[..], &fixed, &own, &header, &own, &[""; 4]].concat();
    assert_eq!(server.authorizations(), expected);
    // Nor with user and password, where the client's own is what the login gave.
    let server = Server::start(|name, _| match name {
        "Handshake" => well(&[("authorization", "Bearer login")], &[]),
        _ => well(&[("authorization", "Bearer for-the-call")], &[]),
    })
    .await;
    let hosts = Hosts::new(ClientConfig { credentials: basic(), ..server.client() }).unwrap();
    let call = Call { headers: headers(&[("authorization", "Bearer own")]), ..Call::default() };
    info(&hosts, &call).await.unwrap();
    info(&hosts, &Call::default()).await.unwrap();
    assert_eq!(server.authorizations(), [BASIC, "Bearer own", "Bearer login"]);
}
