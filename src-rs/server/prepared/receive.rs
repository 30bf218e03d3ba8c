//! Receives what a `DoPut` brings.

use arrow_flight::{FlightData, FlightDescriptor};
use tonic::{Status, Streaming};

use crate::server::allowance::Held;
use crate::server::state::State;

/// A `DoPut` whose first message has been read.
pub(in super::super) struct Upload {
    first: FlightData,
    rest: Streaming<FlightData>,
}

/// The messages of an upload, and what they take of the server's memory for values.
pub(super) struct Messages {
    pub(super) messages: Vec<FlightData>,
    pub(super) held: Held,
}

impl Upload {
    /// Reads the first message, which says what the upload is for.
    pub(in super::super) async fn begin(mut rest: Streaming<FlightData>) -> Result<(FlightDescriptor, Self), Status> {
        let missing = || Status::invalid_argument("the first message of a DoPut must bring a descriptor");
        let mut first = rest.message().await?.ok_or_else(missing)?;
        let descriptor = first.flight_descriptor.take().ok_or_else(missing)?;
        Ok((descriptor, Self { first, rest }))
    }

    /// Reads the rest. Nothing else waits meanwhile, least of all the turn to write: a client may take its time.
    pub(super) async fn receive(self, state: &State) -> Result<Messages, Status> {
        let Self { first, mut rest } = self;
        let mut stopping = state.stopping.clone();
        let mut received = Messages { messages: Vec::new(), held: state.prepared.hold() };
        let mut next = Some(first);
        while let Some(message) = next {
            let bytes = message.data_header.len() + message.data_body.len() + size_of::<FlightData>();
            state.prepared.count(&mut received.held, bytes)?;
            received.messages.push(message);
            next = tokio::select! {
                next = rest.message() => next?,
                _ = stopping.wait_for(|stopping| *stopping) => return Err(Status::unavailable("the server is stopping")),
            };
        }
        Ok(received)
    }
}
