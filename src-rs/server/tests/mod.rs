//! The server, called over the network by arrow-flight's own client.

mod actions;
mod authentication;
mod batches;
mod binding;
mod bound_values;
mod callers;
mod cancelling;
mod client_sessions;
mod closed_off;
mod columns;
mod compression;
mod concurrency;
mod endpoints;
mod ingest;
mod ingest_failures;
mod ingest_modes;
mod ingest_transactions;
mod ingest_types;
mod keys;
mod lifecycle;
mod metadata;
mod open_calls;
mod polling;
mod prepared;
mod prepared_limits;
mod prepared_updates;
mod queries;
mod renewing;
mod savepoints;
mod sessions;
mod sql_info;
mod streaming;
mod transaction_failures;
mod transaction_limits;
mod transactions;
mod type_info;
mod types;
mod updates;
mod values;

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::encode::{DictionaryHandling, FlightDataEncoderBuilder};
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::sql::{
    ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult, Any, CommandPreparedStatementQuery,
    CommandPreparedStatementUpdate, CommandStatementQuery, CommandStatementUpdate, DoPutPreparedStatementResult, DoPutUpdateResult,
    ProstMessageExt,
};
use arrow_flight::{Action, FlightData, FlightDescriptor, FlightInfo, Ticket};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use bytes::Bytes;
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
        self.batches_of(&self.info(sql).await?).await
    }

    async fn batches_of(&self, info: &FlightInfo) -> Result<(SchemaRef, Vec<RecordBatch>), Status> {
        let announced = Arc::new(info.clone().try_decode_schema().unwrap());
        let mut batches = Vec::new();
        for endpoint in &info.endpoint {
            let (schema, more) = self.read(endpoint.ticket.as_ref().unwrap()).await?;
            assert_eq!(schema, announced);
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
        let metadata = self.put(&command, Vec::new()).await?;
        Ok(DoPutUpdateResult::decode(metadata).unwrap().record_count)
    }

    /// What the one answer to a `DoPut` carries. The command goes with the first message, or alone.
    async fn put(&self, command: &impl ProstMessageExt, mut messages: Vec<FlightData>) -> Result<Bytes, Status> {
        if messages.is_empty() {
            messages.push(FlightData::default());
        }
        messages[0].flight_descriptor = Some(FlightDescriptor::new_cmd(command.as_any().encode_to_vec()));
        let stream = futures::stream::iter(messages);
        let mut replies = self.client.clone().do_put(self.request(stream)).await?.into_inner();
        let reply = replies.message().await?.unwrap();
        assert_eq!(replies.message().await?, None);
        Ok(reply.app_metadata)
    }

    /// The one message that an action is answered with.
    async fn act(&self, name: &str, body: impl Into<Bytes>) -> Result<Bytes, Status> {
        let mut answers = self.answers(name, body).await?;
        assert_eq!(answers.len(), 1);
        Ok(answers.remove(0))
    }

    /// The answers to an action.
    async fn answers(&self, name: &str, body: impl Into<Bytes>) -> Result<Vec<Bytes>, Status> {
        let replies = self.client.clone().do_action(self.request(Action::new(name, body))).await?.into_inner();
        replies.map_ok(|reply| reply.body).try_collect().await
    }

    async fn prepare(&self, sql: &str) -> Result<ActionCreatePreparedStatementResult, Status> {
        let request = ActionCreatePreparedStatementRequest { query: sql.to_owned(), transaction_id: None };
        let answer = self.act("CreatePreparedStatement", request.as_any().encode_to_vec()).await?;
        Ok(Any::decode(answer).unwrap().unpack().unwrap().unwrap())
    }

    /// The handle of a statement that can be prepared.
    async fn prepared(&self, sql: &str) -> Bytes {
        self.prepare(sql).await.unwrap().prepared_statement_handle
    }

    async fn bind(&self, handle: &Bytes, batches: &[RecordBatch]) -> Result<(), Status> {
        let command = CommandPreparedStatementQuery { prepared_statement_handle: handle.clone() };
        let metadata = self.put(&command, messages(batches).await).await?;
        let answer = DoPutPreparedStatementResult::decode(metadata).unwrap();
        assert_eq!(answer.prepared_statement_handle.as_ref(), Some(handle));
        Ok(())
    }

    async fn prepared_info(&self, handle: &Bytes) -> Result<FlightInfo, Status> {
        self.info_of(&CommandPreparedStatementQuery { prepared_statement_handle: handle.clone() }).await
    }

    /// The whole result of a prepared query.
    async fn execute(&self, handle: &Bytes) -> Result<RecordBatch, Status> {
        let (schema, batches) = self.batches_of(&self.prepared_info(handle).await?).await?;
        Ok(concat_batches(&schema, &batches).unwrap())
    }

    async fn execute_update(&self, handle: &Bytes, batches: &[RecordBatch]) -> Result<i64, Status> {
        let command = CommandPreparedStatementUpdate { prepared_statement_handle: handle.clone() };
        let metadata = self.put(&command, messages(batches).await).await?;
        Ok(DoPutUpdateResult::decode(metadata).unwrap().record_count)
    }
}

/// Batches of one schema as a client sends them; nothing for none.
async fn messages(batches: &[RecordBatch]) -> Vec<FlightData> {
    let batches: Vec<_> = batches.iter().cloned().map(Ok).collect();
    let stream = futures::stream::iter(batches);
    let encoder = FlightDataEncoderBuilder::new().with_dictionary_handling(DictionaryHandling::Resend).build(stream);
    encoder.try_collect().await.unwrap()
}

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
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
