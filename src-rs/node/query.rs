//! Queries whose result is read: executed and opened here, with nothing of JavaScript in between.

use std::convert::identity;
use std::sync::atomic::Ordering::Relaxed;

use arrow_flight::FlightInfo;
use bytes::Bytes;
use napi::bindgen_prelude::{Array, Buffer, Env, Float64ArraySlice, ToNapiValue, Uint8ArraySlice};
use napi::{Result, sys};
use napi_derive::napi;
use prost::Message;
use tokio_util::sync::CancellationToken;

use super::client::NativeClient;
use super::completion::promise;
use super::error::error_text;
use super::options::{NativeCall, invalid};
use super::put::{acknowledged, encode};
use super::reader::NativeReader;
use super::runtime::runtime;
use super::statement::{NativeStatement, Resolve};
use super::transaction::id_of;
use super::values::{JsThread, Made};
use crate::arrow::outgoing::{OutgoingMessage, OutgoingSchema};
use crate::flight::put::Upload;
use crate::flight::result::ResultStream;
use crate::sql::client::Client;
use crate::sql::prepared::{Binding, Bound};
use crate::transport::call::Call;

/// A result, as announced and on its way.
pub(super) struct Opened {
    info: Vec<u8>,
    stream: crate::Result<ResultStream>,
    cancellation: CancellationToken,
}

impl Opened {
    /// Begins to read. What is wrong with that is said to whoever reads.
    pub(super) fn new(client: &Client, info: FlightInfo, call: Call) -> Self {
        let cancellation = call.cancellation.child_token();
        let call = Call { cancellation: cancellation.clone(), ..call };
        Self { info: info.encode_to_vec(), stream: client.read(info, call), cancellation }
    }

    pub(super) fn into_reader(self, js: JsThread, home: usize) -> Result<sys::napi_value> {
        let reader = NativeReader::new(self.stream, self.cancellation, home);
        // SAFETY: this is the environment's thread.
        unsafe { NativeReader::to_napi_value(js.env(), reader) }
    }

    /// The FlightInfo message, and a reader.
    fn into_values(self, js: JsThread, home: usize) -> Result<[sys::napi_value; 2]> {
        Ok([js.buffer(&self.info)?, self.into_reader(js, home)?])
    }
}

/// A prepared query that was bound, and perhaps opened.
struct Run {
    /// What the statement is known by from now on, if that has changed.
    handle: Option<Bytes>,
    opened: crate::Result<Opened>,
}

/// Parameters of one message.
struct Parameters {
    schema: OutgoingSchema,
    messages: Vec<OutgoingMessage>,
}

impl Parameters {
    fn new(schema: &str, words: &[f64], buffers: &[&[u8]]) -> crate::Result<Self> {
        let schema = OutgoingSchema::of_text(schema)?;
        let messages = encode(Some(&schema), words, buffers)?;
        Ok(Self { schema, messages })
    }

    /// Binds them. Returns the handle that the server gives for it, if it does.
    async fn bind(self, client: &Client, handle: Bytes, call: &Call) -> crate::Result<Option<Bytes>> {
        let upload = Upload { schema: Some(self.schema.message()), ..Upload::default() };
        let mut put = client.put_parameters(handle, Binding::Query, upload, call.clone());
        for message in self.messages {
            if let Err(error) = put.send(message).await {
                return Err(error.after(acknowledged(&put)));
            }
        }
        let answers = put.finish().await.map_err(|error| error.after(acknowledged(&put)))?;
        Ok(Bound::of(&answers, Binding::Query)?.handle)
    }
}

#[napi]
impl NativeClient {
    /// Executes, and begins to read. `[error, [FlightInfo message, reader]]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, [Buffer, NativeReader] | null]>")]
    pub fn query(&self, env: Env, statement: NativeStatement, transaction: Option<Buffer>, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, statement) = (call.reader(&self.client)?, call.resolve()?, statement.resolve());
        let (transaction, home) = (transaction.as_deref().map(id_of), self.home);
        let work = async move {
            let info = client.execute(statement, transaction, &call).await?;
            Ok(Opened::new(&client, info, call))
        };
        promise(&env, runtime(home), identity, work, move |js, opened| js.array(&opened.into_values(js, home)?))
    }

    /// Binds the parameters of one message, if there are any, executes, and begins to read. The handle that binding gave comes also where the
    /// rest failed: `[error, [handle | null, error of the rest | null, FlightInfo message | null, reader | null]]`
    #[napi(
        catch_unwind,
        ts_return_type = "Promise<[string | null, [Buffer | null, string | null, Buffer | null, NativeReader | null] | null]>"
    )]
    pub fn query_prepared(
        &self,
        env: Env,
        handle: Buffer,
        schema: Option<String>,
        words: Float64ArraySlice,
        buffers: Array,
        call: NativeCall,
    ) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, handle, home) = (call.reader(&self.client)?, id_of(&handle), self.home);
        let call = call.resolve()?;
        let parameters = match schema {
            Some(schema) => with_bytes(&buffers, |buffers| Parameters::new(&schema, &words, buffers))?.map(Some),
            None => Ok(None),
        };
        let work = async move {
            let bound = match parameters? {
                Some(parameters) => parameters.bind(&client, handle.clone(), &call).await?,
                None => None,
            };
            let info = client.execute_prepared(bound.clone().unwrap_or(handle), &call).await;
            Ok(Run { handle: bound, opened: info.map(|info| Opened::new(&client, info, call)) })
        };
        promise(&env, runtime(home), identity, work, move |js, Run { handle, opened }| {
            let handle = handle.map_or_else(|| js.null(), |handle| js.buffer(&handle))?;
            let [error, info, reader] = match opened {
                Ok(opened) => {
                    let [info, reader] = opened.into_values(js, home)?;
                    [js.null()?, info, reader]
                }
                Err(error) => [js.string(&error_text(&error))?, js.null()?, js.null()?],
            };
            js.array(&[handle, error, info, reader])
        })
    }
}

/// Reads buffers while JavaScript stands still.
pub(super) fn with_bytes<T>(buffers: &Array, read: impl FnOnce(&[&[u8]]) -> T) -> Result<T> {
    let mut views = Vec::with_capacity(buffers.len() as usize);
    for at in 0..buffers.len() {
        views.push(buffers.get::<Uint8ArraySlice>(at)?.ok_or_else(|| invalid("a buffer is missing".into()))?);
    }
    let bytes: Vec<&[u8]> = views.iter().map(|view| &**view).collect();
    Ok(read(&bytes))
}
