//! The calls of Flight SQL beside streams of results: GetFlightInfo for a statement, a prepared statement with a parameter, an ingest that is checked,
//! and a handshake for the clients that insist on one. DoGet is answered in `connection.rs`, beneath tonic, and so is an ingest that is measured.

use std::pin::Pin;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use arrow_flight::sql::server::{FlightSqlService, PeekableFlightDataStream};
use arrow_flight::sql::{
    ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult,
    CommandPreparedStatementQuery, CommandStatementIngest, CommandStatementQuery, DoPutPreparedStatementResult, SqlInfo,
};
use arrow_flight::{
    Action, FlightDescriptor, FlightEndpoint, FlightInfo, HandshakeRequest, HandshakeResponse, IpcMessage, SchemaAsIpc, Ticket,
};
use arrow_ipc::writer::IpcWriteOptions;
use arrow_schema::{DataType, Field, Schema};
use bench::query::Query;
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status, Streaming};

use crate::checked;
use crate::encoded::{EncodedShape, EncodedShapes};
use crate::one_row::{OneRow, STATEMENT, TEMPLATE};

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
        // The ticket is the query itself: every connection can redeem it.
        let info = info(&shape, &query.to_string(), batches)?.with_descriptor(request.into_inner());
        Ok(Response::new(info.with_total_records((batches * query.rows as u64) as i64)))
    }

    async fn do_action_create_prepared_statement(
        &self,
        command: ActionCreatePreparedStatementRequest,
        _request: Request<Action>,
    ) -> Result<ActionCreatePreparedStatementResult, Status> {
        if command.query != STATEMENT {
            return Err(Status::invalid_argument(format!("the statement that can be prepared is {STATEMENT:?}, not {:?}", command.query)));
        }
        let parameters = Schema::new(vec![Field::new("id", DataType::Int64, true)]);
        let template = self.shapes.get(&TEMPLATE)?;
        Ok(ActionCreatePreparedStatementResult {
            prepared_statement_handle: STATEMENT.into(),
            dataset_schema: message(&template.schema)?,
            parameter_schema: message(&parameters)?,
        })
    }

    /// What is bound is in the handle that this answers: the server remembers nothing.
    async fn do_put_prepared_statement_query(
        &self,
        _command: CommandPreparedStatementQuery,
        request: Request<PeekableFlightDataStream>,
    ) -> Result<DoPutPreparedStatementResult, Status> {
        let batches: Vec<_> = decoded(request).try_collect().await?;
        let [batch] = batches.as_slice() else { return Err(Status::invalid_argument("the parameter comes in one batch")) };
        let ids = batch.columns().first().and_then(|column| column.as_primitive_opt::<Int64Type>());
        let id = ids.and_then(|ids| ids.values().first().copied()).ok_or_else(|| Status::invalid_argument("the parameter is an int64"))?;
        Ok(DoPutPreparedStatementResult { prepared_statement_handle: Some(OneRow { id }.to_string().into()) })
    }

    async fn get_flight_info_prepared_statement(
        &self,
        command: CommandPreparedStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let text = std::str::from_utf8(&command.prepared_statement_handle).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let bound: OneRow = text.parse().map_err(Status::invalid_argument)?;
        let template = self.shapes.get(&TEMPLATE)?;
        let info = info(&template, &bound.to_string(), 1)?.with_descriptor(request.into_inner());
        Ok(Response::new(info.with_total_records(1)))
    }

    async fn do_action_close_prepared_statement(
        &self,
        _command: ActionClosePreparedStatementRequest,
        _request: Request<Action>,
    ) -> Result<(), Status> {
        Ok(())
    }

    async fn do_put_statement_ingest(
        &self,
        command: CommandStatementIngest,
        request: Request<PeekableFlightDataStream>,
    ) -> Result<i64, Status> {
        checked::count(&command.table, decoded(request)).await
    }

    async fn register_sql_info(&self, _id: i32, _result: &SqlInfo) {}
}

fn info(shape: &EncodedShape, ticket: &str, batches: u64) -> Result<FlightInfo, Status> {
    let info = FlightInfo::new().try_with_schema(&shape.schema).map_err(|error| Status::internal(error.to_string()))?;
    let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(ticket.to_owned()));
    Ok(info.with_endpoint(endpoint).with_total_bytes((batches * shape.body.len() as u64) as i64))
}

fn message(schema: &Schema) -> Result<Bytes, Status> {
    let options = IpcWriteOptions::default();
    let IpcMessage(bytes) =
        SchemaAsIpc::new(schema, &options).try_into().map_err(|error: arrow_schema::ArrowError| Status::internal(error.to_string()))?;
    Ok(bytes)
}

fn decoded(request: Request<PeekableFlightDataStream>) -> FlightRecordBatchStream {
    FlightRecordBatchStream::new_from_flight_data(request.into_inner().map_err(FlightError::from))
}
