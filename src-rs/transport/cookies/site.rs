//! A server as cookies see it: its host, whatever the port.

use std::net::IpAddr;

use crate::transport::address::{Address, is_loopback};

/// Where cookies come from and go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// As [`canonical`] has it. A socket in the file system has its path in place of a name, which no domain covers.
    pub(super) host: String,
    name: Name,
    /// Nobody on the network reads what is sent there: by TLS, or because it does not leave the machine. Browsers see `localhost` so too.
    pub(super) is_private: bool,
    pub(super) is_encrypted: bool,
    /// What other hosts set may go there, and what it sets for others counts.
    pub(super) is_trusted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Dns,
    Ip,
    Socket,
}

impl Site {
    pub fn new(address: &Address, is_trusted: bool) -> Self {
        let host = if address.is_unix() { address.to_string() } else { canonical(&address.host) };
        let name = match host.parse::<IpAddr>() {
            _ if address.is_unix() => Name::Socket,
            Ok(_) => Name::Ip,
            Err(_) => Name::Dns,
        };
        let is_private = address.is_encrypted() || address.is_local();
        Self { host, name, is_private, is_encrypted: address.is_encrypted(), is_trusted }
    }

    /// Whether it may set cookies for `domain`, and gets those that others set for it.
    pub(super) fn is_within(&self, domain: &str) -> bool {
        if self.host == domain {
            return true;
        }
        let is_below = self.host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        // A cookie for all of `com` is nobody's.
        self.name == Name::Dns && is_below && domain.contains('.')
    }

    /// What a `Domain` says, as far as it has a meaning here: a socket's cookies are its own, whatever name the server behind it goes by.
    pub(super) fn domain(&self, said: Option<&str>) -> Option<String> {
        said.filter(|_| self.name != Name::Socket).map(canonical)
    }
}

/// One spelling for a host. All names of the loopback interface are one host, as they are where credentials are concerned.
fn canonical(host: &str) -> String {
    let host = host.trim_end_matches('.');
    match host.parse::<IpAddr>() {
        _ if is_loopback(host) => "localhost".to_owned(),
        Ok(ip) => ip.to_string(),
        Err(_) => host.to_ascii_lowercase(),
    }
}
