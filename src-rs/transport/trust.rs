//! Which hosts may get what is secret.

use super::address::Address;
use super::config::ClientConfig;
use crate::error::{Code, Error, Result};

/// Whether calls to `address` may carry what calls to the client's own server carry.
///
/// # Errors
/// `UNTRUSTED_LOCATION` where that would send credentials, headers or cookies to a host that is not trusted, or over a weaker transport.
pub fn check(config: &ClientConfig, address: &Address) -> Result<()> {
    let own = &config.address;
    // A socket in the file system is nobody's by name: it is trusted if it is the client's own server, or not at all.
    let is_trusted = own.is_same_host(address)
        || !address.is_unix()
            && config.trusted_hosts.iter().any(|host| {
                host.eq_ignore_ascii_case(&address.host) || host.eq_ignore_ascii_case(&format!("{}:{}", address.host, address.port))
            });
    if !is_trusted {
        let error = Error::new(
            Code::UntrustedLocation,
            format!("the server sends this client to {address}, which is another host than that of {own}"),
        );
        return Err(if address.is_unix() {
            error.with_hint("credentials, headers and cookies go to the server's own host only, and to no other socket")
        } else {
            error.with_hint(format!(
                "credentials, headers and cookies go to the server's own host only; to allow it say trustedHosts: ['{}']",
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
        .with_hint("credentials and cookies never go over a weaker transport than the one that they were given for"));
    }
    Ok(())
}
