//! What a client was told, resolved: nothing here is optional that has a default.

use std::time::Duration;

use http::HeaderMap;

use super::address::Address;
use super::workers::Workers;

/// Everything a client needs to know for its whole life.
#[derive(Clone)]
pub struct ClientConfig {
    pub address: Address,
    pub tls: TlsConfig,
    pub credentials: Credentials,
    /// Headers of every call.
    pub headers: HeaderMap,
    /// Hosts beside the server's own that credentials may be sent to.
    pub trusted_hosts: Vec<String>,
    /// What the session is to be set up with, as a `SetSessionOptionsRequest` message.
    pub session: Option<bytes::Bytes>,
    /// Whether cookies are kept and sent back.
    pub cookies: bool,
    /// Largest message that is accepted, in bytes.
    pub max_message: usize,
    pub connect_timeout: Duration,
    /// Bytes received and not yet consumed, over all results of the client, beyond which results are read one message at a time.
    pub max_buffered: usize,
    /// The runtimes that its connections are spread over.
    pub workers: Workers,
}

#[derive(Debug, Clone)]
pub struct TlsConfig {
    /// The name that the certificate must be for, where it is not the host's.
    pub server_name: Option<String>,
    /// Whether certificates are checked at all.
    pub verify: bool,
    /// PEM certificates that are trusted in place of the system's.
    pub ca: Option<String>,
}

/// How the client proves who it is.
#[derive(Clone)]
pub enum Credentials {
    None,
    Bearer(String),
    Basic { user: String, password: String },
}

impl std::fmt::Debug for Credentials {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Bearer(_) => "Bearer(…)",
            Self::Basic { .. } => "Basic(…)",
        })
    }
}

impl ClientConfig {
    /// The defaults for an address.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            tls: TlsConfig { server_name: None, verify: true, ca: None },
            credentials: Credentials::None,
            headers: HeaderMap::new(),
            trusted_hosts: Vec::new(),
            session: None,
            cookies: true,
            max_message: 1 << 30,
            connect_timeout: Duration::from_secs(20),
            max_buffered: 256 << 20,
            workers: Workers::default(),
        }
    }
}
