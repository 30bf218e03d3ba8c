//! The core of flightsql: a Flight SQL client that receives Arrow data once into aligned memory and hands it on without copying.
//!
//! Only `node` knows that Node.js exists; without the feature of that name the crate is a plain Rust library.

pub mod arrow;
pub mod error;
pub mod export;
#[cfg(feature = "test-hooks")]
pub mod faults;
pub mod flight;
#[cfg(feature = "server")]
pub mod server;
pub mod sql;
pub mod transport;

#[cfg(feature = "node")]
mod node;

pub use error::{Code, Error, Result};
