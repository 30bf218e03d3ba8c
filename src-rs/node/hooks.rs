//! Faults on demand. Compiled into addons for tests only.

use napi::Result;
use napi::bindgen_prelude::Env;
use napi_derive::napi;

use super::values::JsThread;
use super::{external, pressure};
use crate::{faults, flight::memory};

/// Makes a pass through a place panic, the first but for `skipped`; the numbers are those of `faults::Place`.
#[napi(catch_unwind, js_name = "__armPanic")]
pub fn arm_panic(place: u8, skipped: Option<u16>) {
    faults::arm(place, skipped.unwrap_or(0));
}

/// Makes the `nth` block that is asked for from here on be refused.
#[napi(catch_unwind, js_name = "__refuseBlock")]
pub fn refuse_block(nth: u32) {
    memory::refuse_block(nth);
}

/// The same for allocations of 256 KiB and more that are no blocks.
#[napi(catch_unwind, js_name = "__refuseAllocation")]
pub fn refuse_allocation(nth: u32) {
    faults::refuse_allocation(nth);
}

/// The same for ArrayBuffers over what was received.
#[napi(catch_unwind, js_name = "__refuseArrayBuffer")]
pub fn refuse_array_buffer(nth: u32) {
    external::refusal::arm(nth);
}

/// Whether a fault is still to come.
#[napi(catch_unwind, js_name = "__isArmed")]
pub fn is_armed() -> bool {
    faults::is_armed() || memory::blocks_to_refusal() > 0 || faults::allocations_to_refusal() > 0 || external::refusal::is_armed()
}

/// Bytes of external memory that V8 counts.
#[napi(catch_unwind, js_name = "__externalMemory")]
pub fn external_memory(env: Env) -> Result<f64> {
    // SAFETY: Node calls this on the environment's thread, with a handle scope open until it returns.
    let js = unsafe { JsThread::new(env.raw()) };
    pressure::counted(js).map(|bytes| bytes as f64)
}
