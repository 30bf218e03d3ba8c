//! Faults on demand. Compiled into addons for tests only.

use napi_derive::napi;

/// Makes the next pass through a place panic; the numbers are those of `faults::Place`.
#[napi(catch_unwind, js_name = "__armPanic")]
pub fn arm_panic(place: u8) {
    crate::faults::arm(place);
}

/// Makes the next allocation of a body fail.
#[napi(catch_unwind, js_name = "__failNextAllocation")]
pub fn fail_next_allocation() {
    crate::flight::memory::fail_next_allocation();
}
