//! Sessions and their options.

use std::collections::BTreeMap;
use std::time::Duration;

use arrow_flight::Action;
use base64::Engine;
use prost::Message;
use tonic::{Code, Response, Status};

use super::{Fixture, rows};
use crate::server::sessions::messages::{
    CloseSessionRequest, CloseSessionResult, CloseStatus, ErrorValue, GetSessionOptionsRequest, GetSessionOptionsResult, OptionValue,
    SessionOptionValue, SetSessionOptionsRequest, SetSessionOptionsResult, StringListValue,
};
use crate::server::{Credentials, ServerOptions};

const COOKIE: &str = "arrow_flight_session_id";

fn text(value: &str) -> Option<OptionValue> {
    Some(OptionValue::String(value.to_owned()))
}

/// What was wrong with each option that could not be set.
type Errors = Vec<(String, ErrorValue)>;

impl Fixture {
    async fn session_action<T: Message + Default>(&self, name: &str, request: impl Message) -> Result<Response<T>, Status> {
        let action = Action::new(name, request.encode_to_vec());
        let (headers, mut replies, extensions) = self.client.clone().do_action(self.request(action)).await?.into_parts();
        let reply = T::decode(replies.message().await?.unwrap().body).unwrap();
        Ok(Response::from_parts(headers, reply, extensions))
    }

    async fn set(&self, options: &[(&str, Option<OptionValue>)]) -> Result<(Errors, Option<String>), Status> {
        let options = options.iter().map(|(name, value)| ((*name).to_owned(), SessionOptionValue { value: value.clone() }));
        let request = SetSessionOptionsRequest { session_options: options.collect() };
        let response: Response<SetSessionOptionsResult> = self.session_action("SetSessionOptions", request).await?;
        let cookie = set_cookie(response.metadata());
        let errors = response.into_inner().errors.into_iter().map(|(name, error)| (name, error.value()));
        Ok((errors.collect(), cookie))
    }

    async fn options(&self) -> Result<BTreeMap<String, OptionValue>, Status> {
        let response: Response<GetSessionOptionsResult> = self.session_action("GetSessionOptions", GetSessionOptionsRequest {}).await?;
        Ok(response.into_inner().session_options.into_iter().map(|(name, value)| (name, value.value.unwrap())).collect())
    }

    async fn close(&self) -> Result<(CloseStatus, Option<String>), Status> {
        let response: Response<CloseSessionResult> = self.session_action("CloseSession", CloseSessionRequest {}).await?;
        let cookie = set_cookie(response.metadata());
        Ok((response.into_inner().status(), cookie))
    }

    /// The same client in a session that it has just begun.
    async fn in_session(self) -> Self {
        let (errors, cookie) = self.set(&[]).await.unwrap();
        assert_eq!(errors, []);
        self.header("cookie", sent_back(&cookie.unwrap()))
    }

    fn sessions(&self) -> usize {
        self.server.stats().sessions
    }
}

fn set_cookie(headers: &tonic::metadata::MetadataMap) -> Option<String> {
    headers.get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned())
}

/// What a client makes of a `Set-Cookie` header.
fn sent_back(set_cookie: &str) -> String {
    set_cookie.split_once(';').unwrap().0.to_owned()
}

#[tokio::test]
async fn setting_options_begins_a_session_and_its_cookie_finds_them_again() {
    let fixture = Fixture::start().await;
    let options = [
        ("a", text("x")),
        ("b", Some(OptionValue::Bool(true))),
        ("c", Some(OptionValue::Int64(i64::MIN))),
        ("d", Some(OptionValue::Double(0.1))),
        ("e", Some(OptionValue::StringList(StringListValue { values: vec!["1".to_owned(), String::new()] }))),
        ("Überschrift", text("")),
        ("catalog", text("main")),
        ("schema", text("")),
    ];
    let (errors, cookie) = fixture.set(&options).await.unwrap();
    let cookie = cookie.unwrap();
    assert_eq!(errors, []);
    assert!(cookie.starts_with("arrow_flight_session_id=") && cookie.ends_with("; Path=/"), "{cookie}");
    let fixture = fixture.header("cookie", format!("other=1; {}; more=2", sent_back(&cookie)));
    let expected = options.iter().map(|(name, value)| ((*name).to_owned(), value.clone().unwrap())).collect();
    assert_eq!(fixture.options().await.unwrap(), expected);
    // No second session, and no second cookie.
    assert_eq!(fixture.set(&[("a", text("y"))]).await.unwrap(), (vec![], None));
    assert_eq!(fixture.options().await.unwrap()["a"], OptionValue::String("y".to_owned()));
    assert_eq!(fixture.sessions(), 1);
    assert_eq!(rows(&fixture.query("SELECT 1").await.unwrap()), ["1"]);
}

