//! A result being read from JavaScript.

use std::sync::Arc;

use napi::Result;
use napi::bindgen_prelude::Env;
use napi_derive::napi;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::completion::{Refusal, promise};
use super::delivery::{EncodedDelivery, WordPlan, encode};
use super::pressure::{HeldBack, LIMIT};
use super::runtime::runtime;
use super::values::{JsThread, Made};
use crate::arrow::format::schema_text;
use crate::arrow::layout::Decoded;
use crate::error::{Error, Progress};
use crate::flight::memory::handed_out_bytes;
use crate::flight::result::ResultStream;
use crate::flight::standing::Standing;

/// How much one delivery carries at most, its first message excepted: about one slab.
const DELIVERY_BYTES: usize = 4 << 20;
const DELIVERY_MESSAGES: usize = 256;

/// The same where everything is going to be kept: V8 starts a full collection with every 64 MiB of external memory that it learns of, but one
/// only for what it learns of at once. It begins with as little, so that what an earlier result left behind is collected, and its memory used
/// again, before much is taken. Messages are bounded too, as the event loop stands still while objects are made of them.
const LEAST_COLLECTED: usize = LIMIT;
const MOST_COLLECTED: usize = 256 << 20;
const COLLECTED_MESSAGES: usize = 512;

/// Reads a result. Garbage collection of an unread one cancels it.
#[napi]
pub struct NativeReader {
    state: Arc<Mutex<State>>,
    cancellation: CancellationToken,
    held_back: HeldBack,
    standing: Standing,
    /// Which runtime its calls run on.
    home: usize,
}

pub(crate) enum State {
    Open {
        stream: Box<ResultStream>,
        plan: Option<Arc<WordPlan>>,
        /// How much is collected next.
        to_collect: usize,
        /// Bytes collected, and of those how many V8 has been told of at once.
        collected: usize,
        told: usize,
    },
    /// Why it could not be opened; said to whoever asks first.
    Failed(Error),
    Closed,
}

/// What crosses next.
struct Next {
    /// Nothing where all that is left to say is the end.
    delivery: EncodedDelivery,
    /// If it was asked for.
    schema_text: Option<String>,
    /// Whether it is known that nothing comes after it.
    is_last: bool,
    /// Whether V8 shall not count its memory yet.
    hold_back: bool,
    /// How much has been delivered with it.
    progress: Progress,
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

    /// What is there, or where the caller keeps all of it anyway, as much as is worth a crossing.
    async fn next(&mut self, collect: bool, with_schema: bool) -> crate::Result<Next> {
        let schema_text = if with_schema { Some(self.schema_text().await?) } else { None };
        let Self::Open { stream, plan, to_collect, collected, told } = self else { return Err(self.take_failure()) };
        let mut deliveries = Vec::new();
        let (mut bytes, mut messages, mut is_last) = (0, 0, false);
        loop {
            let (most_bytes, most_messages) = (bytes + DELIVERY_BYTES, messages + DELIVERY_MESSAGES);
            messages += 1;
            let more = |message: &Decoded| {
                bytes += message.bytes();
                messages += 1;
                bytes <= most_bytes && messages <= most_messages
            };
            match stream.next(more).await {
                Ok(Some(delivery)) => {
                    // The first message of each is not asked about.
                    bytes += delivery.messages.first().map_or(0, Decoded::bytes);
                    deliveries.push(delivery);
                }
                Ok(None) => {
                    is_last = true;
                    break;
                }
                // What came before it is delivered first; the stream says it again when it is asked again.
                Err(_) if !deliveries.is_empty() => break,
                Err(error) => return Err(error),
            }
            if !collect || bytes >= *to_collect || messages >= COLLECTED_MESSAGES {
                break;
            }
        }
        if deliveries.is_empty() {
            return Ok(Next { delivery: EncodedDelivery::default(), schema_text, is_last, hold_back: false, progress: stream.progress() });
        }
        is_last |= stream.is_complete();
        // Where an earlier result may have left something, V8 is told of the first at once, so that it collects that.
        let others = handed_out_bytes().saturating_sub(*collected);
        let hold_back = collect && (*told >= LEAST_COLLECTED || others < LEAST_COLLECTED);
        *collected += bytes;
        if !hold_back {
            *told += bytes;
        }
        if collect {
            *to_collect = (*to_collect * 2).min(MOST_COLLECTED);
        }
        let plan = match plan {
            Some(plan) => Arc::clone(plan),
            None => Arc::clone(plan.insert(Arc::new(WordPlan::new(stream.schema().await?.as_ref())))),
        };
        Ok(Next { delivery: encode(deliveries, &plan), schema_text, is_last, hold_back, progress: stream.progress() })
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
    pub(crate) fn new(opened: crate::Result<ResultStream>, cancellation: CancellationToken, home: usize) -> Self {
        let standing = opened.as_ref().map(ResultStream::standing).unwrap_or_default();
        let state = match opened {
            Ok(stream) => State::Open { stream: Box::new(stream), plan: None, to_collect: LEAST_COLLECTED, collected: 0, told: 0 },
            Err(error) => State::Failed(error),
        };
        Self { state: Arc::new(Mutex::new(state)), cancellation, held_back: HeldBack::default(), standing, home }
    }

    /// Where what goes wrong beside the stream happened.
    fn locator(&self) -> impl Fn(Error) -> Error + Send + use<> {
        let standing = self.standing.clone();
        move |error| standing.locate(error)
    }
}

#[napi]
impl NativeReader {
    /// `[error, schema text]`, once the stream's first message is there.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, string | null]>")]
    pub fn schema(&self, env: Env) -> Result<Made> {
        let state = Arc::clone(&self.state);
        promise(&env, runtime(self.home), self.locator(), async move { state.lock().await.schema_text().await }, |js, text| {
            js.string(&text)
        })
    }

