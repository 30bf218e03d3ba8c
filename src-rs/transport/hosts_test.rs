#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

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
