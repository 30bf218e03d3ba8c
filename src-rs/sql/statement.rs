//! Statements, in SQL text or as Substrait plans: what they return, what they change, and what their result will look like.

use arrow_flight::sql::{
    Command, CommandStatementQuery, CommandStatementSubstraitPlan, CommandStatementUpdate, DoPutUpdateResult, SubstraitPlan,
};
use arrow_flight::{FlightInfo, PutResult};
use bytes::Bytes;
use prost::Message;

use super::client::{Client, of_flight};
use super::descriptor::of_command;
use crate::error::{Code, Error, Result};
use crate::flight::put::Upload;
use crate::transport::call::Call;

/// What a server is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    Sql(String),
    Substrait(SubstraitPlan),
}

impl Statement {
    /// The command that asks for its result, within a transaction if there is one.
    pub fn query(self, transaction_id: Option<Bytes>) -> Command {
        match self {
            Self::Sql(query) => Command::CommandStatementQuery(CommandStatementQuery { query, transaction_id }),
            Self::Substrait(plan) => substrait(plan, transaction_id),
        }
    }

    /// The command that runs it for its effect.
    fn update(self, transaction_id: Option<Bytes>) -> Command {
        match self {
            Self::Sql(query) => Command::CommandStatementUpdate(CommandStatementUpdate { query, transaction_id }),
            Self::Substrait(plan) => substrait(plan, transaction_id),
        }
    }
}

fn substrait(plan: SubstraitPlan, transaction_id: Option<Bytes>) -> Command {
    Command::CommandStatementSubstraitPlan(CommandStatementSubstraitPlan { plan: Some(plan), transaction_id })
}

impl Client {
    /// Asks the server to execute a query, within a transaction if there is one; the answer says where its result can be read.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn execute(&self, query: Statement, transaction: Option<Bytes>, call: &Call) -> Result<FlightInfo> {
        match query {
            Statement::Sql(query) => {
                call.bound(async { self.flight_sql(call).await?.execute(query, transaction).await.map_err(of_flight) }).await
            }
            plan @ Statement::Substrait(_) => self.flight_info(of_command(plan.query(transaction)), call).await,
        }
    }

    /// Runs a statement for its effect, within a transaction if there is one. Returns how many rows it changed, `None` where the server does not know.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn execute_update(&self, statement: Statement, transaction: Option<Bytes>, call: &Call) -> Result<Option<i64>> {
        let mut put = self.put(of_command(statement.update(transaction)), Upload::default(), call.clone());
        update_count(&put.finish().await?)
    }

    /// The schema that the answer to a command will have, as an encapsulated IPC message. Servers that know no GetSchema tell it in FlightInfo.
    ///
    /// # Errors
    /// What the server answered; `UNIMPLEMENTED` where it tells no schema before the rows.
    pub async fn schema(&self, command: Command, call: &Call) -> Result<Bytes> {
        let descriptor = of_command(command);
        let work = async {
            let mut client = self.flight(call).await?;
            let refusal = match client.get_schema(descriptor.clone()).await {
                Ok(answer) => return Ok(answer.into_inner().schema),
                Err(status) => Error::from_status(status),
            };
            if refusal.code() != Code::Unimplemented {
                return Err(refusal);
            }
            let info = client.get_flight_info(descriptor).await.map_err(Error::from_status)?.into_inner();
            if info.schema.is_empty() { Err(untold(refusal)) } else { Ok(info.schema) }
        };
        call.bound(work).await
    }
}

fn untold(refusal: Error) -> Error {
    Error::new(Code::Unimplemented, "the server does not tell the schema of a result before its rows")
        .with_hint("read the result, and ask it for its schema")
        .with_cause(refusal)
}

/// The count of an update's answers. Absent in the message it is 0, as protobuf has it; without a message, or negative, it is not known.
pub(super) fn update_count(answers: &[PutResult]) -> Result<Option<i64>> {
    let Some(answer) = answers.first() else { return Ok(None) };
    let result = DoPutUpdateResult::decode(answer.app_metadata.as_ref())
        .map_err(|cause| Error::protocol("the server's answer to an update is no DoPutUpdateResult").with_cause(cause))?;
    Ok(Some(result.record_count).filter(|count| *count >= 0))
}
