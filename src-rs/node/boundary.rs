//! The version of what crosses, and counters of the process.

use napi_derive::napi;

use crate::flight::memory;
use crate::flight::stream::open_streams;

/// Raised with every change of what `docs/internals/boundary.md` describes.
pub(crate) const BOUNDARY_VERSION: u32 = 4;

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
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// The constants as TypeScript reads them.
    fn generated() -> String {
        format!(
            "// Generated from src-rs/node/boundary.rs by `cargo test --features node`; set UPDATE_GENERATED=1 to write it anew.\n\n\
             /** What this TypeScript speaks with the addon. */\nexport const BOUNDARY_VERSION = {BOUNDARY_VERSION}\n\n\
             /** Kinds of messages in a delivery. */\nexport const DICTIONARY = {DICTIONARY}\nexport const BATCH = {BATCH}\nexport const METADATA = {METADATA}\n"
        )
    }

    #[test]
    fn typescript_has_the_constants_of_this_addon() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src-ts/native/layout.generated.ts");
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(path, generated()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), generated());
    }
}
