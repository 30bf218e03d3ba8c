//! Actions of Flight SQL: a message goes up in an `Any`, and one may come back in another.

use arrow_flight::Action;
use arrow_flight::sql::{Any, ProstMessageExt};
use prost::Message;

use super::client::Client;
use crate::error::{Error, Result};
use crate::transport::call::Call;

impl Client {
    /// Runs an action to its end and returns its answers.
    pub(super) async fn action(&self, name: &str, request: &impl ProstMessageExt, call: &Call) -> Result<Vec<arrow_flight::Result>> {
        let action = Action { r#type: name.to_owned(), body: request.as_any().encode_to_vec().into() };
        self.flight_action(action, call).await
    }

    /// Runs an action of plain Flight to its end and returns its answers.
    pub(super) async fn flight_action(&self, action: Action, call: &Call) -> Result<Vec<arrow_flight::Result>> {
        let mut answers = self.flight(call).await?.do_action(action).await.map_err(Error::from_status)?.into_inner();
        let mut all = Vec::new();
        while let Some(answer) = answers.message().await.map_err(Error::from_status)? {
            all.push(answer);
        }
        Ok(all)
    }
}

/// The message of an action's first answer.
pub(super) fn first<M: ProstMessageExt + Default>(name: &str, answers: &[arrow_flight::Result]) -> Result<M> {
    let damaged = || Error::protocol(format!("the server's answer to {name} is not what that action answers with"));
    let answer = answers.first().ok_or_else(|| Error::protocol(format!("the server ended {name} without an answer")))?;
    let any = Any::decode(answer.body.as_ref()).map_err(|cause| damaged().with_cause(cause))?;
    any.unpack().map_err(|cause| damaged().with_cause(cause))?.ok_or_else(damaged)
}
