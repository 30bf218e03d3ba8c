//! Queries whose result is read: executed and opened here, with nothing of JavaScript in between.

use std::convert::identity;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use arrow_flight::FlightInfo;
use bytes::Bytes;
use napi::bindgen_prelude::{Array, Buffer, Env, Float64ArraySlice, ToNapiValue, Uint8ArraySlice};
use napi::{Result, sys};
use napi_derive::napi;
use prost::Message;
use tokio_util::sync::CancellationToken;

use super::client::NativeClient;
use super::completion::{Refusal, promise};
use super::delivery::{EncodedDelivery, WordPlan, encode as encode_delivery};
use super::error::error_text;
use super::options::{NativeCall, invalid};
use super::reader::NativeReader;
use super::runtime::runtime;
use super::statement::{NativeStatement, Resolve};
use super::transaction::id_of;
use super::upload::{acknowledged, encode};
use super::values::{JsThread, Made};
use crate::arrow::format::schema_text;
use crate::arrow::outgoing::{OutgoingMessage, OutgoingSchema};
use crate::flight::put::Upload;
use crate::flight::result::ResultStream;
use crate::sql::client::Client;
use crate::sql::prepared::{Binding, Bound};
use crate::transport::call::Call;

/// How long a query waits for its rows before it is answered without: rows that come so soon cross with the answer.
const SOON: Duration = Duration::from_millis(1);

/// The most bytes that cross so.
const LITTLE: usize = 64 << 10;

/// A result, as announced and on its way.
pub(super) struct Opened {
    info: Vec<u8>,
    stream: crate::Result<ResultStream>,
    /// All of it, where that was there soon and is little.
    whole: Option<Whole>,
    cancellation: CancellationToken,
}

struct Whole {
    schema_text: String,
    delivery: EncodedDelivery,
}

impl Whole {
    async fn of(stream: &mut ResultStream) -> Option<Self> {
        let (schema, delivery) = tokio::time::timeout(SOON, stream.whole(LITTLE)).await.ok()??;
        let schema_text = schema_text(&schema).ok()?;
        Some(Self { schema_text, delivery: encode_delivery(vec![delivery], &WordPlan::new(&schema)) })
    }
}

impl Opened {
    /// Begins to read. What is wrong with that is said to whoever reads.
    pub(super) async fn new(client: &Client, info: FlightInfo, call: Call) -> Self {
        let cancellation = call.cancellation.child_token();
        let call = Call { cancellation: cancellation.clone(), ..call };
        let encoded = info.encode_to_vec();
        let mut stream = client.read(info, call);
        let whole = match &mut stream {
            Ok(stream) => Whole::of(stream).await,
            Err(_) => None,
        };
        Self { info: encoded, stream, whole, cancellation }
    }

    /// A reader, and the delivery that is all of the result, or null.
    pub(super) fn into_reader(self, js: JsThread, home: usize) -> std::result::Result<[sys::napi_value; 2], Refusal> {
        let whole = match self.whole {
            Some(Whole { schema_text, delivery }) => delivery.into_value(js, None, Some(&schema_text), true)?,
            None => js.null()?,
        };
        let reader = NativeReader::new(self.stream, self.cancellation, home);
        // SAFETY: this is the environment's thread.
        Ok([unsafe { NativeReader::to_napi_value(js.env(), reader) }?, whole])
    }

    /// The FlightInfo message, a reader, and all of the result or null.
    fn into_values(self, js: JsThread, home: usize) -> std::result::Result<[sys::napi_value; 3], Refusal> {
        let info = js.buffer(&self.info)?;
        let [reader, whole] = self.into_reader(js, home)?;
        Ok([info, reader, whole])
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
    /// Executes, and begins to read. `[error, [FlightInfo message, reader, all of the result | null]]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, [Buffer, NativeReader, unknown] | null]>")]
    pub fn query(&self, env: Env, statement: NativeStatement, transaction: Option<Buffer>, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, statement) = (call.reader(&self.client)?, call.resolve()?, statement.resolve());
        let (transaction, home) = (transaction.as_deref().map(id_of), self.home);
        let work = async move {
            let info = client.execute(statement, transaction, &call).await?;
            Ok(Opened::new(&client, info, call).await)
        };
        promise(&env, runtime(home), identity, work, move |js, opened| -> std::result::Result<_, Refusal> {
            Ok(js.array(&opened.into_values(js, home)?)?)
        })
    }

    /// Binds the parameters of one message, if there are any, executes, and begins to read. The handle that binding gave comes also where the
    /// rest failed: `[error, [handle | null, error of the rest | null, FlightInfo message | null, reader | null, all of the result | null]]`
    #[napi(
        catch_unwind,
        ts_return_type = "Promise<[string | null, [Buffer | null, string | null, Buffer | null, NativeReader | null, unknown] | null]>"
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
            let opened = match client.execute_prepared(bound.clone().unwrap_or(handle), &call).await {
                Ok(info) => Ok(Opened::new(&client, info, call).await),
                Err(error) => Err(error),
            };
            Ok(Run { handle: bound, opened })
        };
        promise(&env, runtime(home), identity, work, move |js, Run { handle, opened }| -> std::result::Result<_, Refusal> {
            let handle = handle.map_or_else(|| js.null(), |handle| js.buffer(&handle))?;
            let [error, info, reader, whole] = match opened {
                Ok(opened) => {
                    let [info, reader, whole] = opened.into_values(js, home)?;
                    [js.null()?, info, reader, whole]
                }
                Err(error) => [js.string(&error_text(&error))?, js.null()?, js.null()?, js.null()?],
            };
            Ok(js.array(&[handle, error, info, reader, whole])?)
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
