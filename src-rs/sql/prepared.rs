//! Prepared statements. What a statement is bound to lives with the server, or in the handle that binding returns.

use arrow_flight::sql::{
    ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult,
    ActionCreatePreparedSubstraitPlanRequest, Any, Command, CommandPreparedStatementQuery, CommandPreparedStatementUpdate,
    DoPutPreparedStatementResult, ProstMessageExt,
};
use arrow_flight::{FlightInfo, PutResult};
use bytes::Bytes;
use prost::Message;

use super::action::first;
use super::client::Client;
use super::descriptor::of_command;
use super::statement::{Statement, update_count};
use crate::error::{Error, Result};
use crate::flight::put::{Put, Upload};
use crate::transport::call::Call;

const CREATE: &str = "CreatePreparedStatement";
const CREATE_SUBSTRAIT: &str = "CreatePreparedSubstraitPlan";
const CLOSE: &str = "ClosePreparedStatement";

/// A statement that a server has prepared.
#[derive(Debug)]
pub struct Prepared {
    pub handle: Bytes,
    /// Of what the statement returns, as an encapsulated IPC message; empty where it returns nothing, or the server does not tell.
    pub result_schema: Bytes,
    /// Of its parameters, in the same form; empty where it has none, or the server does not tell.
    pub parameter_schema: Bytes,
    /// Whether it is to be run as an update, where the server tells.
    pub is_update: Option<bool>,
}

/// `ActionCreatePreparedStatementResult` with the field that arrow-flight's does not have.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct CreatedPreparedStatement {
    #[prost(bytes = "bytes", tag = "1")]
    pub handle: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub result_schema: Bytes,
    #[prost(bytes = "bytes", tag = "3")]
    pub parameter_schema: Bytes,
    #[prost(bool, optional, tag = "4")]
    pub is_update: Option<bool>,
}

impl ProstMessageExt for CreatedPreparedStatement {
    fn type_url() -> &'static str {
        ActionCreatePreparedStatementResult::type_url()
    }

    fn as_any(&self) -> Any {
        Any { type_url: Self::type_url().to_owned(), value: self.encode_to_vec().into() }
    }
}

/// What the parameters of a DoPut are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// They are bound, for the query to be executed with.
    Query,
    /// The statement runs with each row of them.
    Update,
}

impl Client {
    /// Has the server prepare a statement, within a transaction if there is one.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn prepare(&self, statement: Statement, transaction_id: Option<Bytes>, call: &Call) -> Result<Prepared> {
        let work = async {
            let (name, answers) = match statement {
                Statement::Sql(query) => {
                    (CREATE, self.action(CREATE, &ActionCreatePreparedStatementRequest { query, transaction_id }, call).await?)
                }
                Statement::Substrait(plan) => {
                    let request = ActionCreatePreparedSubstraitPlanRequest { plan: Some(plan), transaction_id };
                    (CREATE_SUBSTRAIT, self.action(CREATE_SUBSTRAIT, &request, call).await?)
                }
            };
            let CreatedPreparedStatement { handle, result_schema, parameter_schema, is_update } = first(name, &answers)?;
            Ok(Prepared { handle, result_schema, parameter_schema, is_update })
        };
        call.bound(work).await
    }

    /// Has the server forget a prepared statement.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn close_prepared(&self, handle: Bytes, call: &Call) -> Result<()> {
        let request = ActionClosePreparedStatementRequest { prepared_statement_handle: handle };
        call.bound(async { self.action(CLOSE, &request, call).await.map(drop) }).await
    }

    /// Asks the server to execute a prepared query; the answer says where its result can be read.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn execute_prepared(&self, handle: Bytes, call: &Call) -> Result<FlightInfo> {
        self.flight_info(of_command(query(handle)), call).await
    }

    /// Begins to send parameters of a prepared statement, whose schema comes first. Must be called within a tokio runtime.
    pub fn put_parameters(&self, handle: Bytes, binding: Binding, upload: Upload, call: Call) -> Put {
        let command = match binding {
            Binding::Query => query(handle),
            Binding::Update => {
                Command::CommandPreparedStatementUpdate(CommandPreparedStatementUpdate { prepared_statement_handle: handle })
            }
        };
        self.put(of_command(command), upload, call)
    }
}

fn query(handle: Bytes) -> Command {
    Command::CommandPreparedStatementQuery(CommandPreparedStatementQuery { prepared_statement_handle: handle })
}

/// What became of parameters.
#[derive(Debug, Default)]
pub struct Bound {
    /// What the statement is known by from now on, if that has changed.
    pub handle: Option<Bytes>,
    /// How many rows an update changed, where the server knows.
    pub count: Option<i64>,
}

impl Bound {
    /// Reads a server's answers to parameters. Older servers answer a binding with nothing.
    ///
    /// # Errors
    /// `PROTOCOL_ERROR` where they are something else.
    pub fn of(answers: &[PutResult], binding: Binding) -> Result<Self> {
        match (binding, answers.first()) {
            (Binding::Update, _) => Ok(Self { handle: None, count: update_count(answers)? }),
            (Binding::Query, None) => Ok(Self::default()),
            (Binding::Query, Some(answer)) => {
                let result = DoPutPreparedStatementResult::decode(answer.app_metadata.as_ref()).map_err(|cause| {
                    Error::protocol("the server's answer to parameters is no DoPutPreparedStatementResult").with_cause(cause)
                })?;
                Ok(Self { handle: result.prepared_statement_handle, count: None })
            }
        }
    }
}
