//! Reaching a server: addresses, connections and their pool, headers and deadlines, and what went wrong with any of them.

pub mod address;
pub mod answer;
pub mod call;
pub mod channel;
pub mod config;
pub mod connector;
pub mod failure;
pub mod handshake;
pub mod hosts;
pub mod http2;
pub mod pool;
pub mod tls;
pub mod windows;
pub mod workers;
