//! What is on its way to a server: parameters, rows, and what plain Flight puts.

use std::cell::Cell;
use std::convert::identity;
use std::future::Future;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};

use arrow_flight::FlightDescriptor;
use futures::FutureExt;
use napi::Result;
use napi::bindgen_prelude::{Array, Buffer, Env, Float64ArraySlice, Uint8ArraySlice};
use napi_derive::napi;
use prost::Message;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use super::client::{NativeClient, damaged};
use super::completion::{nothing, promise};
use super::ingest::NativeIngest;
use super::options::{NativeCall, invalid};
use super::query::with_bytes;
use super::reader::NativeReader;
use super::runtime::runtime;
use super::transaction::id_of;
use super::upload::{Awaiting, Begin, State, encode, lent};
use super::values::Made;
use crate::arrow::outgoing::{IpcStream, LentMessage, OutgoingMessage, OutgoingSchema};
use crate::error::{Error, Progress};
use crate::flight::put::{Put, Sent, Upload};
use crate::sql::client::Client;
use crate::sql::prepared::{Binding, Bound};
use crate::transport::call::Call;
use crate::transport::http2::SentHere;

/// What is sent in a row without a turn of the event loop, in bytes: promises that are resolved at once give it none.
const AT_ONCE: usize = 16 << 20;

/// What is larger is copied, to be sent by the connection's task: little of it would find room in the socket, and the rest would be copied late, while
/// nothing is sent.
const MOST_HERE: usize = 1 << 20;

/// What a message counts for at least.
const LEAST_AT_ONCE: usize = 64 << 10;

/// A DoPut under way. Garbage collection of one that was not finished cancels it.
#[napi]
pub struct NativePut {
    schema: Option<OutgoingSchema>,
    answer: Answer,
    state: Arc<Mutex<State>>,
    sent: Arc<Sent>,
    /// Fires when the call is over.
    over: CancellationToken,
    /// Of an exchange, until it is taken.
    reader: std::sync::Mutex<Option<NativeReader>>,
    cancellation: CancellationToken,
    home: usize,
    /// Bytes of messages that were sent without waiting, one after another.
    at_once: Cell<usize>,
    /// Whether batches like the last ones are sent from where they lie, as soon as nothing waits before them.
    is_direct: Cell<bool>,
}

/// What has been sent of an upload.
#[napi(object)]
pub struct NativeSent {
    pub batches: f64,
    pub rows: f64,
}

/// What became of a batch that was to be sent from this thread.
enum Here {
    /// Nothing: it is sent otherwise.
    No,
    Sent,
    /// The server's window is too small for it; it is sent as all others are.
    Copied(crate::Result<Vec<OutgoingMessage>>),
    /// There is something left, in memory of this side's: what h2 has, and messages behind that.
    Begun {
        rest: Option<CancellationToken>,
        messages: crate::Result<Vec<OutgoingMessage>>,
    },
}

fn owned<'a>(lent: impl Iterator<Item = LentMessage<'a>>) -> crate::Result<Vec<OutgoingMessage>> {
    lent.map(LentMessage::into_owned).collect()
}

/// What the server's answers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Handle,
    Count,
    /// Whatever the server likes.
    None,
}

impl From<Binding> for Answer {
    fn from(binding: Binding) -> Self {
        match binding {
            Binding::Query => Self::Handle,
            Binding::Update => Self::Count,
        }
    }
}

#[napi]
impl NativePut {
    /// Sends a message: words and buffers as `docs/internals/boundary.md` describes them, sent or copied before this returns, and application metadata
    /// with the last of what it becomes. `[error, null]`, once there was room; no promise of it where there was at once.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]> | null")]
    pub fn write(&self, env: Env, words: Float64ArraySlice, buffers: Array, app_metadata: Option<Buffer>) -> Result<Made> {
        let here = match app_metadata {
            None => with_bytes(&buffers, |buffers| self.send_here(&words, buffers))?,
            Some(_) => Here::No,
        };
        let mut messages = match here {
            Here::Sent => return nothing(&env),
            Here::Begun { rest, messages } => {
                let turn = self.turn();
                let work = async move {
                    let mut state = turn.await;
                    if let Some(rest) = rest {
                        state.drained(rest).await?;
                    }
                    state.send(messages).await
                };
                return promise(&env, runtime(self.home), identity, work, |js, ()| js.null());
            }
            Here::Copied(messages) => messages,
            Here::No => with_bytes(&buffers, |buffers| encode(self.schema.as_ref(), &words, buffers))?,
        };
        if let (Ok(messages), Some(metadata)) = (&mut messages, app_metadata) {
            if messages.is_empty() {
                messages.push(OutgoingMessage::default());
            }
            if let Some(last) = messages.last_mut() {
                last.app_metadata = metadata.to_vec();
            }
        }
        let messages = match self.send_now(messages) {
            Ok(()) => return nothing(&env),
            Err(messages) => messages,
        };
        let turn = self.turn();
        let work = async move { turn.await.send(messages).await };
        promise(&env, runtime(self.home), identity, work, |js, ()| js.null())
    }

