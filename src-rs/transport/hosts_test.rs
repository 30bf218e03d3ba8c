#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::super::address::Transport;
use super::super::call::Call;
use super::super::config::Credentials;
use super::{Address, ClientConfig, Hosts, MAX_OTHERS};
use crate::error::Code;

fn tcp(host: &str) -> Address {
    Address { transport: Transport::Tcp, host: host.into(), port: 1 }
}

fn tls(host: &str) -> Address {
    Address { transport: Transport::Tls, ..tcp(host) }
}

fn unix(path: &str) -> Address {
    Address { transport: Transport::Unix(path.into()), ..tcp("localhost") }
}

fn config(own: &Address, trusted: &[&str]) -> ClientConfig {
    let mut config = ClientConfig::new(own.clone());
    config.trusted_hosts = trusted.iter().map(|host| (*host).to_owned()).collect();
    config.connect_timeout = Duration::from_millis(1);
    config
}

#[test]
fn what_is_secret_goes_to_the_own_host_and_to_trusted_ones_and_never_over_a_weaker_transport() {
    let (yes, no) = (true, false);
    // The client's own server, where a location leads, who is trusted, and whether that is enough.
    let table: &[(Address, Address, &[&str], bool)] = &[
        (tcp("a"), tcp("a"), &[], yes),
        (tcp("a"), Address { port: 2, ..tcp("A") }, &[], yes),
        (tcp("a"), tcp("b"), &[], no),
        (tcp("a"), tcp("b"), &["c", "B"], yes),
        (tcp("a"), tcp("b"), &["b:1"], yes),
        (tcp("a"), tcp("b"), &["b:2"], no),
        (tcp("a"), tls("a"), &[], yes),
        (tcp("a"), tls("b"), &["b"], yes),
        (tls("a"), tcp("a"), &[], no),
        (tls("a"), tcp("b"), &["b"], no),
        (tls("a"), tls("b"), &["b"], yes),
        (tls("localhost"), tcp("127.0.0.1"), &[], no),
        (tcp("localhost"), tcp("127.0.0.1"), &[], yes),
        (tcp("localhost"), tcp("::1"), &[], yes),
        (tcp("localhost"), unix("/run/other.sock"), &["localhost"], no),
        (unix("/run/own.sock"), unix("/run/other.sock"), &["localhost"], no),
        (unix("/run/own.sock"), Address { port: 443, ..unix("/run/own.sock") }, &[], yes),
        (unix("/run/own.sock"), tcp("b"), &["b"], no),
        (unix("/run/own.sock"), tcp("127.0.0.1"), &["127.0.0.1"], yes),
        (unix("/run/own.sock"), tls("b"), &["b"], yes),
    ];
    for (own, location, trusted, right) in table {
        let secrets = Credentials::Bearer("token".into());
        let hosts = Hosts::new(ClientConfig { credentials: secrets, ..config(own, trusted) }).unwrap();
        let outcome = hosts.check_trust(location, &Call::default());
        assert_eq!(outcome.is_ok(), *right, "from {own} to {location}, trusting {trusted:?}");
        if let Err(error) = outcome {
            assert_eq!(error.code(), Code::UntrustedLocation);
            assert!(error.hint().is_some());
        }
    }
}

#[test]
fn whatever_a_call_carries_is_secret() {
    let header = || HeaderMap::from_iter([(HeaderName::from_static("x-tenant"), HeaderValue::from_static("1"))]);
    let (own, other) = (tcp("a"), tcp("b"));
    let basic = Credentials::Basic { user: "u".into(), password: "p".into() };
    let nothing = Hosts::new(config(&own, &[])).unwrap();
    assert!(nothing.check_trust(&other, &Call::default()).is_ok(), "a client without secrets reads from anywhere");
    assert!(nothing.check_trust(&other, &Call { headers: header(), ..Call::default() }).is_err());
    let carriers = [ClientConfig { credentials: basic, ..config(&own, &[]) }, ClientConfig { headers: header(), ..config(&own, &[]) }];
    for carrier in carriers {
        assert!(Hosts::new(carrier).unwrap().check_trust(&other, &Call::default()).is_err());
    }
}

/// The headers that calls to `address` bring, once the client's own server has answered a call with `cookie` and a token.
fn sent(hosts: &Hosts, address: &Address, cookie: &'static str) -> HeaderMap {
    let path = "/arrow.flight.protocol.FlightService/DoGet";
    let said = [(SET_COOKIE, HeaderValue::from_static(cookie)), (AUTHORIZATION, HeaderValue::from_static("Bearer new"))];
    hosts.own.peer().begin(path, &mut HeaderMap::new()).hear(&HeaderMap::from_iter(said));
    let mut headers = HeaderMap::new();
    hosts.pool(address).unwrap().peer().begin(path, &mut headers);
    headers
}

