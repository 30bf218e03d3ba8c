//! What `AbortSignal` becomes on this side.

use napi_derive::napi;
use tokio_util::sync::CancellationToken;

/// Cancels the calls that it was given to.
#[napi]
pub struct NativeCancellation {
    token: CancellationToken,
}

#[napi]
impl NativeCancellation {
    #[napi(catch_unwind, constructor)]
    pub fn new() -> Self {
        Self { token: CancellationToken::new() }
    }

    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.token.cancel();
    }
}

impl NativeCancellation {
    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}
