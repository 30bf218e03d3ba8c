//! Flight SQL: the commands of a client, on top of Flight.

mod action;
mod cancel;
pub mod client;
mod descriptor;
pub mod flight;
mod ingest;
mod metadata;
pub mod prepared;
pub mod statement;
pub mod transaction;
