//! The calls of plain Flight, for what Flight SQL has no name for.

use arrow_flight::{Action, Criteria, Empty, FlightDescriptor, FlightInfo, HandshakeRequest, PollInfo};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use prost::Message;
use tonic::{Response, Status, Streaming};

use super::client::Client;
use super::descriptor::of_command;
use super::statement::Statement;
use crate::error::{Error, Result};
use crate::flight::put::{Put, Upload};
use crate::transport::call::Call;

/// Messages as they come, encoded.
pub type Encoded = BoxStream<'static, Result<Bytes>>;

impl Client {
    /// GetFlightInfo.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn flight_info(&self, descriptor: FlightDescriptor, call: &Call) -> Result<FlightInfo> {
        call.bound(async { only(self.flight(call).await?.get_flight_info(descriptor).await) }).await
    }

    /// GetSchema: the schema as an encapsulated IPC message.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn flight_schema(&self, descriptor: FlightDescriptor, call: &Call) -> Result<Bytes> {
        call.bound(async { only(self.flight(call).await?.get_schema(descriptor).await).map(|answer| answer.schema) }).await
    }

    /// PollFlightInfo.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn poll(&self, descriptor: FlightDescriptor, call: &Call) -> Result<PollInfo> {
        call.bound(async { only(self.flight(call).await?.poll_flight_info(descriptor).await) }).await
    }

    /// Asks the server to begin a query, and how far it is.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn poll_execute(&self, query: Statement, transaction: Option<Bytes>, call: &Call) -> Result<PollInfo> {
        self.poll(of_command(query.query(transaction)), call).await
    }

    /// DoAction: the bodies of its results.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn do_action(&self, action: Action, call: &Call) -> Result<Encoded> {
        let answer = call.bound(async { self.flight(call).await?.do_action(action).await.map_err(Error::from_status) }).await?;
        Ok(stream(answer, |result| result.body))
    }

    /// ListActions: ActionType messages.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn list_actions(&self, call: &Call) -> Result<Encoded> {
        let answer = call.bound(async { self.flight(call).await?.list_actions(Empty {}).await.map_err(Error::from_status) }).await?;
        Ok(stream(answer, |action| action.encode_to_vec().into()))
    }

    /// ListFlights: FlightInfo messages.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn list_flights(&self, criteria: Bytes, call: &Call) -> Result<Encoded> {
        let criteria = Criteria { expression: criteria };
        let answer = call.bound(async { self.flight(call).await?.list_flights(criteria).await.map_err(Error::from_status) }).await?;
        Ok(stream(answer, |info| info.encode_to_vec().into()))
    }

    /// Handshake: one payload goes up, any number come back.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn handshake(&self, payload: Bytes, call: &Call) -> Result<Encoded> {
        let request = futures::stream::iter([HandshakeRequest { protocol_version: 0, payload }]);
        let answer = call.bound(async { self.flight(call).await?.handshake(request).await.map_err(Error::from_status) }).await?;
        Ok(stream(answer, |response| response.payload))
    }

    /// DoPut. Must be called within a tokio runtime.
    pub fn do_put(&self, descriptor: FlightDescriptor, upload: Upload, call: Call) -> Put {
        self.put(descriptor, upload, call)
    }
}

fn only<T>(answer: std::result::Result<Response<T>, Status>) -> Result<T> {
    answer.map(Response::into_inner).map_err(Error::from_status)
}

fn stream<T: Send + 'static>(answer: Response<Streaming<T>>, encode: impl Fn(T) -> Bytes + Send + 'static) -> Encoded {
    let messages: Box<dyn Stream<Item = _> + Send + Unpin> = Box::new(answer.into_inner());
    messages.map(move |message| message.map(&encode).map_err(Error::from_status)).boxed()
}
