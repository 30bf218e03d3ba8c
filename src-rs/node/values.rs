//! JavaScript values, made with the raw Node-API: a delivery makes hundreds of them, and each call counts.

use std::ptr;

use napi::bindgen_prelude::ToNapiValue;
use napi::{Error, Result, Status, sys};

/// A value that has been made already.
pub struct Made(pub(crate) sys::napi_value);

impl ToNapiValue for Made {
    unsafe fn to_napi_value(_env: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        Ok(value.0)
    }
}

/// An environment on its own thread, with a handle scope open. What only such code may do takes this as its proof.
#[derive(Clone, Copy)]
pub(crate) struct JsThread {
    env: sys::napi_env,
}

impl JsThread {
    /// # Safety
    /// `env` must be alive, this must be its thread, and a handle scope must be open for as long as the value is used.
    pub(crate) unsafe fn new(env: sys::napi_env) -> Self {
        Self { env }
    }

    pub(crate) fn env(self) -> sys::napi_env {
        self.env
    }

    fn make(call: impl FnOnce(*mut sys::napi_value) -> sys::napi_status) -> Result<sys::napi_value> {
        let mut value = ptr::null_mut();
        check(call(&mut value))?;
        Ok(value)
    }

    pub(crate) fn null(self) -> Result<sys::napi_value> {
        // SAFETY: this is the environment's thread.
        Self::make(|value| unsafe { sys::napi_get_null(self.env, value) })
    }

    pub(crate) fn string(self, text: &str) -> Result<sys::napi_value> {
        let length = isize::try_from(text.len()).map_err(|_| too_long())?;
        // SAFETY: as above; the text lives for the call.
        Self::make(|value| unsafe { sys::napi_create_string_utf8(self.env, text.as_ptr().cast(), length, value) })
    }

    pub(crate) fn number(self, number: f64) -> Result<sys::napi_value> {
        // SAFETY: as above.
        Self::make(|value| unsafe { sys::napi_create_double(self.env, number, value) })
    }

    pub(crate) fn boolean(self, boolean: bool) -> Result<sys::napi_value> {
        // SAFETY: as above.
        Self::make(|value| unsafe { sys::napi_get_boolean(self.env, boolean, value) })
    }

    pub(crate) fn big(self, number: u64) -> Result<sys::napi_value> {
        // SAFETY: as above.
        Self::make(|value| unsafe { sys::napi_create_bigint_uint64(self.env, number, value) })
    }

    pub(crate) fn array(self, items: &[sys::napi_value]) -> Result<sys::napi_value> {
        // SAFETY: as above.
        let array = Self::make(|value| unsafe { sys::napi_create_array_with_length(self.env, items.len(), value) })?;
        for (at, item) in items.iter().enumerate() {
            let at = u32::try_from(at).map_err(|_| too_long())?;
            // SAFETY: as above; both values belong to this scope.
            check(unsafe { sys::napi_set_element(self.env, array, at, *item) })?;
        }
        Ok(array)
    }

    pub(crate) fn object(self, properties: &[(&str, sys::napi_value)]) -> Result<sys::napi_value> {
        // SAFETY: as above.
        let object = Self::make(|value| unsafe { sys::napi_create_object(self.env, value) })?;
        for (name, item) in properties {
            let name = self.string(name)?;
            // SAFETY: as above; all three values belong to this scope.
            check(unsafe { sys::napi_set_property(self.env, object, name, *item) })?;
        }
        Ok(object)
    }

    /// A Node Buffer with a copy of `bytes`.
    pub(crate) fn buffer(self, bytes: &[u8]) -> Result<sys::napi_value> {
        let mut ignored = ptr::null_mut();
        // SAFETY: as above; the bytes live for the call.
        Self::make(|value| unsafe { sys::napi_create_buffer_copy(self.env, bytes.len(), bytes.as_ptr().cast(), &mut ignored, value) })
    }

    /// An ArrayBuffer of JavaScript's own with a copy of `bytes`.
    pub(crate) fn array_buffer_copy(self, bytes: &[u8]) -> Result<sys::napi_value> {
        let mut target = ptr::null_mut();
        // SAFETY: as above.
        let buffer = Self::make(|value| unsafe { sys::napi_create_arraybuffer(self.env, bytes.len(), &mut target, value) })?;
        if !bytes.is_empty() {
            // SAFETY: the buffer was made with this very length, and it is new.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), target.cast::<u8>(), bytes.len()) };
        }
        Ok(buffer)
    }

    pub(crate) fn float64_array(self, numbers: &[f64]) -> Result<sys::napi_value> {
        // SAFETY: numbers are plain bytes.
        let bytes = unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast::<u8>(), size_of_val(numbers)) };
        let buffer = self.array_buffer_copy(bytes)?;
        // SAFETY: the buffer holds exactly so many numbers.
        Self::make(|value| unsafe {
            sys::napi_create_typedarray(self.env, sys::TypedarrayType::float64_array, numbers.len(), buffer, 0, value)
        })
    }
}

pub(crate) fn check(status: sys::napi_status) -> Result<()> {
    if status == sys::Status::napi_ok { Ok(()) } else { Err(Error::new(Status::from(status), "Node refused to make a value")) }
}

fn too_long() -> Error {
    Error::new(Status::InvalidArg, "a value is too long for JavaScript")
}