#[tokio::test]
async fn the_messages_are_those_of_flight() {
    // Of `{a: "x"}` and `{n: -2}`, as the compiler of protobuf has them encoded.
    let cases: [(&str, OptionValue, &[u8]); 2] = [
        ("a", OptionValue::String("x".to_owned()), b"\x0a\x08\x0a\x01a\x12\x03\x0a\x01x"),
        ("n", OptionValue::Int64(-2), b"\x0a\x0e\x0a\x01n\x12\x09\x19\xfe\xff\xff\xff\xff\xff\xff\xff"),
    ];
    for (name, value, bytes) in cases {
        let session_options = BTreeMap::from([(name.to_owned(), SessionOptionValue { value: Some(value) })]);
        assert_eq!(SetSessionOptionsRequest { session_options }.encode_to_vec(), bytes);
    }
}

#[tokio::test]
async fn an_option_that_cannot_be_is_refused_alone() {
    let fixture = Fixture::start().await.in_session().await;
    let (errors, _) = fixture
        .set(&[
            ("", text("x")),
            ("1st", text("x")),
            ("_x", text("x")),
            ("catalog", text("other")),
            ("schema", Some(OptionValue::Bool(false))),
            ("good", text("x")),
            ("huge", text(&"x".repeat(1 << 20))),
        ])
        .await
        .unwrap();
    let expected = [
        ("", ErrorValue::InvalidName),
        ("1st", ErrorValue::InvalidName),
        ("_x", ErrorValue::InvalidName),
        ("catalog", ErrorValue::InvalidValue),
        ("huge", ErrorValue::Error),
        ("schema", ErrorValue::InvalidValue),
    ];
    assert_eq!(errors, expected.map(|(name, error)| (name.to_owned(), error)));
    assert_eq!(fixture.options().await.unwrap().into_keys().collect::<Vec<_>>(), ["good"]);
}

#[tokio::test]
async fn an_option_without_a_value_is_erased() {
    let fixture = Fixture::start().await.in_session().await;
    fixture.set(&[("a", text("x")), ("b", text("x")), ("catalog", text("main"))]).await.unwrap();
    let (errors, _) = fixture.set(&[("a", None), ("catalog", None), ("never", None), ("", None)]).await.unwrap();
    assert_eq!(errors, [(String::new(), ErrorValue::InvalidName)]);
    assert_eq!(fixture.options().await.unwrap().into_keys().collect::<Vec<_>>(), ["b"]);
}

#[tokio::test]
async fn options_share_a_bounded_room() {
    let fixture = Fixture::start().await.in_session().await;
    for _ in 0..10 {
        // The old value makes room for the new one.
        assert_eq!(fixture.set(&[("big", text(&"x".repeat(60_000)))]).await.unwrap().0, []);
    }
    assert_eq!(fixture.set(&[("more", text(&"x".repeat(10_000)))]).await.unwrap().0, [("more".to_owned(), ErrorValue::Error)]);
    fixture.set(&[("big", None)]).await.unwrap();
    assert_eq!(fixture.set(&[("more", text(&"x".repeat(10_000)))]).await.unwrap().0, []);
}

