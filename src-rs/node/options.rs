//! Options as TypeScript resolved them, turned into the core's own.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use napi::bindgen_prelude::Buffer;
use napi::{Error, Result, Status};
use napi_derive::napi;

use super::cancellation::NativeCancellation;
use crate::arrow::compress::Codec;
use crate::arrow::schema_check::SchemaCheck;
use crate::flight::reading::ReadOptions;
use crate::sql::client::Client;
use crate::transport::address::{Address, Transport};
use crate::transport::call::Call;
use crate::transport::config::{ClientConfig, Credentials, TlsConfig};
use crate::transport::workers::Workers;

/// See `docs/internals/boundary.md`.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeClientOptions {
    pub host: String,
    pub port: u32,
    pub transport: String,
    pub path: Option<String>,
    pub server_name: Option<String>,
    pub verify: bool,
    pub ca: Option<String>,
    pub token: Option<String>,
    pub user: Option<String>,
    pub password: Option<String>,
    pub headers: Vec<String>,
    pub trusted_hosts: Vec<String>,
    pub cookies: bool,
    pub session_options: Option<Buffer>,
    pub max_message_bytes: f64,
    pub connect_timeout: f64,
    pub max_buffered_bytes: f64,
    pub reading: NativeReading,
}

/// See `docs/internals/boundary.md`.
#[napi(object, use_nullable = true)]
pub struct NativeReading {
    pub concurrency: Option<u32>,
    pub ordered: Option<bool>,
    pub schema_check: Option<String>,
    pub renew: Option<bool>,
}

impl NativeReading {
    /// What is said here, and of the rest what `others` say.
    pub(crate) fn over(&self, others: ReadOptions) -> Result<ReadOptions> {
        let schema_check = match self.schema_check.as_deref() {
            None => others.schema_check,
            Some("compatible") => SchemaCheck::Compatible,
            Some("strict") => SchemaCheck::Strict,
            Some("off") => SchemaCheck::Off,
            Some(other) => return Err(invalid(format!("schemaCheck '{other}' is not one"))),
        };
        Ok(ReadOptions {
            concurrency: self.concurrency.map_or(others.concurrency, |concurrency| concurrency as usize),
            is_ordered: self.ordered.unwrap_or(others.is_ordered),
            schema_check,
            renews: self.renew.unwrap_or(others.renews),
        })
    }
}

impl NativeClientOptions {
    pub(crate) fn resolve(self, workers: Workers) -> Result<ClientConfig> {
        let transport = match (self.transport.as_str(), self.path) {
            ("tls", _) => Transport::Tls,
            ("tcp", _) => Transport::Tcp,
            ("unix", Some(path)) => Transport::Unix(path),
            (other, _) => return Err(invalid(format!("transport '{other}' is not one"))),
        };
        let port = u16::try_from(self.port).map_err(|_| invalid(format!("port {} is not one", self.port)))?;
        let credentials = match (self.token, self.user, self.password) {
            (Some(token), _, _) => Credentials::Bearer(token),
            (None, None, None) => Credentials::None,
            (None, user, password) => Credentials::Basic { user: user.unwrap_or_default(), password: password.unwrap_or_default() },
        };
        Ok(ClientConfig {
            address: Address { transport, host: self.host, port },
            tls: TlsConfig { server_name: self.server_name, verify: self.verify, ca: self.ca },
            credentials,
            headers: header_map(&self.headers)?,
            trusted_hosts: self.trusted_hosts,
            session: self.session_options.map(|options| Bytes::copy_from_slice(&options)),
            cookies: self.cookies,
            max_message: self.max_message_bytes as usize,
            connect_timeout: Duration::from_secs_f64((self.connect_timeout / 1e3).clamp(0.001, 1e9)),
            max_buffered: self.max_buffered_bytes as usize,
            workers,
        })
    }
}

/// See `docs/internals/boundary.md`.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeCall<'env> {
    pub cancellation: Option<napi::bindgen_prelude::ClassInstance<'env, NativeCancellation>>,
    /// Milliseconds; 0 is none.
    pub timeout: f64,
    pub headers: Vec<String>,
    /// How a result is read, where that is not as the client reads others.
    pub reading: Option<NativeReading>,
    /// The most of one message, where that is not the client's.
    pub max_message_bytes: Option<f64>,
    /// Of what is sent: `lz4` or `zstd`.
    pub compression: Option<String>,
}

impl NativeCall<'_> {
    /// The client as this call reads results.
    pub(crate) fn reader(&self, client: &Client) -> Result<Client> {
        let client = client.clone();
        let Some(reading) = &self.reading else { return Ok(client) };
        let reading = reading.over(client.reading())?;
        Ok(client.with_reading(reading))
    }

    pub(crate) fn resolve(&self) -> Result<Call> {
        let timeout = (self.timeout > 0.0).then(|| Duration::from_secs_f64((self.timeout / 1e3).clamp(0.001, 1e9)));
        let cancellation = self.cancellation.as_ref().map(|cancellation| cancellation.token()).unwrap_or_default();
        let max_message = self.max_message_bytes.map(|bytes| bytes as usize);
        Ok(Call { headers: header_map(&self.headers)?, cancellation, max_message, ..Call::default() }.with_timeout(timeout))
    }

    /// What the bodies of an upload are compressed with.
    pub(super) fn codec(&self) -> Result<Option<Codec>> {
        match self.compression.as_deref() {
            None => Ok(None),
            Some("lz4") => Ok(Some(Codec::Lz4)),
            Some("zstd") => Ok(Some(Codec::Zstd)),
            Some(other) => Err(invalid(format!("compression '{other}' is not one"))),
        }
    }
}

/// Name, value, name, value…; as gRPC wants them: names in lower case.
fn header_map(pairs: &[String]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for pair in pairs.chunks(2) {
        let [name, value] = pair else { return Err(invalid("a header has no value".into())) };
        let name: HeaderName = name.to_ascii_lowercase().parse().map_err(|_| invalid(format!("header name '{name}' is not valid")))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| invalid(format!("the value of header '{name}' is not valid")))?;
        headers.append(name, value);
    }
    Ok(headers)
}

pub(crate) fn invalid(message: String) -> Error {
    Error::new(Status::InvalidArg, message)
}
