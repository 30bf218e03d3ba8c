//! What all calls of one server share.

use std::sync::Arc;

use arrow_flight::sql::metadata::SqlInfoData;
use tokio::sync::watch;

use super::auth::Authenticator;
use super::expiring::Expiring;
use super::keys::Keys;
use super::options::ServerOptions;
use super::polling::PolledQueries;
use super::prepared::PreparedStatements;
use super::queries::Queries;
use super::results::{KeptResults, WaitingResults};
use super::sessions::Sessions;
use super::sqlite::{Binding, Database};
use super::stats::{Counters, ServerStats};
use super::transactions::Transactions;

pub(super) struct State {
    pub(super) options: ServerOptions,
    pub(super) database: Arc<Database>,
    pub(super) keys: Keys,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) kept: KeptResults,
    pub(super) waiting: WaitingResults,
    pub(super) prepared: PreparedStatements,
    /// Values of tickets that are too many to be carried by the ticket itself.
    pub(super) ticket_bindings: Expiring<Binding>,
    pub(super) queries: Queries,
    pub(super) polled: PolledQueries,
    pub(super) sessions: Arc<Sessions>,
    pub(super) transactions: Transactions,
    pub(super) sql_info: SqlInfoData,
    pub(super) counters: Counters,
    /// Turns true when the server stops.
    pub(super) stopping: watch::Receiver<bool>,
}

impl State {
    /// Lets go of what was kept or begun for clients. Ends statements, which may take a while.
    pub(super) fn clear(&self) {
        self.prepared.clear();
        self.ticket_bindings.clear();
        self.waiting.clear();
        self.transactions.clear();
    }

    pub(super) fn stats(&self) -> ServerStats {
        ServerStats {
            open_calls: self.counters.open_calls.get(),
            open_statements: self.database.open_statements(),
            computing: self.counters.computing.get(),
            waiting_results: self.waiting.count(),
            kept_results: self.kept.count(),
            kept_bytes: self.kept.bytes(),
            prepared_statements: self.prepared.len(),
            prepared_bytes: self.prepared.bytes(),
            polled_queries: self.polled.running(),
            sessions: self.sessions.count(),
            open_transactions: self.transactions.len(),
            sent_bytes: self.counters.sent_bytes.get(),
        }
    }
}