    /// Sends a part of an Arrow IPC stream or file, copied before this returns. `[error, null]`, once there was room for what it completes.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn write_ipc(&self, env: Env, bytes: Uint8ArraySlice) -> Result<Made> {
        let (turn, bytes) = (self.turn(), bytes.to_vec());
        let work = async move { turn.await.send_ipc(bytes).await };
        promise(&env, runtime(self.home), identity, work, |js, ()| js.null())
    }

    /// Says that nothing more comes. `[error, [handle | null, count | null]]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, [Buffer | null, bigint | null] | null]>")]
    pub fn finish(&self, env: Env) -> Result<Made> {
        let (turn, answer) = (self.turn(), self.answer);
        let work = async move {
            let answers = turn.await.finish().await?;
            match answer {
                Answer::Handle => Bound::of(&answers, Binding::Query),
                // Some servers end the call well without having read what was sent.
                Answer::Count if answers.is_empty() => {
                    Err(Error::protocol("the server ended the call without saying what became of the rows that it was sent"))
                }
                Answer::Count => Bound::of(&answers, Binding::Update),
                Answer::None => Ok(Bound::default()),
            }
        };
        promise(&env, runtime(self.home), identity, work, |js, bound| {
            let handle = bound.handle.map_or_else(|| js.null(), |handle| js.buffer(&handle))?;
            let count = bound.count.and_then(|count| u64::try_from(count).ok()).map_or_else(|| js.null(), |count| js.big(count))?;
            js.array(&[handle, count])
        })
    }

    /// As [`NativePut::finish`], for a DoPut of plain Flight. `[error, application metadata of each answer]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer[] | null]>")]
    pub fn finish_plain(&self, env: Env) -> Result<Made> {
        let turn = self.turn();
        let work = async move { turn.await.finish().await };
        promise(&env, runtime(self.home), identity, work, |js, answers| {
            let answers = answers.iter().map(|answer| js.buffer(&answer.app_metadata)).collect::<Result<Vec<_>>>()?;
            js.array(&answers)
        })
    }

    /// Resolves once the call is over, for whatever reason: [`NativePut::finish`] tells it. Of no use for an exchange. `[error, null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn ended(&self, env: Env) -> Result<Made> {
        let (over, cancellation) = (self.over.clone(), self.cancellation.clone());
        let work = async move {
            tokio::select! {
                () = over.cancelled() => {}
                () = cancellation.cancelled() => {}
            }
            Ok(())
        };
        promise(&env, runtime(self.home), identity, work, |js, ()| js.null())
    }

    /// What the connection has taken so far.
    #[napi(catch_unwind)]
    pub fn sent(&self) -> NativeSent {
        let Progress { batches, rows, .. } = self.sent.progress();
        NativeSent { batches: batches as f64, rows: rows as f64 }
    }

    /// Whether batches go from where they lie: then one is best made when the one before it was answered, as it is copied otherwise.
    #[napi(catch_unwind)]
    pub fn is_direct(&self) -> bool {
        self.is_direct.get()
    }

    /// Ends the call, if it has not ended; not an exchange, which its reader ends.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.cancellation.cancel();
    }

    /// What an exchange is answered with; once.
    #[napi(catch_unwind)]
    pub fn reader(&self) -> Option<NativeReader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl NativePut {
    /// Sends a batch from this thread and from where it lies, where that can be done.
    fn send_here(&self, words: &[f64], buffers: &[&[u8]]) -> Here {
        let Some(schema) = &self.schema else { return Here::No };
        if buffers.iter().map(|buffer| buffer.len()).sum::<usize>() > MOST_HERE {
            self.is_direct.set(false);
            return Here::No;
        }
        let Ok(mut state) = self.state.try_lock() else { return Here::No };
        let State::Open(put, None) = &mut *state else { return Here::No };
        if !put.sends_here() {
            return Here::No;
        }
        let lent = match lent(schema, words, buffers) {
            Ok(Some(lent)) => lent,
            Ok(None) => return Here::No,
            Err(error) => return Here::Begun { rest: None, messages: Err(error) },
        };
        let mut lent = lent.into_iter().peekable();
        let mut bytes = self.at_once.take();
        while bytes <= AT_ONCE
            && let Some(message) = lent.peek()
        {
            match put.send_here(message) {
                SentHere::Whole => {}
                SentHere::InPart(rest) => {
                    lent.next();
                    self.is_direct.set(true);
                    return Here::Begun { rest: Some(rest), messages: owned(lent) };
                }
                // A window that was large enough before will be so again.
                SentHere::Shut if !self.is_direct.get() => {
                    self.at_once.set(bytes);
                    return Here::Copied(owned(lent));
                }
                SentHere::Busy | SentHere::Shut => break,
            }
            self.is_direct.set(true);
            bytes += message.bytes.max(LEAST_AT_ONCE);
            lent.next();
        }
        if bytes <= AT_ONCE && lent.peek().is_none() {
            self.at_once.set(bytes);
            return Here::Sent;
        }
        // What is left waits for its turn, or this for one of the event loop's.
        Here::Begun { rest: None, messages: owned(lent) }
    }

    /// Sends messages where that needs no waiting, and no task: gives them back where it does.
    fn send_now(&self, messages: crate::Result<Vec<OutgoingMessage>>) -> std::result::Result<(), crate::Result<Vec<OutgoingMessage>>> {
        let messages = messages.map_err(Err)?;
        if messages.iter().any(OutgoingMessage::is_to_be_compressed) {
            return Err(Ok(messages));
        }
        let bytes = messages.iter().map(|message| message.bytes().max(LEAST_AT_ONCE)).sum::<usize>();
        let so_far = self.at_once.replace(0) + bytes;
        if so_far > AT_ONCE {
            return Err(Ok(messages));
        }
        // Whoever waits for it comes first: then it is not to be had.
        match self.state.try_lock().as_deref_mut() {
            Ok(State::Open(put, _)) => put.send_now(messages).map_err(Ok)?,
            _ => return Err(Ok(messages)),
        }
        self.at_once.set(so_far);
        Ok(())
    }

    /// The upload, for this call before any later one: they wait in the order in which they were made, whichever of their tasks runs first.
    fn turn(&self) -> impl Future<Output = OwnedMutexGuard<State>> + Send + use<> {
        let mut lock = Box::pin(Arc::clone(&self.state).lock_owned());
        // Asked once, it has its place in the queue.
        let ready = lock.as_mut().now_or_never();
        async move {
            match ready {
                Some(state) => state,
                None => lock.await,
            }
        }
    }

    fn new(
        schema: Option<OutgoingSchema>,
        answer: Answer,
        state: State,
        (sent, over): (Arc<Sent>, CancellationToken),
        cancellation: CancellationToken,
        home: usize,
    ) -> Self {
        Self {
            schema,
            answer,
            state: Arc::new(Mutex::new(state)),
            sent,
            over,
            reader: std::sync::Mutex::default(),
            cancellation,
            home,
            at_once: Cell::new(0),
            is_direct: Cell::new(false),
        }
    }
}

