//! A result being read from JavaScript.

use std::sync::Arc;

use napi::Result;
use napi::bindgen_prelude::Env;
use napi_derive::napi;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::completion::promise;
use super::delivery::{EncodedDelivery, WordPlan, encode};
use super::values::Made;
use crate::arrow::format::schema_text;
use crate::arrow::layout::Decoded;
use crate::error::Error;
use crate::flight::result::ResultStream;

/// How much one delivery carries at most, its first message excepted: about one slab.
const DELIVERY_BYTES: usize = 4 << 20;
const DELIVERY_MESSAGES: usize = 256;

/// Reads a result. Garbage collection of an unread one cancels it.
#[napi]
pub struct NativeReader {
    state: Arc<Mutex<State>>,
    cancellation: CancellationToken,
}

pub(crate) enum State {
    Open {
        stream: Box<ResultStream>,
        plan: Option<Arc<WordPlan>>,
    },
    /// Why it could not be opened; said to whoever asks first.
    Failed(Error),
    Closed,
}

impl State {
    async fn schema_text(&mut self) -> crate::Result<String> {
        match self {
            Self::Open { stream, .. } => {
                let schema = stream.schema().await?;
                schema_text(&schema)
            }
            _ => Err(self.take_failure()),
        }
    }

    async fn next(&mut self) -> crate::Result<Option<EncodedDelivery>> {
        let Self::Open { stream, plan } = self else { return Err(self.take_failure()) };
        let (mut bytes, mut messages) = (0, 1);
        let delivery = stream
            .next(|message: &Decoded| {
                bytes += message.bytes();
                messages += 1;
                bytes <= DELIVERY_BYTES && messages <= DELIVERY_MESSAGES
            })
            .await?;
        let Some(delivery) = delivery else { return Ok(None) };
        let plan = match plan {
            Some(plan) => Arc::clone(plan),
            None => Arc::clone(plan.insert(Arc::new(WordPlan::new(stream.schema().await?.as_ref())))),
        };
        Ok(Some(encode(delivery, &plan)))
    }

    fn take_failure(&mut self) -> Error {
        match std::mem::replace(self, Self::Closed) {
            Self::Failed(error) => error,
            _ => Error::new(crate::Code::Closed, "the reader is closed"),
        }
    }

    /// The stream, for a consumer in Rust that reads it to its end.
    pub(crate) fn take_stream(&mut self) -> crate::Result<ResultStream> {
        match std::mem::replace(self, Self::Closed) {
            Self::Open { stream, .. } => Ok(*stream),
            Self::Failed(error) => Err(error),
            Self::Closed => Err(Error::new(crate::Code::Closed, "the reader is closed")),
        }
    }
}

impl NativeReader {
    /// `cancellation` ends the stream.
    pub(crate) fn new(opened: crate::Result<ResultStream>, cancellation: CancellationToken) -> Self {
        let state = match opened {
            Ok(stream) => State::Open { stream: Box::new(stream), plan: None },
            Err(error) => State::Failed(error),
        };
        Self { state: Arc::new(Mutex::new(state)), cancellation }
    }
}

#[napi]
impl NativeReader {
    /// `[error, schema text]`, once the stream's first message is there.
    #[napi(ts_return_type = "Promise<[string | null, string | null]>")]
    pub fn schema(&self, env: Env) -> Result<Made> {
        let state = Arc::clone(&self.state);
        promise(&env, async move { state.lock().await.schema_text().await }, |js, text| js.string(&text))
    }

    /// `[error, delivery]`; calls are answered in their order.
    #[napi(ts_return_type = "Promise<[string | null, unknown]>")]
    pub fn next(&self, env: Env) -> Result<Made> {
        let state = Arc::clone(&self.state);
        promise(&env, async move { state.lock().await.next().await }, |js, delivery| match delivery {
            Some(delivery) => delivery.into_value(js),
            None => js.null(),
        })
    }

    /// `[error, ArrayBuffer]`: what is left of the stream as one Arrow IPC stream.
    #[napi(ts_return_type = "Promise<[string | null, ArrayBuffer | null]>")]
    pub fn to_ipc(&self, env: Env) -> Result<Made> {
        let state = Arc::clone(&self.state);
        let work = async move {
            let stream = state.lock().await.take_stream()?;
            crate::export::ipc::stream_bytes(stream).await
        };
        promise(&env, work, super::external::owned_array_buffer)
    }

    /// Resets the stream. A call that waits is answered with `CANCELLED_BY_CALLER`.
    #[napi]
    pub fn cancel(&self) {
        self.cancellation.cancel();
        // What has been received is freed as soon as nobody is using it.
        let state = Arc::clone(&self.state);
        if let Ok(runtime) = super::runtime::runtime() {
            runtime.spawn(async move { *state.lock().await = State::Closed });
        }
    }
}

impl Drop for NativeReader {
    fn drop(&mut self) {
        self.cancellation.cancel();
    }
}
