//! The calls of Flight SQL that lead to a stream: GetFlightInfo for a statement, and a handshake for the clients that
//! insist on one. DoGet is answered in `connection.rs`, beneath tonic.

use std::pin::Pin;
use std::sync::Arc;

use arrow_flight::sql::server::FlightSqlService;
use arrow_flight::sql::{CommandStatementQuery, SqlInfo};
use arrow_flight::{FlightDescriptor, FlightEndpoint, FlightInfo, HandshakeRequest, HandshakeResponse, Ticket};
use bench::query::Query;
use futures::Stream;
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status, Streaming};

use crate::encoded::EncodedShapes;

#[derive(Clone)]
pub struct Service {
    pub shapes: Arc<EncodedShapes>,
}

type Responses<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl FlightSqlService for Service {
    type FlightService = Service;

    async fn do_handshake(&self, _request: Request<Streaming<HandshakeRequest>>) -> Result<Response<Responses<HandshakeResponse>>, Status> {
        let welcome = HandshakeResponse { protocol_version: 0, payload: "bench".into() };
        let mut response: Response<Responses<_>> = Response::new(Box::pin(futures::stream::iter([Ok(welcome)])));
        // Some clients take the token from the message, some from here.
        response.metadata_mut().insert("authorization", MetadataValue::from_static("Bearer bench"));
        Ok(response)
    }

    async fn get_flight_info_statement(
        &self,
        command: CommandStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let query: Query = command.query.parse().map_err(Status::invalid_argument)?;
        let shape = self.shapes.get(&query)?;
        let batches = query.batches(shape.body.len() as u64);
        let info = FlightInfo::new()
            .try_with_schema(&shape.schema)
            .map_err(|error| Status::internal(error.to_string()))?
            .with_descriptor(request.into_inner())
            // The ticket is the query itself: every connection can redeem it.
            .with_endpoint(FlightEndpoint::new().with_ticket(Ticket::new(query.to_string())))
            .with_total_records((batches * query.rows as u64) as i64)
            .with_total_bytes((batches * shape.body.len() as u64) as i64);
        Ok(Response::new(info))
    }

    async fn register_sql_info(&self, _id: i32, _result: &SqlInfo) {}
}