impl Drop for NativePut {
    fn drop(&mut self) {
        self.cancellation.cancel();
    }
}

#[napi]
impl NativeClient {
    /// Begins to send parameters of a prepared statement: `binding` is `query` or `update`, `schema` a schema text, or `null` where nothing will
    /// be written.
    #[napi(catch_unwind)]
    pub fn put_parameters(&self, handle: Buffer, binding: String, schema: Option<String>, call: NativeCall) -> Result<NativePut> {
        self.calls.fetch_add(1, Relaxed);
        let binding = match binding.as_str() {
            "query" => Binding::Query,
            "update" => Binding::Update,
            other => return Err(invalid(format!("'{other}' is nothing that parameters are for"))),
        };
        let handle = id_of(&handle);
        self.begin_put(schema, binding.into(), &call, |client, upload, call| Ok(client.put_parameters(handle, binding, upload, call)))
    }

    /// Begins to send rows into a table. `schema` is a schema text, or `null` where what comes is Arrow IPC, which begins with its own.
    #[napi(catch_unwind)]
    pub fn ingest(&self, request: NativeIngest, schema: Option<String>, call: NativeCall) -> Result<NativePut> {
        self.calls.fetch_add(1, Relaxed);
        let command = request.resolve()?;
        if schema.is_none() {
            return self.await_schema(Box::new(move |client, upload, call| client.ingest(command, upload, call)), &call);
        }
        self.begin_put(schema, Answer::Count, &call, |client, upload, call| Ok(client.ingest(command, upload, call)))
    }

