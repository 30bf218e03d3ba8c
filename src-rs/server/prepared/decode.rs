//! The record batches of an upload as values for the parameters of a statement.

use tonic::Status;

use super::parameters::places;
use super::statements::PreparedStatements;
use crate::server::sqlite::Binding;
use crate::server::uploads::{BatchDecoder, Messages};

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
    let (mut decoder, mut batches, mut held) = (BatchDecoder::new(most), Vec::new(), known.hold());
    for message in messages {
        decoder.decode(message, known, &mut held, &mut batches)?;
    }
    // What has been decoded is counted by itself.
    drop(wire);
    let Some(schema) = decoder.schema() else {
        return Ok(Brought::Nothing);
    };
    if schema.fields().is_empty() && batches.iter().all(|batch| batch.num_rows() == 0) {
        return Ok(Brought::Nothing);
    }
    let places = places(names, schema)?;
    let binding = Binding::new(names, &places, &batches, held)
        .map_err(|error| Status::internal(format!("the record batches could not be put in the statement's order: {error}")))?;
    Ok(Brought::Rows(binding))
}
