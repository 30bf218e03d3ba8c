//! What a client asks to be run: SQL, and the values of its parameters.

use std::sync::Arc;

use bytes::Bytes;
use tonic::Status;

use super::auth::Caller;
use super::prepared::PreparedStatement;
use super::sqlite::{Binding, Cursor, Runs};
use super::state::State;
use super::ticket::{QuerySource, Values as TicketValues};
use super::transactions::NamedTransaction;

/// Values that take more bytes do not travel with a ticket; the server keeps them. A client's limit for one message, by
/// default 4 MiB, has to hold a ticket.
const MOST_CARRIED: usize = 64 * 1024;

/// One statement to run.
#[derive(Debug, Clone)]
pub(super) struct Query {
    sql: String,
    values: Values,
    /// The transaction that it runs in; without one it is a transaction of its own.
    transaction: Option<NamedTransaction>,
}

#[derive(Debug, Clone)]
enum Values {
    /// It has no parameters, or there is no way to bring values for them.
    None,
    /// It has parameters, and nothing is bound to them.
    Missing,
    Bound(Arc<Binding>),
}

impl Query {
    /// A statement that is not prepared, and the transaction that its caller names.
    pub(super) fn plain(sql: String, transaction_id: Option<Bytes>, caller: Caller) -> Self {
        Self { sql, values: Values::None, transaction: NamedTransaction::given(transaction_id, caller) }
    }

    /// A prepared statement with the values that are bound to it now.
    pub(super) fn prepared(statement: &PreparedStatement) -> Self {
        let values = match statement.bound() {
            Some(binding) => Values::Bound(binding),
            None if statement.parameters().is_empty() => Values::None,
            None => Values::Missing,
        };
        Self { sql: statement.sql().to_owned(), values, transaction: statement.transaction().cloned() }
    }

    /// A prepared statement with values of its own.
    pub(super) fn bound(statement: &PreparedStatement, binding: Arc<Binding>) -> Self {
        Self { values: Values::Bound(binding), ..Self::prepared(statement) }
    }

    /// The query of a ticket. Those of transactions have none: their results are kept.
    pub(super) fn of_ticket(state: &State, source: &QuerySource) -> Result<Self, Status> {
        let values = match &source.values {
            None => Values::None,
            Some(TicketValues::Carried(bytes)) => {
                let binding = Binding::decode(bytes, state.prepared.hold())
                    .map_err(|error| Status::internal(format!("the values of the ticket could not be read: {error}")))?;
                Values::Bound(Arc::new(binding))
            }
            Some(TicketValues::Kept(id)) => Values::Bound(state.ticket_bindings.find(*id).ok_or_else(|| values_expired(state))?),
        };
        Ok(Self { sql: source.sql.clone(), values, transaction: None })
    }

    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    pub(super) fn transaction(&self) -> Option<&NamedTransaction> {
        self.transaction.as_ref()
    }

    /// Whether it has parameters that nothing is bound to, so that it cannot run.
    pub(super) fn lacks_values(&self) -> bool {
        matches!(self.values, Values::Missing)
    }

    /// The values for a ticket, so that it gives the same rows whatever is bound later.
    pub(super) fn ticket_values(&self, state: &State) -> Result<Option<TicketValues>, Status> {
        let Values::Bound(binding) = &self.values else {
            return Ok(None);
        };
        if binding.bytes() > MOST_CARRIED {
            return Ok(Some(TicketValues::Kept(state.ticket_bindings.keep(Arc::clone(binding)))));
        }
        let encoded =
            binding.encode().map_err(|error| Status::internal(format!("the bound values could not be put into a ticket: {error}")))?;
        Ok(Some(TicketValues::Carried(encoded)))
    }

    /// How often `cursor`, which is this statement, is to run, and with what.
    pub(super) fn runs(&self, cursor: &Cursor) -> Result<Runs, Status> {
        match (&self.values, cursor.parameters()) {
            (Values::Bound(binding), _) => Ok(Runs::of(Arc::clone(binding))),
            (_, 0) => Ok(Runs::once()),
            (Values::None, count) => Err(Status::invalid_argument(format!(
                "the statement has {count} parameters, and a statement that is not prepared cannot be given values for them"
            ))),
            (Values::Missing, count) => Err(Status::invalid_argument(format!(
                "the statement has {count} parameters, and no values are bound to them; send some by DoPut before it runs"
            ))),
        }
    }
}

/// The refusal of a ticket whose values are gone.
pub(super) fn values_expired(state: &State) -> Status {
    Status::not_found(format!(
        "the values of this ticket are not kept any more: they were for {} s; run the statement again",
        state.options.kept_for.as_secs()
    ))
}
