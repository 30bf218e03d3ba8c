//! Flight SQL: the commands of a client, on top of Flight.

pub mod client;
mod descriptor;
mod metadata;
mod statement;
