//! The Node-API addon: converts, spawns, maps errors. No logic of its own; `docs/internals/boundary.md` says what crosses.

#![cfg_attr(test, allow(dead_code, reason = "napi exports nothing from test binaries"))]
#![expect(unreachable_pub, reason = "what #[napi] exports must be pub, but nothing in Rust uses it")]

mod allocator;
mod boundary;
mod cancellation;
mod client;
mod commands;
mod completion;
mod delivery;
mod error;
mod export;
mod external;
mod flight;
#[cfg(feature = "test-hooks")]
mod hooks;
mod ingest;
mod options;
mod pressure;
mod put;
mod query;
mod reader;
mod runtime;
mod schema;
mod server;
mod statement;
mod transaction;
mod upload;
mod values;