#[tokio::test]
async fn a_closed_session_is_over_and_its_cookie_forgotten() {
    let fixture = Fixture::start().await.in_session().await;
    assert_eq!(fixture.sessions(), 1);
    let forget = "arrow_flight_session_id=; Path=/; Max-Age=0";
    assert_eq!(fixture.close().await.unwrap(), (CloseStatus::Closed, Some(forget.to_owned())));
    assert_eq!(fixture.sessions(), 0);
    let refusals = [
        fixture.close().await.unwrap_err(),
        fixture.options().await.unwrap_err(),
        fixture.query("SELECT 1").await.unwrap_err(),
        fixture.update("CREATE TABLE t (a)").await.unwrap_err(),
    ];
    for status in refusals {
        assert_eq!(status.code(), Code::Unauthenticated, "{status}");
        assert!(status.message().contains("has ended"), "{status}");
        assert_eq!(set_cookie(status.metadata()).as_deref(), Some(forget));
    }
    // Setting options begins another session, with an id of its own.
    let (_, cookie) = fixture.set(&[("a", text("x"))]).await.unwrap();
    let fixture = fixture.header("cookie", sent_back(&cookie.unwrap()));
    assert_eq!(fixture.options().await.unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_session_no_option_is_set_and_there_is_nothing_to_close() {
    let fixture = Fixture::start().await.header("cookie", "other=1");
    assert_eq!(fixture.options().await.unwrap(), BTreeMap::new());
    let status = fixture.close().await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
    assert_eq!(fixture.sessions(), 0);
}

#[tokio::test]
async fn an_id_that_the_server_did_not_give_is_no_session() {
    let fixture = Fixture::start().await;
    fixture.set(&[]).await.unwrap();
    let elsewhere = Fixture::start().await.in_session().await.headers[0].1.clone();
    let own = fixture.clone().in_session().await.headers[0].1.clone();
    let value = own.split_once('=').unwrap().1;
    // The id is random and signed; neither part is good without the other.
    let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(value).unwrap();
    assert_eq!(decoded.len(), 48);
    let mut changed = decoded.clone();
    changed[47] ^= 1;
    let encode = |bytes: &[u8]| format!("{COOKIE}={}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes));
    for cookie in [elsewhere, encode(&changed), encode(&decoded[32..]), format!("{COOKIE}="), format!("{COOKIE}=x")] {
        let status = fixture.clone().header("cookie", &cookie).options().await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{cookie}: {status}");
    }
    fixture.header("cookie", own).options().await.unwrap();
}

#[tokio::test]
async fn a_session_belongs_to_whoever_began_it() {
    let basic = Some(Credentials { user: "ann".to_owned(), password: "secret".to_owned() });
    let fixture = Fixture::with(ServerOptions { basic, token: Some("t0ken".to_owned()), ..Default::default() }).await;
    let password = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode("ann:secret"));
    let ann = fixture.header("authorization", password).in_session().await;
    ann.set(&[("a", text("x"))]).await.unwrap();
    let other = ann.clone().header("authorization", "Bearer t0ken");
    assert_eq!(other.options().await.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(other.close().await.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(ann.options().await.unwrap().len(), 1);
}

#[tokio::test]
async fn there_are_so_many_sessions_and_no_more() {
    let fixture = Fixture::with(ServerOptions { max_sessions: 2, ..Default::default() }).await;
    let first = fixture.clone().in_session().await;
    fixture.clone().in_session().await;
    let status = fixture.set(&[]).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("has 2 sessions"), "{status}");
    first.set(&[("a", text("x"))]).await.unwrap();
    first.close().await.unwrap();
    fixture.set(&[]).await.unwrap();
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    let idle = Duration::from_millis(500);
    let fixture = Fixture::with(ServerOptions { session_idle_timeout: idle, ..Default::default() }).await.in_session().await;
    assert_eq!(fixture.sessions(), 1);
    while fixture.sessions() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(fixture.options().await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn any_call_with_its_cookie_uses_a_session() {
    let idle = Duration::from_secs(2);
    let fixture = Fixture::with(ServerOptions { session_idle_timeout: idle, ..Default::default() }).await.in_session().await;
    let begun = std::time::Instant::now();
    while begun.elapsed() < idle * 2 {
        fixture.query("SELECT 1").await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fixture.sessions(), 1);
}
