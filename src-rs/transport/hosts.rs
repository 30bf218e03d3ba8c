//! All servers of a client: its own, and those that the locations of endpoints name. Who gets credentials is decided here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use tokio::sync::OnceCell;

use super::address::{Address, Location};
use super::authorization::Authorization;
use super::call::{Call, CallService};
use super::config::{ClientConfig, Credentials};
use super::cookies::{Jar, Site};
use super::handshake;
use super::peer::Peer;
use super::pool::{Lease, Pool};
use super::session;
use super::tls::SharedTls;
use super::trust;
use super::unreachable::Unreachable;
use crate::error::{Code, Error, Result};

/// How many servers beside its own a client keeps idle connections to.
const MAX_OTHERS: usize = 16;

/// What other servers than the client's own are asked for.
const DO_GET: &str = "/arrow.flight.protocol.FlightService/DoGet";

/// The servers of a client.
pub struct Hosts {
    config: Arc<ClientConfig>,
    own: Arc<Pool>,
    others: Mutex<HashMap<Address, Arc<Pool>>>,
    tls: SharedTls,
    /// `None` where the client keeps none.
    cookies: Option<Arc<Jar>>,
    authorization: Arc<Authorization>,
    /// Done once, by whichever call comes first.
    login: OnceCell<()>,
    unreachable: Unreachable,
    closed: std::sync::atomic::AtomicBool,
}

impl Hosts {
    /// Opens nothing yet.
    ///
    /// # Errors
    /// `TLS_ERROR` where certificates cannot be read, `INVALID_OPTION`.
    pub fn new(config: ClientConfig) -> Result<Self> {
        let config = Arc::new(config);
        let tls = SharedTls::default();
        let cookies = config.cookies.then(Arc::default);
        let authorization = Arc::default();
        let peer = peer(&config, &config.address, cookies.as_ref(), &authorization);
        let own = Arc::new(Pool::new(config.address.clone(), peer, Arc::clone(&config), &tls)?);
        let (others, login, unreachable) = (Mutex::default(), OnceCell::new(), Unreachable::default());
        Ok(Self { config, own, others, tls, cookies, authorization, login, unreachable, closed: false.into() })
    }

    pub fn config(&self) -> &ClientConfig {
        &self.config
    }

    /// The most of one message of a call, in bytes.
    pub fn max_message(&self, call: &Call) -> usize {
        call.max_message(self.config.max_message)
    }

    /// Connects and authenticates.
    ///
    /// # Errors
    /// Why that is not possible.
    pub async fn connect(&self, call: &Call) -> Result<()> {
        self.check_open()?;
        self.own.control()?.connect().await?;
        self.headers(call).await.map(drop)
    }

    /// A service for short calls to the client's own server.
    ///
    /// # Errors
    /// Those of authentication; `CLOSED`.
    pub async fn control(&self, call: &Call) -> Result<CallService> {
        self.check_open()?;
        self.control_of_result(call).await
    }

    /// The same for a result that is being read, which may be after the client was closed.
    ///
    /// # Errors
    /// Those of authentication.
    pub async fn control_of_result(&self, call: &Call) -> Result<CallService> {
        let headers = self.headers(call).await?;
        Ok(CallService::new(self.own.control()?, &headers, self.config.max_message, call))
    }

    /// The headers for reading a stream from `location`, and a place on a connection there, which adds credentials and cookies.
    ///
    /// # Errors
    /// `UNTRUSTED_LOCATION` where that would send credentials to a host that is not trusted or over a weaker transport.
    pub async fn data(&self, location: &Location, call: &Call) -> Result<(HeaderMap, Lease)> {
        // Without asking whether the client is closed: a result that is being read may be read to its end.
        let headers = call.with_headers(self.headers(call).await?);
        let lease = match location {
            Location::At(address) if !address.is_same(&self.config.address) => {
                self.check_trust(address, call)?;
                self.pool(address)?.lease()?
            }
            _ => self.own.lease()?,
        };
        Ok((headers, lease))
    }

    /// A connection to `address` could not be opened: for a while other places are tried before it.
    pub fn note_unreachable(&self, address: &Address) {
        self.unreachable.note(address);
    }

