//! The version of what crosses, and counters of the process.

use napi_derive::napi;

use crate::flight::memory;
use crate::flight::stream::open_streams;

/// Raised with every change of what `docs/internals/boundary.md` describes.
pub(crate) const BOUNDARY_VERSION: u32 = 9;

/// The kinds of messages in a delivery's words.
pub(crate) const DICTIONARY: u32 = 1;
pub(crate) const BATCH: u32 = 2;
pub(crate) const METADATA: u32 = 3;

/// The boundary that this addon speaks.
#[napi(catch_unwind)]
pub fn boundary_version() -> u32 {
    BOUNDARY_VERSION
}

/// The version of the package that this addon was built for.
#[napi(catch_unwind)]
pub fn addon_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Counters of the process, in bytes and pieces.
#[napi(object)]
pub struct NativeMemoryStats {
    pub handed_out_bytes: f64,
    pub handed_out_buffers: f64,
    pub used_bytes: f64,
    pub pooled_bytes: f64,
    pub received_body_bytes: f64,
    pub copied_body_bytes: f64,
    pub open_streams: f64,
}

#[napi(catch_unwind)]
pub fn memory_stats() -> NativeMemoryStats {
    let stats = memory::memory_stats();
    NativeMemoryStats {
        handed_out_bytes: stats.handed_out_bytes as f64,
        handed_out_buffers: stats.handed_out_buffers as f64,
        used_bytes: stats.used_bytes as f64,
        pooled_bytes: stats.pooled_bytes as f64,
        received_body_bytes: stats.received_body_bytes as f64,
        copied_body_bytes: stats.copied_body_bytes as f64,
        open_streams: open_streams() as f64,
    }
}

#[cfg(test)]
#[path = "boundary_test.rs"]
mod tests;
