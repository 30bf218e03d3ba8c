//! The client.

use std::convert::identity;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use arrow_flight::{FlightEndpoint, FlightInfo};
use napi::Result;
use napi::bindgen_prelude::{Buffer, Either, Env};
use napi_derive::napi;
use prost::Message;

use super::completion::promise;
use super::export::{NativeExport, NativeParquetOptions};
use super::options::{NativeCall, NativeClientOptions, invalid};
use super::reader::NativeReader;
use super::runtime::{next_home, runtime, workers_from};
use super::values::Made;
use crate::error::Error;
use crate::export::parquet::Source;
use crate::flight::memory::memory_stats;
use crate::flight::reading::ReadOptions;
use crate::flight::stream::open_streams;
use crate::sql::client::Client;
use crate::sql::statement::Statement;

/// A Flight SQL client.
#[napi]
pub struct NativeClient {
    pub(super) client: Client,
    pub(super) calls: Arc<AtomicU64>,
    /// Which runtime its calls run on.
    pub(super) home: usize,
}

/// What a client is doing.
#[napi(object)]
pub struct NativeClientStats {
    pub open_streams: f64,
    pub connections: f64,
    pub received_bytes: f64,
    pub buffered_bytes: f64,
    pub calls: f64,
}

#[napi]
impl NativeClient {
    /// Does not connect.
    #[napi(catch_unwind, constructor)]
    pub fn new(options: NativeClientOptions) -> Result<Self> {
        let home = next_home();
        let refused = |error| invalid(super::error::error_text(&error));
        let reading = options.reading.over(ReadOptions::default())?;
        let config = options.resolve(workers_from(home).map_err(refused)?)?;
        let client = Client::new(config).map_err(refused)?.with_reading(reading);
        Ok(Self { client, calls: Arc::default(), home })
    }

    /// `[error, null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn connect(&self, env: Env, call: NativeCall) -> Result<Made> {
        let (client, call) = (self.client.clone(), call.resolve()?);
        promise(&env, runtime(self.home), identity, async move { client.connect(&call).await }, |js, ()| js.null())
    }

    /// Begins to read one endpoint, given as a FlightEndpoint message.
    #[napi(catch_unwind)]
    pub fn do_get(&self, endpoint: Buffer, index: u32, call: NativeCall) -> Result<NativeReader> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call) = (call.reader(&self.client)?, call.resolve()?);
        let cancellation = call.cancellation.child_token();
        let call = crate::transport::call::Call { cancellation: cancellation.clone(), ..call };
        let opened = runtime(self.home).and_then(|runtime| {
            let _entered = runtime.enter();
            let endpoint = FlightEndpoint::decode(endpoint.as_ref()).map_err(|cause| damaged("FlightEndpoint", cause))?;
            client.do_get(endpoint, index as usize, call)
        });
        Ok(NativeReader::new(opened, cancellation, self.home))
    }

    /// Begins to read every endpoint of a FlightInfo message.
    #[napi(catch_unwind)]
    pub fn read(&self, info: Buffer, call: NativeCall) -> Result<NativeReader> {
        let (client, call) = (call.reader(&self.client)?, call.resolve()?);
        let cancellation = call.cancellation.child_token();
        let call = crate::transport::call::Call { cancellation: cancellation.clone(), ..call };
        let opened = runtime(self.home).and_then(|runtime| {
            let _entered = runtime.enter();
            let info = FlightInfo::decode(info.as_ref()).map_err(|cause| damaged("FlightInfo", cause))?;
            client.read(info, call)
        });
        Ok(NativeReader::new(opened, cancellation, self.home))
    }

    /// Begins to write a result into a Parquet file: a query's, or that of a FlightInfo message.
    #[napi(catch_unwind)]
    pub fn export_parquet(
        &self,
        source: Either<String, Buffer>,
        path: String,
        options: NativeParquetOptions,
        call: NativeCall,
    ) -> Result<NativeExport> {
        self.calls.fetch_add(1, Relaxed);
        let source = match source {
            Either::A(sql) => Source::Query(Statement::Sql(sql)),
            Either::B(info) => Source::Info(Box::new(FlightInfo::decode(info.as_ref()).map_err(|cause| invalid(cause.to_string()))?)),
        };
        NativeExport::start(call.reader(&self.client)?, self.home, source, path, options, call.resolve()?)
    }

    /// `[error, null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn close(&self, env: Env) -> Result<Made> {
        self.client.close();
        promise(&env, runtime(self.home), identity, async { Ok(()) }, |js, ()| js.null())
    }

    #[napi(catch_unwind)]
    pub fn stats(&self) -> NativeClientStats {
        NativeClientStats {
            open_streams: open_streams() as f64,
            connections: self.client.connections() as f64,
            received_bytes: memory_stats().received_body_bytes as f64,
            buffered_bytes: self.client.buffered() as f64,
            calls: self.calls.load(Relaxed) as f64,
        }
    }
}

pub(super) fn damaged(what: &str, cause: prost::DecodeError) -> Error {
    Error::new(crate::Code::InvalidOption, format!("the bytes are no {what} message: {cause}"))
}
