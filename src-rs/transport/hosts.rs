//! All servers of a client: its own, and those that the locations of endpoints name. Who gets credentials is decided here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use tokio::sync::OnceCell;

use super::address::{Address, Location};
use super::call::{Call, CallService};
use super::config::{ClientConfig, Credentials};
use super::handshake;
use super::pool::{Lease, Pool};
use super::tls::SharedTls;
use crate::error::{Code, Error, Result};

/// How many servers beside its own a client keeps idle connections to.
const MAX_OTHERS: usize = 16;

/// The servers of a client.
pub struct Hosts {
    config: Arc<ClientConfig>,
    own: Arc<Pool>,
    others: Mutex<HashMap<Address, Arc<Pool>>>,
    tls: SharedTls,
    /// The outcome of authentication, made once by whichever call comes first.
    authorization: OnceCell<Option<HeaderValue>>,
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
        let own = Arc::new(Pool::new(config.address.clone(), Arc::clone(&config), &tls)?);
        Ok(Self { config, own, others: Mutex::default(), tls, authorization: OnceCell::new(), closed: false.into() })
    }

    pub fn config(&self) -> &ClientConfig {
        &self.config
    }

    /// Connects and authenticates.
    ///
    /// # Errors
    /// Why that is not possible.
    pub async fn connect(&self, call: &Call) -> Result<()> {
        self.check_open()?;
        self.own.connect().await?;
        self.headers(call).await.map(drop)
    }

    /// A service for short calls to the client's own server.
    ///
    /// # Errors
    /// Those of authentication; `CLOSED`.
    pub async fn control(&self, call: &Call) -> Result<CallService> {
        self.check_open()?;
        let headers = self.headers(call).await?;
        Ok(CallService::new(self.own.control()?, &headers, call))
    }

    /// The headers for reading a stream from `location`, and a place on a connection there.
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

    fn pool(&self, address: &Address) -> Result<Arc<Pool>> {
        if let Some(pool) = self.others().get(address) {
            return Ok(Arc::clone(pool));
        }
        // Not under the lock: this may read certificates.
        let made = Arc::new(Pool::new(address.clone(), Arc::clone(&self.config), &self.tls)?);
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

    /// Whether calls to `address` may carry what calls to the client's own server carry.
    fn check_trust(&self, address: &Address, call: &Call) -> Result<()> {
        if !self.has_secrets(call) {
            return Ok(());
        }
        let own = &self.config.address;
        // A socket in the file system is nobody's by name: it is trusted if it is the client's own server, or not at all.
        let is_trusted = own.is_same_host(address)
            || !address.is_unix()
                && self.config.trusted_hosts.iter().any(|host| {
                    host.eq_ignore_ascii_case(&address.host) || host.eq_ignore_ascii_case(&format!("{}:{}", address.host, address.port))
                });
        if !is_trusted {
            let error = Error::new(
                Code::UntrustedLocation,
                format!("the server sends this client to {address}, which is another host than that of {own}"),
            );
            return Err(if address.is_unix() {
                error.with_hint("credentials and headers go to the server's own host only, and to no other socket")
            } else {
                error.with_hint(format!(
                    "credentials and headers go to the server's own host only; to allow it say trustedHosts: ['{}']",
                    address.host
                ))
            });
        }
        let is_weaker = own.is_encrypted() && !address.is_encrypted() || own.is_unix() && !address.is_encrypted() && !address.is_local();
        if is_weaker {
            let from = if own.is_encrypted() { "TLS" } else { "a Unix socket" };
            return Err(Error::new(
                Code::UntrustedLocation,
                format!("the server sends this client from {from} to {address}, which is plaintext"),
            )
            .with_hint("credentials never go over a weaker transport than the one that they were given for"));
        }
        Ok(())
    }

    fn has_secrets(&self, call: &Call) -> bool {
        !matches!(self.config.credentials, Credentials::None) || !self.config.headers.is_empty() || !call.headers.is_empty()
    }

    /// The client's headers with its authorization.
    async fn headers(&self, call: &Call) -> Result<HeaderMap> {
        let authorization = self
            .authorization
            .get_or_try_init(|| async { handshake::authorization(&self.config, self.own.control()?, call).await })
            .await?;
        let mut headers = self.config.headers.clone();
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        Ok(headers)
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

#[cfg(test)]
#[path = "hosts_test.rs"]
mod tests;
