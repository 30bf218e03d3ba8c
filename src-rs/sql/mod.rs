//! Flight SQL: the commands of a client, on top of Flight.

mod action;
pub mod client;
mod descriptor;
mod metadata;
pub mod prepared;
mod statement;
pub mod transaction;
