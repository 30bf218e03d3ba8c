//! Memory of the core as ArrayBuffers, without a copy.

use std::ffi::c_void;
use std::sync::LazyLock;

use napi::{Result, sys};

use super::values::{JsThread, check};
use crate::flight::memory::{HandOut, count_copied};

/// Hosts such as Electron refuse external buffers. The variable forces the same path elsewhere, for tests.
static REFUSED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("FLIGHTSQL_EXTERNAL_BUFFERS").is_some_and(|value| value == "off"));

/// An ArrayBuffer over memory that is handed out; a copy of it where the host allows no external buffers.
pub(crate) fn array_buffer(js: JsThread, memory: HandOut) -> Result<sys::napi_value> {
    #[cfg(feature = "test-hooks")]
    refusal::check()?;
    if memory.is_empty() || *REFUSED {
        return copied(js, &memory);
    }
    let (start, length) = (memory.as_ptr(), memory.len());
    let hint = Box::into_raw(Box::new(memory));
    let mut value = std::ptr::null_mut();
    // SAFETY: the memory stays valid until `finalize` drops the hand-out, which Node calls exactly once, when nothing refers to the
    // buffer any more. No other ArrayBuffer begins at `start`: regions are disjoint and each is handed out once.
    let status = unsafe { sys::napi_create_external_arraybuffer(js.env(), start.cast(), length, Some(finalize), hint.cast(), &mut value) };
    if status == sys::Status::napi_ok {
        return Ok(value);
    }
    // SAFETY: Node made no buffer, so that it will not call `finalize`.
    let memory = unsafe { Box::from_raw(hint) };
    if status == sys::Status::napi_no_external_buffers_allowed {
        return copied(js, &memory);
    }
    check(status)?;
    Ok(value)
}

fn copied(js: JsThread, memory: &HandOut) -> Result<sys::napi_value> {
    count_copied(memory.len());
    // SAFETY: the memory is alive as long as the hand-out, and it was handed to nobody.
    let bytes = unsafe { std::slice::from_raw_parts(memory.as_ptr(), memory.len()) };
    js.array_buffer_copy(bytes)
}

/// Called by Node, on whichever thread ends the buffer.
unsafe extern "C" fn finalize(_env: sys::napi_env, _data: *mut c_void, hint: *mut c_void) {
    // SAFETY: `hint` is the box that `array_buffer` made, and this is the one call for it.
    let memory = unsafe { Box::from_raw(hint.cast::<HandOut>()) };
    // A panic must not unwind into Node.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _memory = memory;
        #[cfg(feature = "test-hooks")]
        crate::faults::panic_if_armed(crate::faults::Place::Finalizer);
    }));
}

/// An ArrayBuffer over a vector, which it owns from then on.
pub(crate) fn owned_array_buffer(js: JsThread, bytes: Vec<u8>) -> Result<sys::napi_value> {
    if bytes.is_empty() || *REFUSED {
        return js.array_buffer_copy(&bytes);
    }
    let owner = Box::into_raw(Box::new(bytes));
    // SAFETY: just made, and nobody else has it.
    let (start, length) = unsafe { ((*owner).as_mut_ptr(), (*owner).len()) };
    let mut value = std::ptr::null_mut();
    // SAFETY: the vector stays where it is until `finalize_vector` drops it, once.
    let status =
        unsafe { sys::napi_create_external_arraybuffer(js.env(), start.cast(), length, Some(finalize_vector), owner.cast(), &mut value) };
    if status == sys::Status::napi_ok {
        return Ok(value);
    }
    // SAFETY: Node made no buffer, so that it will not call `finalize_vector`.
    let bytes = unsafe { Box::from_raw(owner) };
    if status == sys::Status::napi_no_external_buffers_allowed {
        return js.array_buffer_copy(&bytes);
    }
    check(status)?;
    Ok(value)
}

unsafe extern "C" fn finalize_vector(_env: sys::napi_env, _data: *mut c_void, owner: *mut c_void) {
    // SAFETY: the box that `owned_array_buffer` made; Node calls this once.
    let bytes = unsafe { Box::from_raw(owner.cast::<Vec<u8>>()) };
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _bytes = bytes;
        #[cfg(feature = "test-hooks")]
        crate::faults::panic_if_armed(crate::faults::Place::VectorFinalizer);
    }));
}

/// ArrayBuffers that Node is made to refuse, for tests.
#[cfg(feature = "test-hooks")]
pub(crate) mod refusal {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use napi::{Error, Result, Status};

    static NTH: AtomicU32 = AtomicU32::new(0);

    /// Makes the `nth` ArrayBuffer of a delivery from here on be refused, once; 0 disarms.
    pub(crate) fn arm(nth: u32) {
        NTH.store(nth, Relaxed);
    }

    pub(crate) fn is_armed() -> bool {
        NTH.load(Relaxed) > 0
    }

    pub(super) fn check() -> Result<()> {
        if is_armed() && NTH.fetch_sub(1, Relaxed) == 1 {
            return Err(Error::new(Status::GenericFailure, "Node refused to make a value"));
        }
        Ok(())
    }
}
