//! DoPut: messages go up, answers come down.

use std::sync::Arc;

use arrow_flight::{FlightData, FlightDescriptor, PutResult};
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;

use crate::arrow::outgoing::OutgoingMessage;
use crate::error::{Code, Error, Result};
use crate::transport::call::Call;
use crate::transport::hosts::Hosts;

/// Messages that wait to be sent. A batch is cut into messages of a few MiB, and whoever sends waits for room.
const WAITING: usize = 2;

/// A DoPut under way. Dropping it resets the stream.
#[derive(Debug)]
pub struct Put {
    messages: mpsc::Sender<FlightData>,
    answers: AbortOnDropHandle<Result<Vec<PutResult>>>,
}

impl Put {
    /// Begins a DoPut whose first message brings `descriptor`, and the schema of what follows if there is one. Must be called within a tokio
    /// runtime.
    pub fn start(hosts: Arc<Hosts>, descriptor: FlightDescriptor, schema: Option<OutgoingMessage>, call: Call) -> Self {
        let (messages, waiting) = mpsc::channel(WAITING);
        let mut first = flight_data(schema.unwrap_or_default());
        first.flight_descriptor = Some(descriptor);
        let work = async move {
            let stream = futures::StreamExt::chain(futures::stream::iter([first]), ReceiverStream::new(waiting));
            let exchange = async {
                let mut client = hosts.control(&call).await?.flight(hosts.config().max_message);
                let mut answers = client.do_put(stream).await.map_err(Error::from_status)?.into_inner();
                let mut all = Vec::new();
                // To the end of the call: a status may follow the last of them.
                while let Some(answer) = answers.message().await.map_err(Error::from_status)? {
                    all.push(answer);
                }
                Ok(all)
            };
            call.bound(exchange).await
        };
        let answers: JoinHandle<_> = tokio::spawn(work);
        Self { messages, answers: AbortOnDropHandle::new(answers) }
    }

    /// Sends a message, as soon as there is room.
    ///
    /// # Errors
    /// Why the call is over.
    pub async fn send(&mut self, message: OutgoingMessage) -> Result<()> {
        if self.messages.send(flight_data(message)).await.is_ok() {
            return Ok(());
        }
        self.answers().await?;
        Err(Error::new(Code::Protocol, "the server answered before everything was sent, and took no more of it"))
    }

    /// Says that nothing more comes, and returns the server's answers.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn finish(mut self) -> Result<Vec<PutResult>> {
        let (none, _) = mpsc::channel(1);
        self.messages = none;
        self.answers().await
    }

    async fn answers(&mut self) -> Result<Vec<PutResult>> {
        (&mut self.answers).await.unwrap_or_else(|failed| Err(Error::of_task(failed)))
    }
}

fn flight_data(message: OutgoingMessage) -> FlightData {
    FlightData { data_header: Bytes::from(message.header), data_body: Bytes::from(message.body), ..FlightData::default() }
}
