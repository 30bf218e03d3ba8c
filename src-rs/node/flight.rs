//! The calls of plain Flight.

use std::convert::identity;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use arrow_flight::{Action, FlightDescriptor};
use bytes::Bytes;
use futures::StreamExt;
use futures::future::BoxFuture;
use napi::Result;
use napi::bindgen_prelude::{Buffer, Env};
use napi_derive::napi;
use prost::Message;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::client::{NativeClient, damaged};
use super::completion::promise;
use super::options::NativeCall;
use super::runtime::runtime;
use super::transaction::id_of;
use super::values::Made;
use crate::error::Error;
use crate::sql::client::Client;
use crate::sql::flight::Encoded;
use crate::transport::call::Call;

/// The most messages that cross at once.
const AT_ONCE: usize = 256;

/// Messages of a call that answers with any number of them. Garbage collection cancels it.
#[napi]
pub struct NativeMessages {
    state: Arc<Mutex<Messages>>,
    call: Call,
    home: usize,
}

enum Messages {
    Unopened(BoxFuture<'static, crate::Result<Encoded>>),
    Open(Encoded),
    /// What came before it was handed over first.
    Failed(Error),
    Ended,
}

impl Messages {
    /// Some messages; none at the end.
    async fn next(&mut self) -> crate::Result<Vec<Bytes>> {
        if let Self::Unopened(opening) = self {
            match opening.await {
                Ok(messages) => *self = Self::Open(messages),
                Err(error) => {
                    *self = Self::Ended;
                    return Err(error);
                }
            }
        }
        match std::mem::replace(self, Self::Ended) {
            Self::Open(mut messages) => {
                let Some(ready) = (&mut messages).ready_chunks(AT_ONCE).next().await else { return Ok(Vec::new()) };
                let mut some = Vec::with_capacity(ready.len());
                for message in ready {
                    match message {
                        Ok(message) => some.push(message),
                        Err(error) if some.is_empty() => return Err(error),
                        Err(error) => {
                            *self = Self::Failed(error);
                            return Ok(some);
                        }
                    }
                }
                *self = Self::Open(messages);
                Ok(some)
            }
            Self::Failed(error) => Err(error),
            Self::Ended | Self::Unopened(_) => Ok(Vec::new()),
        }
    }
}

#[napi]
impl NativeMessages {
    /// `[error, messages]`: some of them, none at the end.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer[] | null]>")]
    pub fn next(&self, env: Env) -> Result<Made> {
        let (state, call) = (Arc::clone(&self.state), self.call.clone());
        let work = async move { call.bound(async { state.lock().await.next().await }).await };
        promise(&env, runtime(self.home), identity, work, |js, messages| {
            let messages = messages.iter().map(|message| js.buffer(message)).collect::<Result<Vec<_>>>()?;
            js.array(&messages)
        })
    }

    /// Ends the call, if it has not ended.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.call.cancellation.cancel();
    }
}

impl Drop for NativeMessages {
    fn drop(&mut self) {
        self.call.cancellation.cancel();
    }
}

#[napi]
impl NativeClient {
    /// `[error, FlightInfo message]` of a FlightDescriptor message
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn flight_info(&self, env: Env, descriptor: Buffer, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, descriptor) = (self.client.clone(), call.resolve()?, descriptor_of(&descriptor));
        let work = async move { client.flight_info(descriptor?, &call).await.map(|info| info.encode_to_vec()) };
        promise(&env, runtime(self.home), identity, work, |js, info| js.buffer(&info))
    }

    /// `[error, encapsulated IPC schema message]` of a FlightDescriptor message
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn flight_schema(&self, env: Env, descriptor: Buffer, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, descriptor) = (self.client.clone(), call.resolve()?, descriptor_of(&descriptor));
        promise(&env, runtime(self.home), identity, async move { client.flight_schema(descriptor?, &call).await }, |js, schema| {
            js.buffer(&schema)
        })
    }

    /// `[error, PollInfo message]` of a FlightDescriptor message
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn poll_flight_info(&self, env: Env, descriptor: Buffer, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, descriptor) = (self.client.clone(), call.resolve()?, descriptor_of(&descriptor));
        let work = async move { client.poll(descriptor?, &call).await.map(|info| info.encode_to_vec()) };
        promise(&env, runtime(self.home), identity, work, |js, info| js.buffer(&info))
    }

    /// The bodies of an action's results.
    #[napi(catch_unwind)]
    pub fn do_action(&self, name: String, body: Buffer, call: NativeCall) -> Result<NativeMessages> {
        let action = Action { r#type: name, body: id_of(&body) };
        self.messages(&call, |client, call| Box::pin(async move { client.do_action(action, &call).await }))
    }

    /// ActionType messages.
    #[napi(catch_unwind)]
    pub fn list_actions(&self, call: NativeCall) -> Result<NativeMessages> {
        self.messages(&call, |client, call| Box::pin(async move { client.list_actions(&call).await }))
    }

    /// FlightInfo messages.
    #[napi(catch_unwind)]
    pub fn list_flights(&self, criteria: Buffer, call: NativeCall) -> Result<NativeMessages> {
        let criteria = id_of(&criteria);
        self.messages(&call, |client, call| Box::pin(async move { client.list_flights(criteria, &call).await }))
    }

    /// The payloads that a handshake is answered with.
    #[napi(catch_unwind)]
    pub fn handshake(&self, payload: Buffer, call: NativeCall) -> Result<NativeMessages> {
        let payload = id_of(&payload);
        self.messages(&call, |client, call| Box::pin(async move { client.handshake(payload, &call).await }))
    }

    fn messages(
        &self,
        call: &NativeCall,
        open: impl FnOnce(Client, Call) -> BoxFuture<'static, crate::Result<Encoded>>,
    ) -> Result<NativeMessages> {
        self.calls.fetch_add(1, Relaxed);
        let call = call.resolve()?;
        let cancellation: CancellationToken = call.cancellation.child_token();
        let call = Call { cancellation, ..call };
        let opening = open(self.client.clone(), call.clone());
        Ok(NativeMessages { state: Arc::new(Mutex::new(Messages::Unopened(opening))), call, home: self.home })
    }
}

fn descriptor_of(bytes: &[u8]) -> crate::Result<FlightDescriptor> {
    FlightDescriptor::decode(bytes).map_err(|cause| damaged("FlightDescriptor", cause))
}
