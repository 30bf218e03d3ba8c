//! Results written by Rust alone: no row enters the JavaScript heap.

pub mod batches;
pub mod ipc;
mod ipc_message;
#[cfg(feature = "export")]
pub mod parquet;
#[cfg(feature = "export")]
pub mod parquet_types;