    /// It can be read from again.
    pub fn note_reached(&self, address: &Address) {
        self.unreachable.forget(address);
    }

    /// Whether a connection to `address` could not be opened just now.
    pub fn is_unreachable(&self, address: &Address) -> bool {
        self.unreachable.is_noted(address)
    }

    fn pool(&self, address: &Address) -> Result<Arc<Pool>> {
        if let Some(pool) = self.others().get(address) {
            return Ok(Arc::clone(pool));
        }
        // Not under the lock: this may read certificates.
        let peer = peer(&self.config, address, self.cookies.as_ref(), &self.authorization);
        let made = Arc::new(Pool::new(address.clone(), peer, Arc::clone(&self.config), &self.tls)?);
        let mut others = self.others();
        if others.len() >= MAX_OTHERS {
            // Servers come and go where executors are short-lived; connections that nobody uses are not kept to all of them.
            others.retain(|_, pool| !pool.is_idle());
        }
        if self.is_closed() {
            made.close();
        }
        Ok(Arc::clone(others.entry(address.clone()).or_insert(made)))
    }

    fn others(&self) -> MutexGuard<'_, HashMap<Address, Arc<Pool>>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses calls to `address` that would carry there what it is not trusted with.
    fn check_trust(&self, address: &Address, call: &Call) -> Result<()> {
        if self.has_secrets(address, call) { trust::check(&self.config, address) } else { Ok(()) }
    }

    fn has_secrets(&self, address: &Address, call: &Call) -> bool {
        let carries = !matches!(self.config.credentials, Credentials::None) || !self.config.headers.is_empty() || !call.headers.is_empty();
        carries || self.cookies.as_ref().is_some_and(|jar| jar.would_tell(&Site::new(address, true), DO_GET))
    }

    /// The client's headers, once it has logged in and set its session up.
    async fn headers(&self, call: &Call) -> Result<HeaderMap> {
        let log_in = || async {
            self.authorization.log_in(handshake::authorization(&self.config, &self.own, call).await?);
            let Some(options) = self.config.session.clone() else { return Ok(()) };
            // For every call of the client, as the login is.
            let call = Call { headers: HeaderMap::new(), max_message: None, ..call.clone() };
            let service = CallService::new(self.own.control()?, &self.base_headers(), self.config.max_message, &call);
            session::set_options(service, options).await
        };
        self.login.get_or_try_init(log_in).await?;
        Ok(self.base_headers())
    }

    fn base_headers(&self) -> HeaderMap {
        let mut headers = self.config.headers.clone();
        if !matches!(self.config.credentials, Credentials::None) {
            headers.remove(AUTHORIZATION);
        }
        headers
    }

    /// # Errors
    /// `CLOSED`.
    pub fn check_open(&self) -> Result<()> {
        if self.is_closed() {
            return Err(Error::new(Code::Closed, "the client is closed"));
        }
        Ok(())
    }

    fn is_closed(&self) -> bool {
        self.closed.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub fn connections(&self) -> usize {
        let others = self.others();
        self.own.connections() + others.values().map(|pool| pool.connections()).sum::<usize>()
    }

    /// Refuses further calls and closes connections as what is under way on them ends.
    pub fn close(&self) {
        self.closed.store(true, std::sync::atomic::Ordering::Relaxed);
        self.own.close();
        for pool in self.others().values() {
            pool.close();
        }
    }
}

/// What calls to `address` bring and hear. Even where nothing was refused, a host that is not trusted gets nothing that is not its own.
fn peer(config: &ClientConfig, address: &Address, cookies: Option<&Arc<Jar>>, authorization: &Arc<Authorization>) -> Arc<Peer> {
    let is_trusted = address.is_same(&config.address) || trust::check(config, address).is_ok();
    let may_rotate = matches!(config.credentials, Credentials::Basic { .. }) && config.address.is_same_host(address);
    Arc::new(Peer {
        site: Site::new(address, is_trusted),
        cookies: cookies.cloned(),
        authorization: is_trusted.then(|| Arc::clone(authorization)),
        may_rotate,
    })
}

#[cfg(test)]
#[path = "hosts_test.rs"]
mod tests;
