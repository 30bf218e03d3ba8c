//! Reads the record batches of an upload, by the decoder of the client: it trusts no length, and writes run-ends out.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_flight::FlightData;
use arrow_schema::SchemaRef;
use tonic::Status;

use crate::arrow::arrays::record_batch;
use crate::arrow::decoder::{Decoder, Event};
use crate::arrow::dictionary::DictionaryArrays;
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::error::{Code, Error};
use crate::flight::frames::FlightMessage;
use crate::flight::memory::own_block;
use crate::server::allowance::Held;
use crate::server::prepared::PreparedStatements;

/// What a row counts for at least: a column of nulls has any number of them in no bytes at all.
const ROW_BYTES: usize = 8;

/// From the messages of one upload to record batches, one message after another.
pub(in super::super) struct BatchDecoder {
    decoder: Decoder,
    events: VecDeque<Event>,
    wire: Option<Arc<StreamSchema>>,
    schema: Option<SchemaRef>,
    dictionaries: DictionaryArrays,
    /// What the dictionaries take that the next batches may refer to, by slot.
    dictionary_bytes: Vec<Held>,
}

impl BatchDecoder {
    /// For messages that are no larger than `most` once they are decompressed.
    pub(in super::super) fn new(most: usize) -> Self {
        Self {
            decoder: Decoder::new(most),
            events: VecDeque::new(),
            wire: None,
            schema: None,
            dictionaries: DictionaryArrays::default(),
            dictionary_bytes: Vec::new(),
        }
    }

    /// The schema of the batches, once it has come.
    pub(in super::super) fn schema(&self) -> Option<&SchemaRef> {
        self.schema.as_ref()
    }

    /// Reads one message and adds the batch that it is to `batches`, if it is one. What it takes counts into `held`, too,
    /// of the memory that `known` has for values. Blocks.
    pub(in super::super) fn decode(
        &mut self,
        message: FlightData,
        known: &PreparedStatements,
        held: &mut Held,
        batches: &mut Vec<RecordBatch>,
    ) -> Result<(), Status> {
        self.decoder.decode(framed(message).map_err(refused)?, &mut self.events).map_err(refused)?;
        while let Some(event) = self.events.pop_front() {
            match event {
                Event::Schema(schema) => {
                    self.dictionaries = DictionaryArrays::new(&schema);
                    self.dictionary_bytes = schema.dictionaries.iter().map(|_| known.hold()).collect();
                    self.schema = Some(Arc::clone(&schema.normalised));
                    self.wire = Some(schema);
                }
                Event::Data(data) => {
                    known.count(held, data.bytes())?;
                    batches.extend(self.take(&data, known, held)?);
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, data: &Decoded, known: &PreparedStatements, held: &mut Held) -> Result<Option<RecordBatch>, Status> {
        let Some(schema) = &self.wire else {
            return Ok(None);
        };
        match data {
            Decoded::Dictionary { slot, delta, layout, memory } => {
                if let Some(kept) = self.dictionary_bytes.get_mut(*slot) {
                    if !delta {
                        *kept = known.hold();
                    }
                    known.count(kept, data.bytes())?;
                }
                // SAFETY: a message of an upload is never handed to JavaScript.
                unsafe { self.dictionaries.update(schema, *slot, *delta, layout, memory) }.map_err(refused)?;
                Ok(None)
            }
            Decoded::Batch { rows, layout, memory, .. } => {
                known.count(held, rows.saturating_mul(ROW_BYTES))?;
                let (schema, nodes) = (&schema.normalised, &schema.normalised_fields);
                // SAFETY: as above.
                let batch = unsafe { record_batch(schema, nodes, *rows, layout, memory, self.dictionaries.values()) };
                batch.map(Some).map_err(refused)
            }
            Decoded::Metadata { .. } => Ok(None),
        }
    }
}

/// The message in memory of the kind that the decoder reads.
fn framed(message: FlightData) -> Result<FlightMessage, Error> {
    let body = match message.data_body.len() {
        0 => None,
        length => {
            let mut writer = own_block(length)?;
            writer.write(&message.data_body);
            Some(writer.finish().map_err(|_| Error::data("the body of a message could not be copied"))?)
        }
    };
    Ok(FlightMessage { header: message.data_header.into(), app_metadata: None, body })
}

fn refused(error: Error) -> Status {
    let message = format!("the record batches cannot be read: {error}");
    match error.code() {
        Code::MessageTooLarge | Code::OutOfMemory => Status::resource_exhausted(message),
        _ => Status::invalid_argument(message),
    }
}
