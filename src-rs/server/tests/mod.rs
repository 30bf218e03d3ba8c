//! The server, called over the network by arrow-flight's own client.

mod authentication;
mod batches;
mod closed_off;
mod columns;
mod concurrency;
mod endpoints;
mod keys;
mod lifecycle;
mod metadata;
mod queries;
mod sql_info;
mod streaming;
mod type_info;
mod types;
mod updates;
mod values;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::sql::{CommandStatementQuery, CommandStatementUpdate, DoPutUpdateResult, ProstMessageExt};
use arrow_flight::{FlightData, FlightDescriptor, FlightInfo, Ticket};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use futures::{StreamExt, TryStreamExt};
use prost::Message;
use tonic::transport::Channel;
use tonic::{Request, Status};

use super::{EmbeddedServer, ServerOptions};

/// A server, and a client that is connected to it.
#[derive(Clone)]
struct Fixture {
    server: Arc<EmbeddedServer>,
    client: FlightServiceClient<Channel>,
    headers: Vec<(&'static str, String)>,
}

impl Fixture {
    async fn start() -> Self {
        Self::with(ServerOptions::default()).await
    }

    async fn with(options: ServerOptions) -> Self {
        let server = Arc::new(EmbeddedServer::start(options).await.unwrap());
        let client = connect(&server).await;
        Self { server, client, headers: Vec::new() }
    }

    async fn with_sql(sql: &str) -> Self {
        Self::with(ServerOptions { init_sql: Some(sql.to_owned()), ..Default::default() }).await
    }

    /// Sends a header with every call from now on.
    fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_string()));
        self
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        for (name, value) in &self.headers {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        request
    }

    async fn info(&self, sql: &str) -> Result<FlightInfo, Status> {
        let command = CommandStatementQuery { query: sql.to_owned(), transaction_id: None };
        self.info_of(&command).await
    }

    async fn info_of(&self, command: &impl ProstMessageExt) -> Result<FlightInfo, Status> {
        let descriptor = FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
        Ok(self.client.clone().get_flight_info(self.request(descriptor)).await?.into_inner())
    }

    /// The batches behind a ticket, and the schema that they came with.
    async fn read(&self, ticket: &Ticket) -> Result<(SchemaRef, Vec<RecordBatch>), Status> {
        let stream = self.client.clone().do_get(self.request(ticket.clone())).await?.into_inner();
        let mut stream = FlightRecordBatchStream::new_from_flight_data(stream.map_err(FlightError::from));
        let mut batches = Vec::new();
        while let Some(batch) = stream.next().await {
            batches.push(batch.map_err(status_of)?);
        }
        Ok((Arc::clone(stream.schema().unwrap()), batches))
    }

    /// Every batch of a query, endpoint after endpoint; its schema is the one that was announced.
    async fn batches(&self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>), Status> {
        let info = self.info(sql).await?;
        let announced = Arc::new(info.clone().try_decode_schema().unwrap());
        let mut batches = Vec::new();
        for endpoint in &info.endpoint {
            let (schema, more) = self.read(endpoint.ticket.as_ref().unwrap()).await?;
            assert_eq!(schema, announced, "{sql}");
            batches.extend(more);
        }
        Ok((announced, batches))
    }

    /// The whole result of a query.
    async fn query(&self, sql: &str) -> Result<RecordBatch, Status> {
        let (schema, batches) = self.batches(sql).await?;
        Ok(concat_batches(&schema, &batches).unwrap())
    }

    /// Everything behind a metadata command.
    async fn list(&self, command: &impl ProstMessageExt) -> Result<RecordBatch, Status> {
        let info = self.info_of(command).await?;
        let announced = info.clone().try_decode_schema().unwrap();
        let (schema, batches) = self.read(info.endpoint[0].ticket.as_ref().unwrap()).await?;
        assert_eq!(*schema, announced);
        Ok(concat_batches(&schema, &batches).unwrap())
    }

    async fn update(&self, sql: &str) -> Result<i64, Status> {
        let command = CommandStatementUpdate { query: sql.to_owned(), transaction_id: None };
        let descriptor = FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
        let message = FlightData { flight_descriptor: Some(descriptor), ..Default::default() };
        let stream = futures::stream::iter([message]);
        let mut replies = self.client.clone().do_put(self.request(stream)).await?.into_inner();
        let reply = replies.message().await?.unwrap();
        assert_eq!(replies.message().await?, None);
        Ok(DoPutUpdateResult::decode(reply.app_metadata).unwrap().record_count)
    }
}

async fn connect(server: &EmbeddedServer) -> FlightServiceClient<Channel> {
    let endpoint = tonic::transport::Endpoint::try_from(format!("http://{}", server.local_addr())).unwrap();
    FlightServiceClient::new(endpoint.connect().await.unwrap()).max_decoding_message_size(usize::MAX)
}

fn status_of(error: FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => *status,
        other => panic!("not a status: {other}"),
    }
}

/// Names and types, as one line.
fn columns(schema: &Schema) -> String {
    let fields = schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type()));
    fields.collect::<Vec<_>>().join(", ")
}

/// The values of a batch as text, row after row: exact for every type that this server has.
fn rows(batch: &RecordBatch) -> Vec<String> {
    let options = arrow_cast::display::FormatOptions::default().with_null("NULL");
    let formatters: Vec<_> =
        batch.columns().iter().map(|column| arrow_cast::display::ArrayFormatter::try_new(column, &options).unwrap()).collect();
    (0..batch.num_rows()).map(|row| formatters.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join("|")).collect()
}
