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
use crate::server::{Credentials, Database, EmbeddedServer, ServerOptions, ServerStats};

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
    pub token_lifetime: f64,
    pub max_kept_bytes: f64,
    pub kept_for: f64,
    pub max_prepared_statements: f64,
    pub max_prepared_bytes: f64,
    pub prepared_for: f64,
    pub max_sessions: f64,
    pub session_idle_timeout: f64,
    pub max_transactions: f64,
    pub transaction_timeout: f64,
    pub write_wait: f64,
    pub max_message_bytes: f64,
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
            token_lifetime: milliseconds(self.token_lifetime),
            max_kept_bytes: self.max_kept_bytes as usize,
            kept_for: milliseconds(self.kept_for),
            max_prepared_statements: self.max_prepared_statements as usize,
            max_prepared_bytes: self.max_prepared_bytes as usize,
            prepared_for: milliseconds(self.prepared_for),
            max_sessions: self.max_sessions as usize,
            session_idle_timeout: milliseconds(self.session_idle_timeout),
            max_transactions: self.max_transactions as usize,
            transaction_timeout: milliseconds(self.transaction_timeout),
            write_wait: milliseconds(self.write_wait),
            max_message_bytes: self.max_message_bytes as usize,
            read_only: self.read_only,
            stop_timeout: milliseconds(self.stop_timeout),
        })
    }
}

fn milliseconds(time: f64) -> Duration {
    Duration::from_secs_f64((time / 1e3).clamp(0.0, 1e9))
}

/// See `ServerStats` of `src-ts/server/server-stats.ts`.
#[napi(object)]
pub struct NativeServerStats {
    pub open_calls: f64,
    pub open_statements: f64,
    pub computing: f64,
    pub waiting_results: f64,
    pub kept_results: f64,
    pub kept_bytes: f64,
    pub prepared_statements: f64,
    pub prepared_bytes: f64,
    pub polled_queries: f64,
    pub sessions: f64,
    pub open_transactions: f64,
    pub sent_bytes: f64,
}

impl From<ServerStats> for NativeServerStats {
    fn from(stats: ServerStats) -> Self {
        Self {
            open_calls: stats.open_calls as f64,
            open_statements: stats.open_statements as f64,
            computing: stats.computing as f64,
            waiting_results: stats.waiting_results as f64,
            kept_results: stats.kept_results as f64,
            kept_bytes: stats.kept_bytes as f64,
            prepared_statements: stats.prepared_statements as f64,
            prepared_bytes: stats.prepared_bytes as f64,
            polled_queries: stats.polled_queries as f64,
            sessions: stats.sessions as f64,
            open_transactions: stats.open_transactions as f64,
            sent_bytes: stats.sent_bytes as f64,
        }
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

    #[napi(catch_unwind)]
    pub fn stats(&self) -> NativeServerStats {
        self.server.stats().into()
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
