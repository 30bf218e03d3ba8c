//! A server as the calls to it see it: they bring what the client was told to send, and hear what it is told now.

use std::sync::Arc;

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue};

use super::authorization::{Authorization, bearer};
use super::cookies::{Jar, Site};

/// gRPC's code for a call whose credentials are not good.
const UNAUTHENTICATED: &str = "16";

/// One server of a client.
pub struct Peer {
    pub site: Site,
    /// Shared by all servers of the client; `None` where it was told to keep none.
    pub cookies: Option<Arc<Jar>>,
    /// `None` where the client's credentials must not go.
    pub authorization: Option<Arc<Authorization>>,
    /// Whether a token that it answers with takes the place of the one that was sent.
    pub may_rotate: bool,
}

impl Peer {
    /// One that is sent nothing and not listened to.
    #[cfg(test)]
    pub fn stranger(address: &super::address::Address) -> Arc<Self> {
        Arc::new(Self { site: Site::new(address, false), cookies: None, authorization: None, may_rotate: false })
    }

    /// Adds cookies and authorization to the headers of a call of `path`. What the caller said himself stays.
    pub fn begin(self: &Arc<Self>, path: &str, headers: &mut HeaderMap) -> Exchange {
        if let Some(cookies) = self.cookies.as_ref().and_then(|jar| jar.header(&self.site, path, headers)) {
            headers.insert(COOKIE, cookies);
        }
        let own = self.authorization.as_ref().filter(|_| !headers.contains_key(AUTHORIZATION)).and_then(|own| own.current());
        if let Some(value) = &own {
            headers.insert(AUTHORIZATION, value.clone());
        }
        Exchange { peer: Arc::clone(self), path: path.to_owned(), sent: own }
    }
}

/// A call under way.
pub struct Exchange {
    peer: Arc<Peer>,
    path: String,
    /// The client's own authorization, if it is that which was sent. A token that answers another's credentials is not the client's.
    sent: Option<HeaderValue>,
}

impl Exchange {
    /// Takes note of what headers or trailers tell, of a call that failed as well.
    pub fn hear(&self, headers: &HeaderMap) {
        if let Some(jar) = &self.peer.cookies {
            jar.store(&self.peer.site, &self.path, headers);
        }
        let Some((authorization, sent)) = self.rotating() else { return };
        if let Some(token) = bearer(headers) {
            authorization.adopt(token);
        } else if headers.get("grpc-status").is_some_and(|status| status == UNAUTHENTICATED) {
            authorization.refused(sent);
        }
    }

    fn rotating(&self) -> Option<(&Authorization, &HeaderValue)> {
        self.peer.authorization.as_deref().filter(|_| self.peer.may_rotate).zip(self.sent.as_ref())
    }
}

#[cfg(test)]
#[path = "peer_test.rs"]
mod tests;
