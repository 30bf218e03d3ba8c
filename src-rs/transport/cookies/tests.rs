#![expect(clippy::unwrap_used, reason = "tests")]

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use super::{Jar, Site};
use crate::transport::address::{Address, Transport};

const PATH: &str = "/arrow.flight.protocol.FlightService/DoGet";

/// 28 November 2026, some time in the morning.
const NOW: i64 = 1_795_850_000;

fn tcp(host: &str) -> Site {
    site(Transport::Tcp, host)
}

fn tls(host: &str) -> Site {
    site(Transport::Tls, host)
}

fn socket(path: &str) -> Site {
    site(Transport::Unix(path.into()), "localhost")
}

fn site(transport: Transport, host: &str) -> Site {
    Site::new(&Address { transport, host: host.into(), port: 1 }, true)
}

fn untrusted(mut site: Site) -> Site {
    site.is_trusted = false;
    site
}

impl Jar {
    fn told(&self, site: &Site, cookies: &[&str]) {
        self.told_at(site, cookies, NOW);
    }

    fn told_at(&self, site: &Site, cookies: &[&str], now: i64) {
        let headers = cookies.iter().map(|cookie| (SET_COOKIE, HeaderValue::from_str(cookie).unwrap()));
        let mut answered = HeaderMap::new();
        for (name, value) in headers {
            answered.append(name, value);
        }
        self.store_at(site, PATH, &answered, now);
    }

    fn sends(&self, site: &Site) -> String {
        self.sends_at(site, PATH, NOW)
    }