    /// `[error, delivery]`; calls are answered in their order. `collect` says that the caller keeps everything, `with_schema` that the schema comes with it.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, unknown]>")]
    pub fn next(&self, env: Env, collect: bool, with_schema: bool) -> Result<Made> {
        let state = Arc::clone(&self.state);
        let (held_back, standing) = (self.held_back.clone(), self.standing.clone());
        let work = async move { state.lock().await.next(collect, with_schema).await };
        promise(&env, runtime(self.home), self.locator(), work, move |js, next| -> std::result::Result<_, Refusal> {
            let held_back = next.hold_back.then_some(&held_back);
            let delivery = next.delivery.into_value(js, held_back, next.schema_text.as_deref(), next.is_last)?;
            standing.delivered(next.progress);
            Ok(delivery)
        })
    }

    /// Says that what was collected is complete, or that nobody waits for the rest: V8 counts its memory from now on.
    #[napi(catch_unwind)]
    pub fn collected(&self, env: Env) -> Result<()> {
        // SAFETY: Node calls this on the environment's thread, with a handle scope open until it returns.
        self.held_back.tell(unsafe { JsThread::new(env.raw()) })
    }

    /// Says that all of the result was taken in another way: its memory is that one's alone.
    #[napi(catch_unwind)]
    pub fn taken(&self) {
        if let Ok(mut state) = self.state.try_lock() {
            *state = State::Closed;
        }
    }

    /// `[error, ArrayBuffer]`: what is left of the stream as one Arrow IPC stream.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, ArrayBuffer | null]>")]
    pub fn to_ipc(&self, env: Env) -> Result<Made> {
        let state = Arc::clone(&self.state);
        let work = async move {
            let stream = state.lock().await.take_stream()?;
            crate::export::ipc::stream_bytes(stream).await
        };
        promise(&env, runtime(self.home), self.locator(), work, super::external::owned_array_buffer)
    }

    /// Resets the stream. A call that waits is answered with `CANCELLED_BY_CALLER`.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.cancellation.cancel();
        // What has been received is freed as soon as nobody is using it.
        let state = Arc::clone(&self.state);
        if let Ok(runtime) = runtime(self.home) {
            runtime.spawn(async move { *state.lock().await = State::Closed });
        }
    }
}

impl Drop for NativeReader {
    fn drop(&mut self) {
        self.cancellation.cancel();
    }
}
