//! A result as arrow-rs record batches.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::arrow::arrays::record_batch;
use crate::arrow::dictionary::DictionaryArrays;
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::error::{EndpointRef, Result};
use crate::flight::result::ResultStream;
use crate::flight::standing::Standing;

/// Reads a result as record batches over the received memory, normalised.
pub struct BatchReader {
    stream: ResultStream,
    schema: Arc<StreamSchema>,
    dictionaries: DictionaryArrays,
    endpoint: Option<EndpointRef>,
}

impl BatchReader {
    /// Waits for the schema.
    ///
    /// # Errors
    /// Why there is none; `CLOSED` for a result of which a part was read, whose dictionaries would be missing here.
    pub async fn open(mut stream: ResultStream) -> Result<Self> {
        stream.check_unread()?;
        let schema = stream.schema().await?;
        let dictionaries = DictionaryArrays::new(&schema);
        Ok(Self { stream, schema, dictionaries, endpoint: None })
    }

    pub fn schema(&self) -> &SchemaRef {
        &self.schema.normalised
    }

    /// The endpoint that the newest batch came from.
    pub fn endpoint(&self) -> Option<&EndpointRef> {
        self.endpoint.as_ref()
    }

    /// How far it has read.
    pub fn standing(&self) -> Standing {
        self.stream.standing()
    }

    /// The next batch; `None` at the end.
    ///
    /// # Errors
    /// Why the result failed.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            // One message at a time: what waits should wait in the queue, where it is counted.
            let Some(delivery) = self.stream.next(|_| false).await? else { return Ok(None) };
            self.endpoint = self.stream.place();
            for message in delivery.messages {
                if let Some(batch) = self.arrays(message).map_err(|error| self.stream.standing().locate(error))? {
                    self.stream.standing().delivered(self.stream.progress());
                    return Ok(Some(batch));
                }
            }
        }
    }

    fn arrays(&mut self, message: Decoded) -> Result<Option<RecordBatch>> {
        match message {
            Decoded::Dictionary { slot, delta, layout, memory } => {
                // SAFETY: a message that is turned into arrays is never handed to JavaScript.
                unsafe { self.dictionaries.update(&self.schema, slot, delta, &layout, &memory)? };
                Ok(None)
            }
            Decoded::Batch { rows, layout, memory, .. } => {
                let (schema, nodes) = (&self.schema.normalised, &self.schema.normalised_fields);
                // SAFETY: as above.
                unsafe { record_batch(schema, nodes, rows, &layout, &memory, self.dictionaries.values()).map(Some) }
            }
            Decoded::Metadata { .. } => Ok(None),
        }
    }
}