    /// Begins a DoPut of plain Flight, given a FlightDescriptor message.
    #[napi(catch_unwind)]
    pub fn do_put(&self, descriptor: Buffer, schema: Option<String>, call: NativeCall) -> Result<NativePut> {
        self.calls.fetch_add(1, Relaxed);
        let descriptor = FlightDescriptor::decode(descriptor.as_ref()).map_err(|cause| damaged("FlightDescriptor", cause));
        self.begin_put(schema, Answer::None, &call, |client, upload, call| Ok(client.do_put(descriptor?, upload, call)))
    }

    /// Begins a DoExchange of plain Flight, given a FlightDescriptor message; [`NativePut::reader`] has the other direction.
    #[napi(catch_unwind)]
    pub fn do_exchange(&self, descriptor: Buffer, schema: Option<String>, call: NativeCall) -> Result<NativePut> {
        self.calls.fetch_add(1, Relaxed);
        let descriptor = FlightDescriptor::decode(descriptor.as_ref()).map_err(|cause| damaged("FlightDescriptor", cause));
        let mut stream = None;
        let mut put = self.begin_put(schema, Answer::None, &call, |client, upload, call| {
            let (put, answers) = client.do_exchange(descriptor?, upload, call)?;
            stream = Some(answers);
            Ok(put)
        })?;
        if let Some(stream) = stream {
            // Who reads ends both directions. This object, which may be collected once all is sent, ends neither: what is not sent to its end is reset.
            let reading = std::mem::take(&mut put.cancellation);
            *put.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(NativeReader::new(Ok(stream), reading, self.home));
        }
        Ok(put)
    }

    fn begin_put(
        &self,
        schema: Option<String>,
        answer: Answer,
        call: &NativeCall,
        begin: impl FnOnce(&Client, Upload, Call) -> crate::Result<Put>,
    ) -> Result<NativePut> {
        let (call, codec) = (call.resolve()?, call.codec()?);
        let cancellation = call.cancellation.child_token();
        let call = Call { cancellation: cancellation.clone(), ..call };
        let (sent, over) = (Arc::<Sent>::default(), CancellationToken::new());
        let begun =
            schema.map(|text| OutgoingSchema::of_text(&text).map(|schema| schema.compressing(codec))).transpose().and_then(|schema| {
                let runtime = runtime(self.home)?;
                let _entered = runtime.enter();
                let upload = Upload { schema: schema.as_ref().map(OutgoingSchema::message), sent: Arc::clone(&sent), over: over.clone() };
                let put = begin(&self.client, upload, call)?;
                Ok((schema, put))
            });
        let (schema, state) = match begun {
            Ok((schema, put)) => (schema, State::Open(put, None)),
            Err(error) => (None, State::Failed(error)),
        };
        Ok(NativePut::new(schema, answer, state, (sent, over), cancellation, self.home))
    }

    fn await_schema(&self, begin: Begin, call: &NativeCall) -> Result<NativePut> {
        let (call, codec) = (call.resolve()?, call.codec()?);
        let cancellation = call.cancellation.child_token();
        let call = Call { cancellation: cancellation.clone(), ..call };
        let (sent, over) = (Arc::<Sent>::default(), CancellationToken::new());
        let upload = Upload { schema: None, sent: Arc::clone(&sent), over: over.clone() };
        let awaiting = Awaiting { stream: IpcStream::compressing(codec), client: self.client.clone(), begin, upload, call };
        Ok(NativePut::new(None, Answer::Count, State::Awaiting(Box::new(awaiting)), (sent, over), cancellation, self.home))
    }
}
