//! Where a server is, and how it is spoken to.

use std::fmt;
use std::net::IpAddr;

use crate::error::{Code, Error, Result};

/// How bytes travel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Transport {
    Tls,
    Tcp,
    /// A Unix domain socket at this path, in plaintext.
    Unix(String),
}

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    pub transport: Transport,
    /// A name or an IP address, without brackets.
    pub host: String,
    pub port: u16,
}

impl Address {
    /// The value of `:authority`.
    pub fn authority(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether both name the same host, whatever the port. All names of the loopback interface are one.
    pub fn is_same_host(&self, other: &Self) -> bool {
        if self.is_unix() || other.is_unix() {
            return self.is_same(other);
        }
        self.host.eq_ignore_ascii_case(&other.host) || (is_loopback(&self.host) && is_loopback(&other.host))
    }

    /// Whether both lead to the same server. A socket is its path; the host and port beside it say nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        if self.is_unix() { self.transport == other.transport } else { self == other }
    }

    pub fn is_encrypted(&self) -> bool {
        self.transport == Transport::Tls
    }

    pub fn is_unix(&self) -> bool {
        matches!(self.transport, Transport::Unix(_))
    }

    /// Whether what is said over it stays on this machine.
    pub fn is_local(&self) -> bool {
        self.is_unix() || is_loopback(&self.host)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.transport {
            Transport::Tls => write!(f, "grpc+tls://{}", self.authority()),
            Transport::Tcp => write!(f, "grpc+tcp://{}", self.authority()),
            Transport::Unix(path) => write!(f, "grpc+unix://{path}"),
        }
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What a location of an endpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// Read where the query was asked.
    Reuse,
    At(Address),
}

impl Location {
    /// Reads a Flight location. `base` is the server that named it: an unspecified address (`0.0.0.0`) means that server's host.
    ///
    /// # Errors
    /// `INVALID_DATA` for schemes that this client does not speak.
    pub fn parse(uri: &str, base: &Address) -> Result<Self> {
        let unknown =
            || Error::new(Code::InvalidData, format!("the server names the location '{uri}', which is none that Flight clients can reach"));
        let (scheme, rest) = uri.split_once(':').ok_or_else(unknown)?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let transport = match scheme.to_ascii_lowercase().as_str() {
            "arrow-flight-reuse-connection" => return Ok(Self::Reuse),
            "grpc" | "grpc+tcp" => Transport::Tcp,
            "grpc+tls" => Transport::Tls,
            "grpc+unix" => {
                let address = Address { transport: Transport::Unix(rest.to_owned()), host: "localhost".into(), port: 0 };
                return Ok(Self::At(address));
            }
            _ => return Err(unknown()),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = split_authority(authority).ok_or_else(unknown)?;
        let unspecified = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified());
        let host = if unspecified { base.host.clone() } else { host.to_owned() };
        Ok(Self::At(Address { transport, host, port: port.unwrap_or(base.port) }))
    }
}

fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']')?;
        (host, rest.strip_prefix(':'))
    } else {
        match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    if host.is_empty() {
        return None;
    }
    match port {
        None => Some((host, None)),
        Some(port) => Some((host, Some(port.parse().ok()?))),
    }
}
