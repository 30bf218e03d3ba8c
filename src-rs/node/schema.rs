//! Schemas that TypeScript holds as IPC messages.

use napi::Result;
use napi::bindgen_prelude::{Buffer, Env};
use napi_derive::napi;

use super::error::error_text;
use super::values::{JsThread, Made};
use crate::arrow::format;
use crate::arrow::schema::StreamSchema;

/// `[error, schema text]` of an encapsulated IPC schema message, as FlightInfo holds it.
#[napi(catch_unwind, ts_return_type = "[string | null, string | null]")]
pub fn schema_text(env: Env, message: Buffer) -> Result<Made> {
    // SAFETY: this is the environment's thread, and a call from JavaScript has a handle scope.
    let js = unsafe { JsThread::new(env.raw()) };
    let text = StreamSchema::of_encapsulated(&message).and_then(|schema| format::schema_text(&schema));
    let pair = match text {
        Ok(text) => js.array(&[js.null()?, js.string(&text)?]),
        Err(error) => js.array(&[js.string(&error_text(&error))?, js.null()?]),
    };
    pair.map(Made)
}
