//! The cookies of a client (RFC 6265). Sessions of Flight SQL live on them, and so do proxies that keep a client with one of several servers.
//!
//! There is no list of public suffixes: a cookie for a whole `co.uk` may be kept, but is sent to nobody except the client's own host and those
//! that the client was told to trust.

mod cookie;
mod jar;
mod site;

pub use self::jar::Jar;
pub use self::site::Site;

#[cfg(test)]
mod tests;
