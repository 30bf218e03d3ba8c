//! Receives what a `DoPut` brings.

use arrow_flight::{FlightData, FlightDescriptor};
use tokio::sync::watch;
use tonic::{Request, Status, Streaming};

use super::ending::Ending;
use crate::server::allowance::Held;
use crate::server::state::State;

/// A `DoPut` whose first message has been read.
pub(in super::super) struct Upload {
    first: Option<FlightData>,
    rest: Streaming<FlightData>,
    ending: Option<Ending>,
    stopping: watch::Receiver<bool>,
}

/// The messages of an upload, and what they take of the server's memory for values.
pub(in super::super) struct Messages {
    pub(in super::super) messages: Vec<FlightData>,
    pub(in super::super) held: Held,
}

impl Upload {
    /// Reads the first message, which says what the upload is for.
    pub(in super::super) async fn begin(
        request: Request<Streaming<FlightData>>,
        state: &State,
    ) -> Result<(FlightDescriptor, Self), Status> {
        let ending = request.extensions().get().cloned();
        let mut upload = Self { first: None, rest: request.into_inner(), ending, stopping: state.stopping.clone() };
        let missing = || Status::invalid_argument("the first message of a DoPut must bring a descriptor");
        let mut first = upload.next().await?.ok_or_else(missing)?;
        let descriptor = first.flight_descriptor.take().ok_or_else(missing)?;
        upload.first = Some(first);
        Ok((descriptor, upload))
    }

    /// Reads one message more, `None` at the end. An upload that its client broke off has none, but an error.
    pub(super) async fn next(&mut self) -> Result<Option<FlightData>, Status> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let message = tokio::select! {
            message = self.rest.message() => message?,
            _ = self.stopping.wait_for(|stopping| *stopping) => return Err(Status::unavailable("the server is stopping")),
        };
        if message.is_none() && !self.ending.as_ref().is_some_and(Ending::was_meant) {
            return Err(Status::cancelled("the client has broken its upload off"));
        }
        Ok(message)
    }

    /// Reads the rest. Nothing else waits meanwhile, least of all the turn to write: a client may take its time.
    pub(in super::super) async fn receive(mut self, state: &State) -> Result<Messages, Status> {
        let mut received = Messages { messages: Vec::new(), held: state.prepared.hold() };
        while let Some(message) = self.next().await? {
            state.prepared.count(&mut received.held, bytes(&message))?;
            received.messages.push(message);
        }
        Ok(received)
    }
}

/// What a message takes.
pub(super) fn bytes(message: &FlightData) -> usize {
    message.data_header.len() + message.data_body.len() + size_of::<FlightData>()
}
