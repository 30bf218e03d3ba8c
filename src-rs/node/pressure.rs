//! What V8 is told of memory that is handed to it.
//!
//! V8 counts external ArrayBuffers, and starts a full collection with every 64 MiB more than there were after the last one. While a result
//! is read that is kept whole, those collections find nothing and cost a fifth of what receiving it does. So what such a result hands over is
//! held back from V8's count until it has been read, or until so much is held back that a collection is worth it.

use std::ptr;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use napi::{Result, sys};

use super::values::{JsThread, check};

/// How much is held back at most.
const MOST: i64 = 1 << 30;

/// How much more than after the last full collection V8 waits for.
pub(crate) const LIMIT: usize = 64 << 20;

/// From this version of Node on nothing is held back: a later V8 ends the process where its count would fall below zero, and that cannot be ruled
/// out. The end of a worker frees buffers before anybody could tell V8 of them, and a server may send a dictionary that no batch uses.
const STRICT_NODE: u32 = 23;

/// What one result holds back. Its shares are used on the environment's thread only.
#[derive(Clone, Default)]
pub(crate) struct HeldBack(Arc<AtomicI64>);

impl HeldBack {
    /// An ArrayBuffer over `bytes` is about to be made, which V8 shall not count yet.
    pub(crate) fn hold_back(&self, js: JsThread, bytes: usize) -> Result<()> {
        // More at once than V8 waits for starts a collection either way.
        if !may_hold_back(js) || bytes >= LIMIT {
            return Ok(());
        }
        if self.0.load(Relaxed) >= MOST {
            self.tell(js)?;
        }
        let bytes = bytes as i64;
        adjust(js, -bytes)?;
        self.0.fetch_add(bytes, Relaxed);
        Ok(())
    }

    /// V8 counts what was held back.
    pub(crate) fn tell(&self, js: JsThread) -> Result<()> {
        match self.0.swap(0, Relaxed) {
            0 => Ok(()),
            bytes => adjust(js, bytes).map(drop),
        }
    }
}

fn may_hold_back(js: JsThread) -> bool {
    static MAJOR: OnceLock<u32> = OnceLock::new();
    let major = MAJOR.get_or_init(|| {
        let mut version = ptr::null();
        // SAFETY: this is the environment's thread.
        let status = unsafe { sys::napi_get_node_version(js.env(), &mut version) };
        if status != sys::Status::napi_ok || version.is_null() {
            return STRICT_NODE;
        }
        // SAFETY: Node's answer lives as long as the process.
        unsafe { (*version).major }
    });
    *major < STRICT_NODE
}

/// Returns what V8 counts from then on.
fn adjust(js: JsThread, by: i64) -> Result<i64> {
    let mut total = 0;
    // SAFETY: this is the environment's thread.
    check(unsafe { sys::napi_adjust_external_memory(js.env(), by, &mut total) })?;
    Ok(total)
}

#[cfg(feature = "test-hooks")]
pub(crate) fn counted(js: JsThread) -> Result<i64> {
    adjust(js, 0)
}
