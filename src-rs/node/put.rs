//! Parameters on their way to a server.

use std::convert::identity;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use napi::Result;
use napi::bindgen_prelude::{Array, Buffer, Env, Float64ArraySlice, Uint8ArraySlice};
use napi_derive::napi;
use prost::Message;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::boundary::{BATCH, DICTIONARY};
use super::client::NativeClient;
use super::completion::promise;
use super::options::{NativeCall, invalid};
use super::runtime::runtime;
use super::transaction::id_of;
use super::values::Made;
use crate::arrow::outgoing::{Arrays, OutgoingMessage, OutgoingSchema};
use crate::error::{Code, Error};
use crate::flight::put::Put;
use crate::sql::prepared::{Binding, Bound};
use crate::transport::call::Call;

/// The most of a message, as far as rows can be told apart: servers refuse more than 4 MiB where nobody has told them otherwise.
const MESSAGE_LIMIT: usize = 3 << 20;

/// A DoPut under way. Garbage collection of one that was not finished cancels it.
#[napi]
pub struct NativePut {
    schema: Option<OutgoingSchema>,
    binding: Binding,
    state: Arc<Mutex<State>>,
    cancellation: CancellationToken,
    home: usize,
}

enum State {
    Open(Put),
    /// Why it could not be begun; said to whoever asks first.
    Failed(Error),
    Closed,
}

impl State {
    fn take_failure(&mut self) -> Error {
        match std::mem::replace(self, Self::Closed) {
            Self::Failed(error) => error,
            _ => Error::new(Code::Closed, "what was to be sent has been sent, or given up"),
        }
    }
}

#[napi]
impl NativePut {
    /// Sends a message: words and buffers as `docs/internals/boundary.md` describes them, copied before this returns. `[error, null]`, once there was room.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn write(&self, env: Env, words: Float64ArraySlice, buffers: Array) -> Result<Made> {
        let mut views = Vec::with_capacity(buffers.len() as usize);
        for at in 0..buffers.len() {
            views.push(buffers.get::<Uint8ArraySlice>(at)?.ok_or_else(|| invalid("a buffer is missing".into()))?);
        }
        let bytes: Vec<&[u8]> = views.iter().map(|view| &**view).collect();
        let messages = self.encode(&words, &bytes);
        let state = Arc::clone(&self.state);
        let work = async move {
            let mut state = state.lock().await;
            if !matches!(*state, State::Open(_)) {
                return Err(state.take_failure());
            }
            let messages = match messages {
                Ok(messages) => messages,
                Err(error) => {
                    *state = State::Closed;
                    return Err(error);
                }
            };
            for message in messages {
                let State::Open(put) = &mut *state else { return Err(state.take_failure()) };
                if let Err(error) = put.send(message).await {
                    *state = State::Closed;
                    return Err(error);
                }
            }
            Ok(())
        };
        promise(&env, runtime(self.home), identity, work, |js, ()| js.null())
    }

    /// Says that nothing more comes. `[error, [handle | null, count | null]]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, [Buffer | null, bigint | null] | null]>")]
    pub fn finish(&self, env: Env) -> Result<Made> {
        let (state, binding) = (Arc::clone(&self.state), self.binding);
        let work = async move {
            let mut state = state.lock().await;
            match std::mem::replace(&mut *state, State::Closed) {
                State::Open(put) => Bound::of(&put.finish().await?, binding),
                State::Failed(error) => Err(error),
                State::Closed => Err(state.take_failure()),
            }
        };
        promise(&env, runtime(self.home), identity, work, |js, bound| {
            let handle = bound.handle.map_or_else(|| js.null(), |handle| js.buffer(&handle))?;
            let count = bound.count.and_then(|count| u64::try_from(count).ok()).map_or_else(|| js.null(), |count| js.big(count))?;
            js.array(&[handle, count])
        })
    }

    /// Ends the call, if it has not ended.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.cancellation.cancel();
    }

    fn encode(&self, words: &[f64], buffers: &[&[u8]]) -> crate::Result<Vec<OutgoingMessage>> {
        let described = || Error::data("a message was described that is neither a batch nor a dictionary");
        let schema = self.schema.as_ref().ok_or_else(|| Error::data("a message was described without a schema"))?;
        match words {
            [kind, rows, words @ ..] if *kind == f64::from(BATCH) => {
                schema.batch(*rows as usize, &mut Arrays::new(words, buffers), MESSAGE_LIMIT)
            }
            [kind, slot, is_delta, words @ ..] if *kind == f64::from(DICTIONARY) => {
                schema.dictionary(*slot as usize, *is_delta != 0.0, &mut Arrays::new(words, buffers), MESSAGE_LIMIT)
            }
            _ => Err(described()),
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
    /// `[error, [handle, result schema, parameter schema]]`, the schemas as encapsulated IPC messages
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, [Buffer, Buffer, Buffer] | null]>")]
    pub fn prepare(&self, env: Env, sql: String, transaction: Option<Buffer>, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, transaction) = (self.client.clone(), call.resolve()?, transaction.as_deref().map(id_of));
        promise(&env, runtime(self.home), identity, async move { client.prepare(&sql, transaction, &call).await }, |js, prepared| {
            js.array(&[js.buffer(&prepared.handle)?, js.buffer(&prepared.result_schema)?, js.buffer(&prepared.parameter_schema)?])
        })
    }

    /// `[error, null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn close_prepared(&self, env: Env, handle: Buffer, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, handle) = (self.client.clone(), call.resolve()?, id_of(&handle));
        promise(&env, runtime(self.home), identity, async move { client.close_prepared(handle, &call).await }, |js, ()| js.null())
    }

    /// `[error, FlightInfo message]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn execute_prepared(&self, env: Env, handle: Buffer, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, handle) = (self.client.clone(), call.resolve()?, id_of(&handle));
        let work = async move { client.execute_prepared(handle, &call).await.map(|info| info.encode_to_vec()) };
        promise(&env, runtime(self.home), identity, work, |js, info| js.buffer(&info))
    }

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
        let call = call.resolve()?;
        let cancellation = call.cancellation.child_token();
        let call = Call { cancellation: cancellation.clone(), ..call };
        let schema = schema.map(|text| OutgoingSchema::of_text(&text)).transpose();
        let begun = schema.and_then(|schema| {
            let runtime = runtime(self.home)?;
            let _entered = runtime.enter();
            let message = schema.as_ref().map(OutgoingSchema::message);
            let put = self.client.put_parameters(id_of(&handle), binding, message, call);
            Ok((schema, put))
        });
        let (schema, state) = match begun {
            Ok((schema, put)) => (schema, State::Open(put)),
            Err(error) => (None, State::Failed(error)),
        };
        Ok(NativePut { schema, binding, state: Arc::new(Mutex::new(state)), cancellation, home: self.home })
    }
}
