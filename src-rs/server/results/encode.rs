//! Record batches as the messages of a Flight stream.

use arrow_array::RecordBatch;
use arrow_flight::{FlightData, IpcMessage, SchemaAsIpc};
use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteContext, IpcWriteOptions};
use arrow_schema::{ArrowError, Schema};
use bytes::Bytes;
use tonic::Status;

/// A schema as an encapsulated IPC message.
pub(in super::super) fn encapsulated(schema: &Schema) -> Result<Bytes, Status> {
    let IpcMessage(message) = SchemaAsIpc::new(schema, &IpcWriteOptions::default())
        .try_into()
        .map_err(|error: ArrowError| Status::internal(format!("a schema could not be encoded: {error}")))?;
    Ok(message)
}

/// The encoder of one stream. No type of this server is dictionary-encoded, so a batch is one message.
pub(super) struct Encoder {
    options: IpcWriteOptions,
    generator: IpcDataGenerator,
    dictionaries: DictionaryTracker,
    context: IpcWriteContext,
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self {
            options: IpcWriteOptions::default(),
            generator: IpcDataGenerator::default(),
            dictionaries: DictionaryTracker::new(false),
            context: IpcWriteContext::default(),
        }
    }

    /// The message that every stream begins with.
    pub(super) fn schema(&self, schema: &Schema) -> FlightData {
        SchemaAsIpc::new(schema, &self.options).into()
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<FlightData, Status> {
        let (_, encoded) = self
            .generator
            .encode(batch, &mut self.dictionaries, &self.options, &mut self.context)
            .map_err(|error| Status::internal(format!("a batch could not be encoded: {error}")))?;
        Ok(encoded.into())
    }
}
