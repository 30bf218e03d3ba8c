//! Statements in SQL text: what they return, what they change, and what their result will look like.

use arrow_flight::sql::{Command, CommandStatementUpdate, DoPutUpdateResult};
use arrow_flight::{FlightInfo, PutResult};
use bytes::Bytes;
use prost::Message;

use super::client::{Client, of_flight};
use super::descriptor::of_command;
use crate::error::{Code, Error, Result};
use crate::transport::call::Call;

impl Client {
    /// Asks the server to execute a query, within a transaction if there is one; the answer says where its result can be read.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn execute(&self, query: &str, transaction: Option<Bytes>, call: &Call) -> Result<FlightInfo> {
        let work = async { self.flight_sql(call).await?.execute(query.to_owned(), transaction).await.map_err(of_flight) };
        call.bound(work).await
    }

    /// Runs a statement for its effect, within a transaction if there is one. Returns how many rows it changed, `None` where the server does not know.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn execute_update(&self, statement: &str, transaction: Option<Bytes>, call: &Call) -> Result<Option<i64>> {
        let command = Command::CommandStatementUpdate(CommandStatementUpdate { query: statement.to_owned(), transaction_id: transaction });
        let put = self.put(of_command(command), None, call.clone());
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
