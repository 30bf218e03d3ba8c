//! The embedded Flight SQL server: SQLite behind the whole protocol, for tests, demos and small things.
//!
//! It is a real server, spoken to over the network as any other; it is no production database.
//!
//! A statement runs on a connection and a snapshot of its own, beside any number of others and one that writes. Its
//! rows are read as far as the client takes them, and it is stopped when the client goes away. Statements of a
//! transaction share its connection, one after another, and a query of one is read whole when it is asked. The types of columns
//! come from their declarations (`values/declarations.rs`), and where there is none from the values of the first batch.

mod actions;
mod allowance;
mod auth;
mod auth_layer;
mod blocking;
mod call;
mod cancel;
mod expiring;
mod handshake;
mod ingest;
mod keys;
mod lifecycle;
mod lingering;
mod metadata;
mod open_calls;
mod options;
mod polling;
mod prepared;
mod queries;
mod query;
mod renew;
mod results;
mod scope;
mod service;
mod sessions;
mod sql_info;
mod sqlite;
mod state;
mod statement;
mod stats;
mod ticket;
mod transactions;
mod update;
mod uploads;
mod values;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;

pub use lifecycle::EmbeddedServer;
pub use options::{Credentials, Database, ServerOptions};
pub use stats::ServerStats;