#[test]
fn cookies_that_a_location_would_be_told_are_secrets() {
    let (yes, no) = (true, false);
    // The client's own server, what it had the client keep, where a location leads, and whether it is read there.
    let table: &[(Address, &'static str, Address, bool)] = &[
        (tcp("db.example.com"), "a=1; Domain=example.com", tcp("worker.example.com"), no),
        (tcp("db.example.com"), "a=1; Domain=example.com; Path=/elsewhere", tcp("worker.example.com"), yes),
        (tcp("db.example.com"), "a=1; Domain=example.com; Max-Age=0", tcp("worker.example.com"), yes),
        (tcp("db.example.com"), "a=1", tcp("worker.example.com"), yes),
        (tcp("db.example.com"), "a=1", Address { port: 2, ..tcp("db.example.com") }, yes),
        (tls("db.example.com"), "a=1", tcp("db.example.com"), no),
        (tls("db.example.com"), "a=1; Secure", tcp("db.example.com"), yes),
        (tls("localhost"), "a=1; Secure", tcp("127.0.0.1"), no),
    ];
    for (own, cookie, location, right) in table {
        let hosts = Hosts::new(config(own, &[])).unwrap();
        let sent = sent(&hosts, location, cookie);
        let outcome = hosts.check_trust(location, &Call::default());
        assert_eq!(outcome.is_ok(), *right, "'{cookie}' of {own} at {location}");
        assert_eq!(sent.contains_key(COOKIE), own.is_same_host(location) && own.is_encrypted() == location.is_encrypted());
        // A client that keeps none has nothing to tell.
        let deaf = Hosts::new(ClientConfig { cookies: false, ..config(own, &[]) }).unwrap();
        assert!(!self::sent(&deaf, location, cookie).contains_key(COOKIE));
        deaf.check_trust(location, &Call::default()).unwrap();
    }
    let trusting = Hosts::new(config(&tcp("db.example.com"), &["worker.example.com"])).unwrap();
    assert_eq!(sent(&trusting, &tcp("worker.example.com"), "a=1; Domain=example.com")[COOKIE], "a=1");
    trusting.check_trust(&tcp("worker.example.com"), &Call::default()).unwrap();
}

#[test]
fn the_own_host_alone_gives_tokens_and_hosts_that_are_trusted_alone_get_them() {
    let credentials = Credentials::Basic { user: "u".into(), password: "p".into() };
    let hosts = Hosts::new(ClientConfig { credentials, ..config(&tls("a"), &["b"]) }).unwrap();
    hosts.authorization.log_in(Some(HeaderValue::from_static("Bearer login")));
    let told = |address: &Address| {
        let peer = std::sync::Arc::clone(hosts.pool(address).unwrap().peer());
        let mut headers = HeaderMap::new();
        peer.begin("/a/B", &mut headers).hear(&HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer elsewhere"))]));
        headers.get(AUTHORIZATION).cloned()
    };
    assert_eq!(told(&tls("b")).unwrap(), "Bearer login");
    for other in [tls("c"), tcp("a"), tcp("b"), unix("/run/a.sock")] {
        assert_eq!(told(&other), None, "{other}");
    }
    assert_eq!(hosts.authorization.current().unwrap(), "Bearer login");
    let same_host = Address { port: 2, ..tls("a") };
    told(&same_host);
    assert_eq!(hosts.authorization.current().unwrap(), "Bearer elsewhere");
}

#[tokio::test]
async fn a_closed_client_keeps_no_connection_that_is_opened_late() {
    let hosts = Hosts::new(config(&tcp("a"), &[])).unwrap();
    hosts.close();
    let lease = hosts.own.lease().unwrap();
    hosts.own.control().unwrap();
    assert_eq!(hosts.connections(), 0);
    drop(lease);
}

#[tokio::test]
async fn hosts_that_nobody_reads_from_any_more_are_forgotten() {
    let hosts = Hosts::new(config(&tcp("a"), &[])).unwrap();
    let read = hosts.pool(&tcp("host-being-read")).unwrap();
    let lease = read.lease().unwrap();
    for number in 0..3 * MAX_OTHERS {
        drop(hosts.pool(&tcp(&format!("host-{number}"))).unwrap().lease().unwrap());
        assert!(hosts.others().len() <= MAX_OTHERS + 1);
    }
    assert!(std::sync::Arc::ptr_eq(&read, &hosts.pool(&tcp("host-being-read")).unwrap()));
    drop(lease);
}

#[test]
fn the_name_on_the_own_servers_certificate_is_not_asked_of_other_hosts() {
    let mut config = config(&tls("a"), &[]);
    config.tls.server_name = Some("a.example".into());
    let hosts = Hosts::new(config).unwrap();
    assert_eq!(hosts.own.server_name(), Some("a.example"));
    assert_eq!(hosts.pool(&tls("b")).unwrap().server_name(), None);
}
