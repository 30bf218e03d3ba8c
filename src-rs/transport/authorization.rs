//! The `authorization` of a client's calls: what its login gave, or what its server has given in that's place since.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

/// Of one client, for all its calls.
#[derive(Default)]
pub struct Authorization(Mutex<Given>);

#[derive(Default)]
struct Given {
    by_login: Option<HeaderValue>,
    /// A token that came with the answer to a call: the newest, of several.
    adopted: Option<HeaderValue>,
}

impl Authorization {
    /// Keeps the outcome of the login; `None` for a client without credentials.
    pub fn log_in(&self, value: Option<HeaderValue>) {
        *self.given() = Given { by_login: value, adopted: None };
    }

    /// What calls are to be sent with.
    pub fn current(&self) -> Option<HeaderValue> {
        let given = self.given();
        given.adopted.as_ref().or(given.by_login.as_ref()).cloned()
    }

    /// Sends `token` from now on.
    pub fn adopt(&self, token: HeaderValue) {
        self.given().adopted = Some(token);
    }

    /// A call with `sent` was refused. An adopted token that has expired gives way to what the login gave, which may be user and password.
    pub fn refused(&self, sent: &HeaderValue) {
        let mut given = self.given();
        if given.adopted.as_ref() == Some(sent) {
            given.adopted = None;
        }
    }

    fn given(&self) -> MutexGuard<'_, Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bearer token that a server tells in headers or trailers, as it is sent back.
pub fn bearer(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(AUTHORIZATION)?;
    let is_bearer = value.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    is_bearer.then(|| {
        let mut value = value.clone();
        value.set_sensitive(true);
        value
    })
}
