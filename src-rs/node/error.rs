//! Errors as the text that crosses.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::error::{Acknowledged, Error};

/// See `docs/internals/boundary.md`.
pub(crate) fn error_text(error: &Error) -> String {
    json!({
        "code": error.code().as_str(),
        "message": error.message(),
        "grpcCode": error.grpc_code(),
        "details": if error.details().is_empty() { Value::Null } else { STANDARD.encode(error.details()).into() },
        "endpoint": error.endpoint().map(|endpoint| json!({ "index": endpoint.index, "location": endpoint.location })),
        "progress": error.progress().map(|progress| match progress.acknowledged {
            Some(Acknowledged(rows)) => json!({ "batches": progress.batches, "rows": progress.rows, "acknowledgedRows": rows }),
            None => json!({ "batches": progress.batches, "rows": progress.rows }),
        }),
        "column": error.column(),
        "retryable": error.is_retryable(),
        "hint": error.hint(),
        "causes": error.causes(),
    })
    .to_string()
}
