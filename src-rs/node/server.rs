//! The embedded server, started from JavaScript.

use std::convert::identity;
use std::sync::Arc;
use std::time::Duration;

use napi::Result;
use napi::bindgen_prelude::{Env, ToNapiValue};
use napi_derive::napi;

use super::completion::promise;
use super::runtime::runtime;
use super::values::Made;
use crate::server::{Credentials, Database, EmbeddedServer, ServerOptions};

/// See `docs/internals/boundary.md`.
#[napi(object, use_nullable = true)]
pub struct NativeServerOptions {
    pub host: String,
    pub port: u32,
    pub database: Option<String>,
    pub init: Option<String>,
    pub user: Option<String>,
    pub password: Option<String>,
    pub token: Option<String>,
    pub endpoints: u32,
    pub batch_rows: Option<u32>,
    pub read_only: bool,
    pub max_kept_bytes: f64,
    pub stop_timeout: f64,
}

impl NativeServerOptions {
    fn resolve(self) -> Result<ServerOptions> {
        let port = u16::try_from(self.port).map_err(|_| super::options::invalid(format!("port {} is not one", self.port)))?;
        let basic = self.user.map(|user| Credentials { user, password: self.password.unwrap_or_default() });
        Ok(ServerOptions {
            host: self.host,
            port,
            database: self.database.map_or(Database::Memory, |path| Database::File(path.into())),
            init_sql: self.init,
            basic,
            token: self.token,
            batch_rows: self.batch_rows.map(|rows| rows as usize),
            endpoints: self.endpoints as usize,
            max_kept_bytes: self.max_kept_bytes as usize,
            read_only: self.read_only,
            stop_timeout: Duration::from_secs_f64((self.stop_timeout / 1e3).clamp(0.0, 1e9)),
            ..ServerOptions::default()
        })
    }
}

/// A running server. It stops when it is collected, too.
#[napi]
pub struct NativeServer {
    server: Arc<EmbeddedServer>,
}

#[napi]
impl NativeServer {
    /// `[error, NativeServer]`, once it accepts connections.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, NativeServer | null]>")]
    pub fn start(env: Env, options: NativeServerOptions) -> Result<Made> {
        let options = options.resolve()?;
        let work = async move { EmbeddedServer::start(options).await };
        promise(&env, runtime(0), identity, work, |js, server| {
            let server = Self { server: Arc::new(server) };
            // SAFETY: this is the environment's thread.
            unsafe { Self::to_napi_value(js.env(), server) }
        })
    }

    #[napi(catch_unwind, getter)]
    pub fn host(&self) -> String {
        self.server.local_addr().ip().to_string()
    }

    #[napi(catch_unwind, getter)]
    pub fn port(&self) -> u32 {
        u32::from(self.server.local_addr().port())
    }

    /// `[error, null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn stop(&self, env: Env) -> Result<Made> {
        let server = Arc::clone(&self.server);
        let work = async move {
            server.stop().await;
            Ok(())
        };
        promise(&env, runtime(0), identity, work, |js, ()| js.null())
    }
}
