//! All cookies of a client.

use std::cmp::Reverse;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use super::cookie::Kept;
use super::site::Site;

/// How many cookies one host may set, as many as clients must keep (RFC 6265, section 6.1), and how many there are in all.
const MAX_OF_HOST: usize = 50;
const MAX_COOKIES: usize = 500;

/// Bytes of the cookies that one host set. They come with every call, and gRPC's servers in Java and C++ take no more than 8 KiB of headers
/// unless told to: what a server sets beyond that it could hardly take back.
const MAX_BYTES_OF_HOST: usize = 16 << 10;

/// What servers had a client remember. In order of age, which is the order that they are sent in.
#[derive(Default)]
pub struct Jar(Mutex<Vec<Kept>>);

impl Jar {
    /// Remembers, replaces and forgets what the answer of `site` to a call of `path` says.
    pub fn store(&self, site: &Site, path: &str, answered: &HeaderMap) {
        // Most answers say nothing, and take no lock.
        if answered.contains_key(SET_COOKIE) {
            self.store_at(site, path, answered, now());
        }
    }

    pub(super) fn store_at(&self, site: &Site, path: &str, answered: &HeaderMap, now: i64) {
        let mut kept = self.kept();
        for header in answered.get_all(SET_COOKIE) {
            let read = std::str::from_utf8(header.as_bytes()).ok().and_then(|header| Kept::read(header, site, path, now));
            let Some(cookie) = read else { continue };
            let known = kept.iter().position(|known| known.is_same(&cookie));
            match known {
                Some(at) if cookie.is_over(now) => drop(kept.remove(at)),
                Some(at) => kept[at] = cookie,
                None if cookie.is_over(now) => {}
                None => kept.push(cookie),
            }
        }
        kept.retain(|cookie| !cookie.is_over(now));
        make_room(&mut kept, &site.host);
    }

    /// The one `cookie` header of a call of `path` to `site`, whose headers without it are `headers`: what the caller says comes first, and in
    /// place of cookies of the same name. `None` where there is nothing to add.
    pub fn header(&self, site: &Site, path: &str, headers: &HeaderMap) -> Option<HeaderValue> {
        self.header_at(site, path, headers, now())
    }

    pub(super) fn header_at(&self, site: &Site, path: &str, headers: &HeaderMap, now: i64) -> Option<HeaderValue> {
        let given: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).filter(|value| !value.is_empty()).collect();
        let kept = self.kept();
        let is_sent = |cookie: &&Kept| {
            let may_go = site.is_trusted || cookie.is_own(site);
            may_go && cookie.is_for(site, path) && !cookie.is_over(now) && !names(&given).any(|name| name == cookie.name.as_bytes())
        };
        let mut sent: Vec<&Kept> = kept.iter().filter(is_sent).collect();
        if sent.is_empty() {
            return None;
        }
        sent.sort_by_key(|cookie| Reverse(cookie.path_length()));
        let own = sent.into_iter().map(|cookie| format!("{}={}", cookie.name, cookie.value).into_bytes());
        let all: Vec<Vec<u8>> = given.iter().map(|given| given.to_vec()).chain(own).collect();
        let mut value = HeaderValue::from_bytes(&all.join(&b"; "[..])).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Whether a call of `path` to `site` would tell it what another host set, or tell the network what came encrypted.
    pub fn would_tell(&self, site: &Site, path: &str) -> bool {
        let now = now();
        self.kept().iter().any(|cookie| cookie.is_for(site, path) && !cookie.is_over(now) && !cookie.is_own(site))
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the oldest until the cookies that `host` set, and all there are, keep to their bounds.
fn make_room(kept: &mut Vec<Kept>, host: &str) {
    let (count, bytes) =
        kept.iter().filter(|cookie| cookie.is_set_by(host)).fold((0, 0), |(count, bytes), cookie| (count + 1, bytes + cookie.bytes()));
    let (mut count, mut bytes): (usize, usize) = (count, bytes);
    kept.retain(|cookie| {
        let stays = !cookie.is_set_by(host) || (count <= MAX_OF_HOST && bytes <= MAX_BYTES_OF_HOST);
        if !stays {
            count -= 1;
            bytes -= cookie.bytes();
        }
        stays
    });
    let excess = kept.len().saturating_sub(MAX_COOKIES);
    kept.drain(..excess);
}

/// The names in `cookie` headers.
fn names<'a>(headers: &'a [&[u8]]) -> impl Iterator<Item = &'a [u8]> {
    let cookies = headers.iter().flat_map(|header| header.split(|byte| *byte == b';'));
    cookies.filter_map(|cookie| cookie.split(|byte| *byte == b'=').next()).map(<[u8]>::trim_ascii)
}

/// Seconds of Unix time.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or_default()
}
