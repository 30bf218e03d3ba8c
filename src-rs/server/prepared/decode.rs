//! Reads the record batches of an upload, by the decoder of the client: it trusts no length, and writes run-ends out.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_flight::FlightData;
use arrow_schema::SchemaRef;
use tonic::Status;

use super::parameters::places;
use super::receive::Messages;
use super::statements::PreparedStatements;
use crate::arrow::arrays::record_batch;
use crate::arrow::decoder::{Decoder, Event};
use crate::arrow::dictionary::DictionaryArrays;
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::error::{Code, Error};
use crate::flight::frames::FlightMessage;
use crate::flight::memory::own_block;
use crate::server::allowance::Held;
use crate::server::sqlite::Binding;

/// What a row counts for at least: a column of nulls has any number of them in no bytes at all.
const ROW_BYTES: usize = 8;

/// The values that an upload brought.
pub(super) enum Brought {
    /// None: no schema, or one without columns, which is how some clients begin a stream that they bring none by.
    Nothing,
    /// As many rows as there are, which may be none. arrow-rs sends a batch without rows as a schema alone.
    Rows(Binding),
}

/// Reads values for the parameters `names` of a statement. Blocks.
pub(super) fn decode(received: Messages, names: &[String], known: &PreparedStatements, most: usize) -> Result<Brought, Status> {
    let Messages { messages, held: wire } = received;
    let mut batches = Batches::new(known, most);
    for message in messages {
        batches.add(message)?;
    }
    // What has been decoded is counted by itself.
    drop(wire);
    let Batches { schema: Some(schema), batches, held, .. } = batches else {
        return Ok(Brought::Nothing);
    };
    if schema.fields().is_empty() && batches.iter().all(|batch| batch.num_rows() == 0) {
        return Ok(Brought::Nothing);
    }
    let places = places(names, &schema)?;
    let binding = Binding::new(names, &places, &batches, held)
        .map_err(|error| Status::internal(format!("the record batches could not be put in the statement's order: {error}")))?;
    Ok(Brought::Rows(binding))
}

struct Batches<'a> {
    decoder: Decoder,
    events: VecDeque<Event>,
    wire: Option<Arc<StreamSchema>>,
    schema: Option<SchemaRef>,
    dictionaries: DictionaryArrays,
    batches: Vec<RecordBatch>,
    known: &'a PreparedStatements,
    held: Held,
}

impl<'a> Batches<'a> {
    fn new(known: &'a PreparedStatements, most: usize) -> Self {
        Self {
            decoder: Decoder::new(most),
            events: VecDeque::new(),
            wire: None,
            schema: None,
            dictionaries: DictionaryArrays::default(),
            batches: Vec::new(),
            known,
            held: known.hold(),
        }
    }

    fn add(&mut self, message: FlightData) -> Result<(), Status> {
        self.decoder.decode(framed(message).map_err(refused)?, &mut self.events).map_err(refused)?;
        while let Some(event) = self.events.pop_front() {
            match event {
                Event::Schema(schema) => {
                    self.dictionaries = DictionaryArrays::new(&schema);
                    self.schema = Some(Arc::clone(&schema.normalised));
                    self.wire = Some(schema);
                }
                Event::Data(data) => self.take(&data)?,
            }
        }
        Ok(())
    }

    fn take(&mut self, data: &Decoded) -> Result<(), Status> {
        let Some(schema) = &self.wire else {
            return Ok(());
        };
        self.known.count(&mut self.held, data.bytes())?;
        match data {
            Decoded::Dictionary { slot, delta, layout, memory } => {
                // SAFETY: a message of an upload is never handed to JavaScript.
                unsafe { self.dictionaries.update(schema, *slot, *delta, layout, memory) }.map_err(refused)
            }
            Decoded::Batch { rows, layout, memory, .. } => {
                self.known.count(&mut self.held, rows.saturating_mul(ROW_BYTES))?;
                let (schema, nodes) = (&schema.normalised, &schema.normalised_fields);
                // SAFETY: as above.
                let batch = unsafe { record_batch(schema, nodes, *rows, layout, memory, self.dictionaries.values()) };
                self.batches.push(batch.map_err(refused)?);
                Ok(())
            }
            Decoded::Metadata { .. } => Ok(()),
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
