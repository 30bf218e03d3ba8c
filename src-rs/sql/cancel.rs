//! Cancelling what a FlightInfo stands for.

use arrow_flight::sql::{ActionCancelQueryRequest, ActionCancelQueryResult};
use arrow_flight::{Action, CancelFlightInfoRequest, CancelFlightInfoResult, FlightInfo};
use prost::Message;

use super::action::first;
use super::client::Client;
use crate::error::{Code, Error, Result};
use crate::transport::call::Call;

const CANCEL: &str = "CancelFlightInfo";
const CANCEL_QUERY: &str = "CancelQuery";

impl Client {
    /// Cancels a query by its FlightInfo; servers that know only Flight SQL's older action are asked by that. Returns the status, as
    /// `CancelStatus` of Flight.proto numbers it.
    ///
    /// # Errors
    /// What the server answered; `UNIMPLEMENTED` where it knows neither.
    pub async fn cancel(&self, info: FlightInfo, call: &Call) -> Result<i32> {
        let older = ActionCancelQueryRequest { info: info.encode_to_vec().into() };
        let work = async {
            let action = Action { r#type: CANCEL.to_owned(), body: CancelFlightInfoRequest { info: Some(info) }.encode_to_vec().into() };
            let refusal = match self.flight_action(action, call).await {
                Ok(answers) => {
                    let answer = answers.first().ok_or_else(|| Error::protocol(format!("the server ended {CANCEL} without an answer")))?;
                    let result = CancelFlightInfoResult::decode(answer.body.as_ref());
                    return result.map(|result| result.status).map_err(|cause| {
                        Error::protocol(format!("the server's answer to {CANCEL} is no CancelFlightInfoResult")).with_cause(cause)
                    });
                }
                Err(refusal) => refusal,
            };
            // Servers say of an action that they do not know what they like.
            if !matches!(refusal.code(), Code::Unimplemented | Code::InvalidArgument | Code::NotFound) {
                return Err(refusal);
            }
            match self.action(CANCEL_QUERY, &older, call).await {
                Ok(answers) => Ok(first::<ActionCancelQueryResult>(CANCEL_QUERY, &answers)?.result),
                Err(error) if error.code() == Code::Unimplemented => Err(refusal),
                // What the action that is not deprecated was refused with, unless the server did not know it.
                Err(error) => Err(if refusal.code() == Code::Unimplemented { error } else { refusal }),
            }
        };
        call.bound(work).await
    }
}
