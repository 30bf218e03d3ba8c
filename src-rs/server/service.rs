//! Flight's calls, each led to what answers it.

use std::pin::Pin;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_flight::flight_descriptor::DescriptorType;
use arrow_flight::flight_service_server::FlightService;
use arrow_flight::sql::{
    Any, Command, CommandPreparedStatementQuery, CommandStatementQuery, DoPutPreparedStatementResult, DoPutUpdateResult,
};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo, HandshakeRequest, HandshakeResponse,
    PollInfo, PutResult, SchemaAsIpc, SchemaResult, Ticket,
};
use arrow_ipc::writer::IpcWriteOptions;
use arrow_schema::SchemaRef;
use futures::Stream;
use prost::Message;
use tonic::{Request, Response, Status, Streaming};

use super::auth::Caller;
use super::call::{self, CallOptions};
use super::prepared;
use super::query::Query;
use super::results::{ResultStream, Rows};
use super::state::State;
use super::ticket::StatementTicket;
use super::uploads::Upload;
use super::{actions, blocking, handshake, ingest, metadata, polling, statement, update};

pub(super) struct Service(pub(super) Arc<State>);

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn one<T: Send + 'static>(reply: T) -> Response<Replies<T>> {
    Response::new(Box::pin(futures::stream::iter([Ok(reply)])))
}

#[tonic::async_trait]
impl FlightService for Service {
    type HandshakeStream = Replies<HandshakeResponse>;
    type ListFlightsStream = Replies<FlightInfo>;
    type DoGetStream = ResultStream;
    type DoPutStream = Replies<PutResult>;
    type DoExchangeStream = Replies<FlightData>;
    type DoActionStream = Replies<arrow_flight::Result>;
    type ListActionsStream = Replies<ActionType>;

    async fn handshake(&self, request: Request<Streaming<HandshakeRequest>>) -> Result<Response<Self::HandshakeStream>, Status> {
        Ok(one(handshake::answer(&self.0.authenticator, request).await?))
    }

    async fn get_flight_info(&self, request: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        let options = CallOptions::of(request.metadata(), &self.0.options)?;
        let caller = Caller::of(request.extensions());
        let descriptor = request.into_inner();
        let command = command_of(&descriptor)?;
        let info = match command {
            Command::CommandStatementQuery(query) => statement::flight_info(&self.0, query_of(query, caller), options, descriptor).await?,
            Command::CommandPreparedStatementQuery(command) => {
                let query = prepared_query(&self.0, &command, caller)?;
                statement::flight_info(&self.0, query, options, descriptor).await?
            }
            command => {
                let schema = metadata_schema(&self.0, command)?;
                // The command is its own ticket: what it lists is small, and read when it is asked for.
                let ticket = Ticket { ticket: descriptor.cmd.clone() };
                let info = FlightInfo::new().with_descriptor(descriptor).with_endpoint(FlightEndpoint::new().with_ticket(ticket));
                statement::with_schema(info, &schema)?
            }
        };
        Ok(Response::new(info))
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let caller = Caller::of(request.extensions());
        let schema = match command_of(request.get_ref())? {
            Command::CommandStatementQuery(query) => statement::schema(&self.0, query_of(query, caller)).await?,
            Command::CommandPreparedStatementQuery(command) => {
                statement::schema(&self.0, prepared_query(&self.0, &command, caller)?).await?
            }
            command => metadata_schema(&self.0, command)?,
        };
        let result = SchemaAsIpc::new(&schema, &IpcWriteOptions::default())
            .try_into()
            .map_err(|error| Status::internal(format!("the schema could not be encoded: {error}")))?;
        Ok(Response::new(result))
    }

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let shape = call::batch_shape(request.metadata())?;
        let (rows, reading) = match unpack(&request.get_ref().ticket, "ticket")? {
            Command::TicketStatementQuery(ticket) => {
                let ticket = StatementTicket::open(&ticket, &self.0.keys)?;
                let (rows, reading) = statement::read(&self.0, ticket, shape).await?;
                (rows, Some(reading))
            }
            command => (Rows::Batch(metadata_rows(&self.0, command).await?), None),
        };
        Ok(Response::new(ResultStream::start(rows, reading, self.0.stopping.clone(), self.0.counters.clone())))
    }

    async fn do_put(&self, request: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        let caller = Caller::of(request.extensions());
        let (descriptor, upload) = Upload::begin(request, &self.0).await?;
        let app_metadata = match command_of(&descriptor)? {
            Command::CommandStatementUpdate(command) => {
                let record_count = update::update(&self.0, Query::plain(command.query, command.transaction_id, caller)).await?;
                DoPutUpdateResult { record_count }.encode_to_vec()
            }
            Command::CommandPreparedStatementUpdate(command) => {
                let record_count = prepared::update(&self.0, &command.prepared_statement_handle, upload, caller).await?;
                DoPutUpdateResult { record_count }.encode_to_vec()
            }
            Command::CommandPreparedStatementQuery(command) => {
                prepared::bind(&self.0, &command.prepared_statement_handle, upload, caller).await?;
                DoPutPreparedStatementResult { prepared_statement_handle: Some(command.prepared_statement_handle) }.encode_to_vec()
            }
            Command::CommandStatementIngest(command) => {
                let record_count = ingest::ingest(&self.0, command, upload, caller).await?;
                DoPutUpdateResult { record_count }.encode_to_vec()
            }
            command => return Err(unsupported("DoPut", &command)),
        };
        Ok(one(PutResult { app_metadata: app_metadata.into() }))
    }

    async fn poll_flight_info(&self, request: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        let caller = Caller::of(request.extensions());
        let info = match command_of(request.get_ref())? {
            Command::CommandStatementQuery(query) => self.poll(query_of(query, caller), request).await?,
            Command::CommandPreparedStatementQuery(command) => self.poll(prepared_query(&self.0, &command, caller)?, request).await?,
            Command::TicketStatementQuery(handle) => polling::again(&self.0, &handle).await?,
            _ => polling::whole(self.get_flight_info(request).await?.into_inner()),
        };
        Ok(Response::new(info))
    }

    async fn list_flights(&self, _request: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        Err(Status::unimplemented("ListFlights is not supported by the embedded server; query its tables"))
    }

    async fn do_exchange(&self, _request: Request<Streaming<FlightData>>) -> Result<Response<Self::DoExchangeStream>, Status> {
        Err(Status::unimplemented("DoExchange is not supported by the embedded server"))
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let answer = actions::answer(&self.0, &request).await?;
        Ok(answer.map(|body| -> Self::DoActionStream {
            Box::pin(futures::stream::iter(body.map(|body| Ok(arrow_flight::Result { body: body.into() }))))
        }))
    }

    async fn list_actions(&self, _request: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        Ok(Response::new(Box::pin(futures::stream::iter(actions::list().map(Ok)))))
    }
}

