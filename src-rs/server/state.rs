//! What all calls of one server share.

use std::sync::Arc;

use arrow_flight::sql::metadata::SqlInfoData;
use tokio::sync::watch;

use super::auth::Authenticator;
use super::keys::Keys;
use super::options::ServerOptions;
use super::results::{KeptResults, WaitingResults};
use super::sqlite::Database;
use super::stats::{Counters, ServerStats};

pub(super) struct State {
    pub(super) options: ServerOptions,
    pub(super) database: Arc<Database>,
    pub(super) keys: Keys,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) kept: KeptResults,
    pub(super) waiting: WaitingResults,
    pub(super) sql_info: SqlInfoData,
    pub(super) counters: Counters,
    /// Turns true when the server stops.
    pub(super) stopping: watch::Receiver<bool>,
}

impl State {
    pub(super) fn stats(&self) -> ServerStats {
        ServerStats {
            open_statements: self.database.open_statements(),
            computing: self.counters.computing.get(),
            waiting_results: self.waiting.count(),
            kept_results: self.kept.count(),
            kept_bytes: self.kept.bytes(),
            sent_bytes: self.counters.sent_bytes.get(),
        }
    }
}