    fn sends_at(&self, site: &Site, path: &str, now: i64) -> String {
        self.header_at(site, path, &HeaderMap::new(), now).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    fn sends_with(&self, site: &Site, given: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in given {
            headers.append(COOKIE, HeaderValue::from_str(value).unwrap());
        }
        self.header_at(site, PATH, &headers, NOW).map(|value| value.to_str().unwrap().to_owned())
    }
}

fn jar(site: &Site, cookies: &[&str]) -> Jar {
    let jar = Jar::default();
    jar.told(site, cookies);
    jar
}

#[test]
fn cookies_come_back_in_one_header_in_the_order_that_they_were_set_in() {
    let jar = jar(&tcp("a"), &["one=1; Path=/", "two=\"2\"; HttpOnly; SameSite=None", " three = 3=3 ;Path=/"]);
    // Those of longer paths first: that of a cookie that says none is the call's, without its last part.
    assert_eq!(jar.sends(&tcp("a")), "two=\"2\"; one=1; three=3=3");
    jar.told(&tcp("a"), &["one=new; Path=/"]);
    assert_eq!(jar.sends(&tcp("a")), "two=\"2\"; one=new; three=3=3", "a new value takes the old one's place");
}

#[test]
fn what_is_no_cookie_is_passed_over() {
    let nul = "x".repeat(4096);
    let jar = jar(&tcp("a"), &["", ";", "=1", "name", "name; Path=/", "good=", &format!("long={nul}")]);
    assert_eq!(jar.sends(&tcp("a")), "good=");
    let mut answered = HeaderMap::new();
    answered.insert(SET_COOKIE, HeaderValue::from_bytes(b"latin=\xe9").unwrap());
    jar.store_at(&tcp("a"), PATH, &answered, NOW);
    assert_eq!(jar.sends(&tcp("a")), "good=");
}

#[test]
fn a_cookie_is_of_a_host_whatever_its_port_and_spelling() {
    let at = |host: &str, port| Site::new(&Address { transport: Transport::Tcp, host: host.into(), port }, true);
    let own = jar(&at("DB.example.com", 1), &["a=1"]);
    assert_eq!(own.sends(&at("db.Example.com.", 2)), "a=1");
    for other in ["example.com", "x.db.example.com", "db.example.org", "xdb.example.com"] {
        assert_eq!(own.sends(&tcp(other)), "", "{other}");
    }
    let local = jar(&tcp("localhost"), &["a=1", "b=2; Domain=localhost"]);
    for name in ["127.0.0.1", "::1", "LOCALHOST"] {
        assert_eq!(local.sends(&tcp(name)), "a=1; b=2", "{name}");
    }
    assert_eq!(jar(&tcp("2001:db8:0::1"), &["a=1"]).sends(&tcp("2001:db8::1")), "a=1");
}

#[test]
fn a_socket_has_cookies_of_its_own_whatever_name_the_server_goes_by() {
    let jar = jar(&socket("/run/a.sock"), &["a=1; Secure", "b=2; Domain=example.com"]);
    assert_eq!(jar.sends(&socket("/run/a.sock")), "a=1; b=2");
    for other in [socket("/run/b.sock"), tcp("localhost"), tcp("example.com")] {
        assert_eq!(jar.sends(&other), "");
    }
}

#[test]
fn a_domain_widens_a_cookie_to_the_hosts_below_it_and_no_host_sets_one_for_others() {
    let (yes, no) = (true, false);
    // Who sets it, for which domain, and who is then asked.
    let table = [
        ("db.example.com", "example.com", "other.example.com", yes),
        ("db.example.com", ".Example.COM", "example.com", yes),
        ("db.example.com", "example.com", "notexample.com", no),
        ("db.example.com", "db.example.com", "below.db.example.com", yes),
        ("db.example.com", "below.db.example.com", "below.db.example.com", no),
        ("db.example.com", "example.org", "example.org", no),
        ("db.example.com", "com", "db.example.com", no),
        ("10.1.2.3", "2.3", "10.1.2.3", no),
        ("10.1.2.3", "10.1.2.3", "10.1.2.3", yes),
        ("db", "db", "db", yes),
        ("db.local", "local", "db.local", no),
    ];
    for (host, domain, asked, right) in table {
        let jar = jar(&tcp(host), &[&format!("a=1; Domain={domain}")]);
        assert_eq!(jar.sends(&tcp(asked)) == "a=1", right, "{host} sets for {domain}, {asked} is asked");
    }
}

#[test]
fn a_path_keeps_a_cookie_to_what_lies_below_it() {
    let cookies = ["a=1; Path=/", "b=2; Path=/arrow", "c=3; Path=/arrow.flight.protocol.FlightService", "d=4; Path=relative", "e=5; Path="];
    let jar = jar(&tcp("a"), &cookies);
    assert_eq!(jar.sends(&tcp("a")), "c=3; d=4; e=5; a=1");
    assert_eq!(jar.sends_at(&tcp("a"), "/arrow/x", NOW), "b=2; a=1");
    assert_eq!(jar.sends_at(&tcp("a"), "/arrow.flight.protocol.FlightServiceX/Y", NOW), "a=1");
    // The same name on another path is another cookie.
    jar.told(&tcp("a"), &["a=other"]);
    assert_eq!(jar.sends(&tcp("a")), "c=3; d=4; e=5; a=other; a=1");
}

#[test]
fn secure_cookies_go_over_tls_or_stay_on_the_machine() {
    let jar = jar(&tls("db.example.com"), &["a=1; Secure; Domain=example.com", "b=2"]);
    assert_eq!(jar.sends(&tls("db.example.com")), "a=1; b=2");
    assert_eq!(jar.sends(&tcp("db.example.com")), "b=2");
    assert_eq!(jar.sends(&tls("x.example.com")), "a=1");
    assert_eq!(jar.sends(&tcp("x.example.com")), "");
    let local = Jar::default();
    local.told(&tcp("127.0.0.1"), &["a=1; Secure"]);
    assert_eq!(local.sends(&tcp("127.0.0.1")), "a=1");
}

#[test]
fn a_cookie_ends_by_its_age_or_else_by_its_date_and_otherwise_never() {
    let cookies = [
        "age=1; Max-Age=60",
        "both=2; Expires=Sat, 28 Nov 2020 00:00:00 GMT; Max-Age=60",
        "date=3; Expires=Fri, 01 Jan 2027 00:00:00 GMT",
        "netscape=4; Expires=Fri, 01-Jan-2027 00:00:00 GMT",
        "never=5",
        "broken=6; Expires=tomorrow; Max-Age=soon",
        "huge=7; Max-Age=99999999999999999999",
        "old=8; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "negative=9; Max-Age=-1",
    ];
    let jar = jar(&tcp("a"), &cookies);
    let new_year = 1_798_761_600;
    assert_eq!(jar.sends(&tcp("a")), "age=1; both=2; date=3; netscape=4; never=5; broken=6; huge=7");
    assert_eq!(jar.sends_at(&tcp("a"), PATH, NOW + 60), "date=3; netscape=4; never=5; broken=6; huge=7");
    assert_eq!(jar.sends_at(&tcp("a"), PATH, new_year - 1), "date=3; netscape=4; never=5; broken=6; huge=7");
    assert_eq!(jar.sends_at(&tcp("a"), PATH, new_year), "never=5; broken=6; huge=7");
}

#[test]
fn a_cookie_that_has_ended_when_it_is_set_deletes_the_one_of_its_name_domain_and_path() {
    let jar = jar(&tcp("db.example.com"), &["a=1; Path=/", "a=2", "a=3; Domain=example.com; Path=/", "b=4; Path=/"]);
    jar.told(&tcp("db.example.com"), &["a=; Path=/; Max-Age=0", "b=; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "c=; Max-Age=0"]);
    assert_eq!(jar.sends(&tcp("db.example.com")), "a=2; a=3");
    jar.told(&tcp("db.example.com"), &["a=back; Path=/"]);
    assert_eq!(jar.sends(&tcp("db.example.com")), "a=2; a=3; a=back", "it is the youngest now");
}

#[test]
fn what_a_caller_says_comes_first_and_in_place_of_cookies_of_the_same_name() {
    let jar = jar(&tcp("a"), &["one=1", "two=2"]);
    assert_eq!(jar.sends_with(&tcp("a"), &["two=own; three=3"]).as_deref(), Some("two=own; three=3; one=1"));
    assert_eq!(jar.sends_with(&tcp("a"), &["x=1", "", "y=2"]).as_deref(), Some("x=1; y=2; one=1; two=2"));
    assert_eq!(jar.sends_with(&tcp("a"), &["two=own;one="]), None, "there is nothing to add");
    assert_eq!(jar.sends_with(&tcp("b"), &["x=1"]), None);
}

#[test]
fn one_host_has_so_many_cookies_and_bytes_and_the_oldest_go() {
    let jar = jar(&tcp("other"), &["kept=1"]);
    let many: Vec<_> = (0..60).map(|number| format!("c{number}=x")).collect();
    jar.told(&tcp("a"), &many.iter().map(String::as_str).collect::<Vec<_>>());
    let sent = jar.sends(&tcp("a"));
    assert_eq!(sent.split("; ").count(), 50);
    assert!(sent.starts_with("c10=x; c11=x; ") && sent.ends_with("; c59=x"), "{sent}");
    let large: Vec<_> = (0..8).map(|number| format!("l{number}={}", "y".repeat(4000))).collect();
    jar.told(&tcp("a"), &large.iter().map(String::as_str).collect::<Vec<_>>());
    let sent = jar.sends(&tcp("a"));
    let names: Vec<_> = sent.split("; ").map(|cookie| &cookie[..2]).collect();
    assert_eq!(names, ["l4", "l5", "l6", "l7"]);
    assert!(sent.len() <= 16 << 10);
    assert_eq!(jar.sends(&tcp("other")), "kept=1", "a host that sets many takes none of another's");
    // Cookies for a domain count as those of whoever set them.
    for number in 0..100 {
        jar.told(&tcp("x.example.com"), &[&format!("d{number}=1; Domain=example.com")]);
    }
    assert_eq!(jar.sends(&tcp("y.example.com")).split("; ").count(), 50);
}

#[test]
fn all_hosts_together_have_so_many_cookies() {
    let jar = Jar::default();
    for host in 0..600 {
        jar.told(&tcp(&format!("host-{host}")), &["a=1"]);
    }
    assert_eq!(jar.sends(&tcp("host-99")), "");
    assert_eq!(jar.sends(&tcp("host-100")), "a=1");
}

#[test]
fn a_host_that_is_not_trusted_gets_its_own_cookies_only_and_sets_none_for_others() {
    let jar = jar(&tcp("db.example.com"), &["session=secret; Domain=example.com"]);
    let worker = untrusted(tcp("worker.example.com"));
    assert!(jar.would_tell(&worker, PATH), "it would be told, if it were asked for as the RFC has it");
    assert_eq!(jar.sends(&worker), "");
    jar.told(&worker, &["stick=1", "session=other; Domain=example.com"]);
    assert_eq!(jar.sends(&worker), "stick=1");
    assert_eq!(jar.sends(&tcp("db.example.com")), "session=secret");
    assert!(!jar.would_tell(&untrusted(tcp("elsewhere")), PATH));
}

#[test]
fn what_came_over_tls_is_a_secret_in_plaintext_even_to_the_host_that_set_it() {
    let jar = jar(&tls("db.example.com"), &["a=1"]);
    assert!(jar.would_tell(&tcp("db.example.com"), PATH));
    assert!(!jar.would_tell(&tls("db.example.com"), PATH));
    assert_eq!(jar.sends(&untrusted(tcp("db.example.com"))), "");
    let secure = Jar::default();
    secure.told(&tls("db.example.com"), &["a=1; Secure"]);
    assert!(!secure.would_tell(&tcp("db.example.com"), PATH), "it would not be sent at all");
    let plain = Jar::default();
    plain.told(&tcp("db.example.com"), &["a=1"]);
    assert!(!plain.would_tell(&tcp("db.example.com"), PATH) && !plain.would_tell(&tls("db.example.com"), PATH));
}
