//! What a server is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Code, Error, Result};

/// Everything that [`EmbeddedServer::start`](super::EmbeddedServer::start) can be told; the default is an empty
/// database in memory on a free loopback port, without authentication.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The address to listen on: an IP address or a name that resolves to one. `127.0.0.1` by default; with any
    /// address that is not a loopback one the server can be reached from other machines.
    pub host: String,
    /// The port to listen on; 0, the default, takes a free one.
    pub port: u16,
    /// The database to serve; [`Database::Memory`] by default.
    pub database: Database,
    /// SQL that runs before the server accepts a connection, every time that it starts; several statements,
    /// separated by `;`. It is trusted: what is closed off for clients is open here.
    pub init_sql: Option<String>,
    /// A user and password to accept, by the `Handshake` call or by an `authorization: Basic` header on any call.
    /// Both are answered with a bearer token, which later calls may bring instead.
    pub basic: Option<Credentials>,
    /// A bearer token to accept. With neither this nor `basic` every call is accepted.
    pub token: Option<String>,
    /// How long a bearer token that was given for a user and password is good for; 24 hours by default.
    pub token_lifetime: Duration,
    /// Rows in a record batch: exactly so many in all but the last one of an endpoint, unless they exceed 64 MiB.
    /// `None`, the default, closes a batch at 65,536 rows or 2 MiB, whichever is first. The header
    /// `x-flightsql-batch-rows` says it for one call.
    pub batch_rows: Option<usize>,
    /// Endpoints that a query's result is split over; 1 by default, which streams it as it is computed. With more,
    /// the result is computed before the `FlightInfo` is answered, and kept in memory. The header
    /// `x-flightsql-endpoints` says it for one call.
    pub endpoints: usize,
    /// Bytes of results that may be kept in memory at a time; 512 MiB by default.
    pub max_kept_bytes: usize,
    /// How long a result is kept that was computed before it was fetched, and how long values of a ticket that are too
    /// many to be part of it; 5 minutes by default. `RenewFlightEndpoint` makes it as long again from when it is called.
    /// A polled query lasts as long without being polled.
    pub kept_for: Duration,
    /// Prepared statements that may be open at a time; 1000 by default.
    pub max_prepared_statements: usize,
    /// Bytes that prepared statements and the values for them may take, what is being received included, be it for them or
    /// to be ingested; 256 MiB by default.
    pub max_prepared_bytes: usize,
    /// How long a prepared statement is kept that nobody uses; 30 minutes by default.
    pub prepared_for: Duration,
    /// Sessions that there may be at a time; 10,000 by default.
    pub max_sessions: usize,
    /// How long a session lasts that no call names; 30 minutes by default.
    pub session_idle_timeout: Duration,
    /// Transactions that may be open at a time; 100 by default.
    pub max_transactions: usize,
    /// How long a transaction is kept open that nobody uses, before it is rolled back; 5 minutes by default. An upload that
    /// is being ingested may fall silent for as long.
    pub transaction_timeout: Duration,
    /// How long a statement waits to write while a transaction that has written, or an ingestion, does not end; 10 s by
    /// default.
    pub write_wait: Duration,
    /// Bytes of one message that a client sends; 256 MiB by default.
    pub max_message_bytes: usize,
    /// Refuses everything that changes the database; `false` by default.
    pub read_only: bool,
    /// How long [`stop`](super::EmbeddedServer::stop) waits for calls to end before it ends them; 2 s by default.
    pub stop_timeout: Duration,
}

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In memory, empty at the start and gone at the end.
    Memory,
    /// In a SQLite file, which is made if it does not exist, and put into write-ahead mode unless the server is
    /// read-only.
    File(PathBuf),
}

/// A user and their password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

/// Shows no password.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            database: Database::Memory,
            init_sql: None,
            basic: None,
            token: None,
            token_lifetime: Duration::from_secs(24 * 60 * 60),
            batch_rows: None,
            endpoints: 1,
            max_kept_bytes: 512 * 1024 * 1024,
            kept_for: Duration::from_secs(5 * 60),
            max_prepared_statements: 1000,
            max_prepared_bytes: 256 * 1024 * 1024,
            prepared_for: Duration::from_secs(30 * 60),
            max_sessions: 10_000,
            session_idle_timeout: Duration::from_secs(30 * 60),
            max_transactions: 100,
            transaction_timeout: Duration::from_secs(5 * 60),
            write_wait: Duration::from_secs(10),
            max_message_bytes: 256 * 1024 * 1024,
            read_only: false,
            stop_timeout: Duration::from_secs(2),
        }
    }
}

/// The most rows that a batch can be asked to have.
pub(super) const MAX_BATCH_ROWS: usize = 1024 * 1024;

/// The most endpoints that a result can be asked to have.
pub(super) const MAX_ENDPOINTS: usize = 1024;

impl ServerOptions {
    /// Refuses what cannot work, before anything is opened.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::new(Code::InvalidOption, message));
        if let Some(rows) = self.batch_rows
            && !(1..=MAX_BATCH_ROWS).contains(&rows)
        {
            return refuse(format!("batch_rows is {rows}; it must be from 1 to {MAX_BATCH_ROWS}"));
        }
        if !(1..=MAX_ENDPOINTS).contains(&self.endpoints) {
            return refuse(format!("endpoints is {}; it must be from 1 to {MAX_ENDPOINTS}", self.endpoints));
        }
        if let Some(credentials) = &self.basic
            && credentials.user.contains(':')
        {
            return refuse(format!("the user {:?} contains a colon, which basic authentication cannot carry", credentials.user));
        }
        if self.token.as_deref().is_some_and(|token| token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic())) {
            return refuse("the token must be printable ASCII without spaces, and not empty".to_owned());
        }
        if let Database::File(path) = &self.database
            && (path.as_os_str().is_empty() || path.as_os_str() == ":memory:")
        {
            return refuse(format!("{path:?} is no file; leave the database out for one in memory"));
        }
        if self.read_only && self.init_sql.is_some() && self.database != Database::Memory {
            return refuse("a read-only server of a file cannot run init SQL".to_owned());
        }
        Ok(())
    }

    /// The addresses to listen on: the first one that can be bound is taken. Blocks while the name is looked up.
    pub(super) fn addresses(&self) -> Result<Vec<SocketAddr>> {
        use std::net::ToSocketAddrs;
        // An IPv6 address may come in brackets, as it does in a URI.
        let host = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host);
        let addresses: Vec<SocketAddr> = (host, self.port)
            .to_socket_addrs()
            .map_err(|error| {
                Error::new(Code::InvalidOption, format!("the host {:?} is no address of this machine", self.host)).with_cause(error)
            })?
            .collect();
        Ok(addresses)
    }
}