impl Service {
    /// Begins a query to poll. One of a transaction is there as a whole: the next statement needs the connection.
    async fn poll(&self, query: Query, request: Request<FlightDescriptor>) -> Result<PollInfo, Status> {
        let options = CallOptions::of(request.metadata(), &self.0.options)?;
        if query.transaction().is_some() {
            return Ok(polling::whole(statement::flight_info(&self.0, query, options, request.into_inner()).await?));
        }
        polling::begin(&self.0, query, options, request.into_inner()).await
    }
}

fn command_of(descriptor: &FlightDescriptor) -> Result<Command, Status> {
    if descriptor.r#type() != DescriptorType::Cmd {
        return Err(Status::invalid_argument("the descriptor must be a Flight SQL command, not a path"));
    }
    unpack(&descriptor.cmd, "descriptor")
}

fn unpack(bytes: &[u8], what: &str) -> Result<Command, Status> {
    let foreign = |why: String| Status::invalid_argument(format!("the {what} is no Flight SQL command: {why}"));
    let any = Any::decode(bytes).map_err(|error| foreign(error.to_string()))?;
    Command::try_from(any).map_err(|error| foreign(error.to_string()))
}

fn query_of(command: CommandStatementQuery, caller: Caller) -> Query {
    Query::plain(command.query, command.transaction_id, caller)
}

fn prepared_query(state: &State, command: &CommandPreparedStatementQuery, caller: Caller) -> Result<Query, Status> {
    Ok(Query::prepared(&*state.prepared.find(&command.prepared_statement_handle, caller)?))
}

fn unsupported(call: &str, command: &Command) -> Status {
    let name = command.type_url().rsplit(['.', '/']).next().unwrap_or_default();
    Status::unimplemented(format!("{call} of {name:?} is not supported by the embedded server"))
}

fn metadata_schema(state: &State, command: Command) -> Result<SchemaRef, Status> {
    Ok(match command {
        Command::CommandGetCatalogs(command) => command.into_builder().schema(),
        Command::CommandGetDbSchemas(command) => command.into_builder().schema(),
        Command::CommandGetTableTypes(command) => command.into_builder().schema(),
        Command::CommandGetTables(command) => metadata::tables_schema(command),
        Command::CommandGetPrimaryKeys(_) => metadata::primary_keys_schema(),
        Command::CommandGetExportedKeys(_) | Command::CommandGetImportedKeys(_) | Command::CommandGetCrossReference(_) => {
            metadata::foreign_keys_schema()
        }
        Command::CommandGetXdbcTypeInfo(_) => metadata::xdbc_type_info_schema(),
        Command::CommandGetSqlInfo(command) => command.into_builder(&state.sql_info).schema(),
        command => return Err(unsupported("GetFlightInfo", &command)),
    })
}

async fn metadata_rows(state: &Arc<State>, command: Command) -> Result<RecordBatch, Status> {
    match command {
        Command::CommandGetCatalogs(command) => metadata::catalogs(command),
        Command::CommandGetDbSchemas(command) => metadata::db_schemas(command),
        Command::CommandGetTableTypes(command) => metadata::table_types(command),
        Command::CommandGetTables(command) => blocking::run(state, |state, stopper| metadata::tables(state, command, stopper)).await,
        Command::CommandGetPrimaryKeys(command) => {
            blocking::run(state, |state, stopper| metadata::primary_keys(state, command, stopper)).await
        }
        Command::CommandGetExportedKeys(command) => {
            blocking::run(state, |state, stopper| metadata::exported_keys(state, command, stopper)).await
        }
        Command::CommandGetImportedKeys(command) => {
            blocking::run(state, |state, stopper| metadata::imported_keys(state, command, stopper)).await
        }
        Command::CommandGetCrossReference(command) => {
            blocking::run(state, |state, stopper| metadata::cross_reference(state, command, stopper)).await
        }
        Command::CommandGetXdbcTypeInfo(command) => metadata::xdbc_type_info(command),
        Command::CommandGetSqlInfo(command) => command
            .into_builder(&state.sql_info)
            .build()
            .map_err(|error| Status::internal(format!("the server's description could not be filtered: {error}"))),
        command => Err(unsupported("DoGet", &command)),
    }
}
