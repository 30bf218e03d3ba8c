//! DoPut: messages go up, answers come down.

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{FlightData, PutResult};
use futures::Stream;

use crate::error::{Error, Result};
use crate::transport::call::CallService;

/// Sends `messages` and takes every answer, to the end of the call: a status may follow the last of them.
///
/// # Errors
/// What the server answered.
pub async fn all(
    mut client: FlightServiceClient<CallService>,
    messages: impl Stream<Item = FlightData> + Send + 'static,
) -> Result<Vec<PutResult>> {
    let mut answers = client.do_put(messages).await.map_err(Error::from_status)?.into_inner();
    let mut all = Vec::new();
    while let Some(answer) = answers.message().await.map_err(Error::from_status)? {
        all.push(answer);
    }
    Ok(all)
}
