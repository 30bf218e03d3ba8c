//! Reaching a server: addresses, connections and their pool, headers, cookies and deadlines, and what went wrong with any of them.

pub mod address;
pub mod answer;
pub mod authorization;
pub mod call;
pub mod config;
pub mod connector;
pub mod cookies;
pub mod failure;
pub mod handshake;
pub mod hosts;
pub mod http2;
pub mod peer;
pub mod pool;
pub mod prefix;
mod session;
pub mod tls;
pub mod trust;
mod unreachable;
pub mod windows;
pub mod workers;
