//! The sessions that a server has.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tonic::Status;

use super::messages::{ErrorValue, SessionOptionValue};
use super::options::SessionOptions;
use crate::server::auth::Caller;
use crate::server::keys::Keys;

const PURPOSE: &str = "session";

/// Random, so that nobody guesses one of somebody else.
pub(super) type SessionId = [u8; 16];

/// Every session of a server.
#[derive(Debug)]
pub(in super::super) struct Sessions {
    by_id: Mutex<HashMap<SessionId, Session>>,
    keys: Keys,
    most: usize,
    idle: Duration,
}

#[derive(Debug)]
struct Session {
    caller: Caller,
    options: SessionOptions,
    /// When it ends, unless it is used before.
    until: Instant,
}

impl Sessions {
    /// Room for `most` sessions, which end when no call has named them for `idle`.
    pub(in super::super) fn new(most: usize, idle: Duration, keys: Keys) -> Self {
        Self { by_id: Mutex::default(), keys, most, idle }
    }

    /// Begins a session of `caller`.
    pub(super) fn begin(&self, caller: Caller) -> Result<SessionId, Status> {
        let id = self.keys.random().ok_or_else(|| Status::internal("the system gave no random bytes"))?;
        self.expire();
        let mut by_id = self.by_id();
        if by_id.len() >= self.most {
            return Err(Status::resource_exhausted(format!(
                "the server has {} sessions, as many as it may; close one, or wait until one ends that is not used",
                self.most
            )));
        }
        by_id.insert(id, Session { caller, options: SessionOptions::default(), until: Instant::now() + self.idle });
        Ok(id)
    }

    /// The text that a session's cookie has.
    pub(super) fn cookie(&self, id: SessionId) -> String {
        URL_SAFE_NO_PAD.encode(self.keys.sign(PURPOSE, &id))
    }

    /// The session of `caller` that a cookie names. It is used by this.
    pub(super) fn find(&self, cookie: &str, caller: Caller) -> Option<SessionId> {
        let signed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        let id = self.keys.open(PURPOSE, &signed)?.try_into().ok()?;
        let now = Instant::now();
        let mut by_id = self.by_id();
        let session = by_id.get_mut(&id).filter(|session| session.caller == caller && session.until > now)?;
        session.until = now + self.idle;
        Some(id)
    }

    /// Sets options, and returns what is wrong with those that could not be; `None` if there is no such session.
    pub(super) fn set(&self, id: SessionId, options: BTreeMap<String, SessionOptionValue>) -> Option<BTreeMap<String, ErrorValue>> {
        let mut by_id = self.by_id();
        let session = by_id.get_mut(&id)?;
        let mut errors = BTreeMap::new();
        for (name, value) in options {
            if let Err(error) = session.options.set(name.clone(), value) {
                errors.insert(name, error);
            }
        }
        Some(errors)
    }

    pub(super) fn options(&self, id: SessionId) -> Option<BTreeMap<String, SessionOptionValue>> {
        self.by_id().get(&id).map(|session| session.options.by_name().clone())
    }

    /// Ends a session, if it has not ended yet.
    pub(super) fn close(&self, id: SessionId) -> Option<()> {
        self.by_id().remove(&id).map(drop)
    }

    pub(in super::super) fn count(&self) -> usize {
        self.by_id().len()
    }

    /// Ends the sessions that nobody has used for long enough.
    pub(in super::super) fn expire(&self) {
        let now = Instant::now();
        self.by_id().retain(|_, session| session.until > now);
    }

    fn by_id(&self) -> MutexGuard<'_, HashMap<SessionId, Session>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
