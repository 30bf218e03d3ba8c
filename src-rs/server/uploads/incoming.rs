//! The record batches of an upload as they arrive: no message is read before what the ones before it brought is done with.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tonic::Status;

use super::decoder::BatchDecoder;
use super::upload::{Upload, bytes};
use crate::server::allowance::Held;
use crate::server::blocking;
use crate::server::state::State;

/// An upload that is read batch by batch.
pub(in super::super) struct IncomingBatches {
    upload: Upload,
    /// Away while a message is decoded, and lost when that fails.
    decoder: Option<BatchDecoder>,
}

/// Batches, and what they take of the server's memory for values until they are dropped.
pub(in super::super) struct Received {
    pub(in super::super) batches: Vec<RecordBatch>,
    _held: Held,
}

impl IncomingBatches {
    pub(in super::super) fn new(upload: Upload, state: &State) -> Self {
        Self { upload, decoder: Some(BatchDecoder::new(state.options.max_message_bytes)) }
    }

    /// The schema of the batches, if it has come.
    pub(in super::super) fn schema(&self) -> Option<SchemaRef> {
        self.decoder.as_ref()?.schema().cloned()
    }

    /// Waits for the next batch; `None` at the end of the upload.
    pub(in super::super) async fn next(&mut self, state: &Arc<State>) -> Result<Option<Received>, Status> {
        while let Some(message) = self.upload.next().await? {
            let mut decoder = self.decoder.take().ok_or_else(|| Status::internal("an upload was read on that had failed"))?;
            let (decoder, received) = blocking::run(state, move |state, _| {
                let mut held = state.prepared.hold();
                state.prepared.count(&mut held, bytes(&message))?;
                let mut batches = Vec::new();
                decoder.decode(message, &state.prepared, &mut held, &mut batches)?;
                Ok((decoder, Received { batches, _held: held }))
            })
            .await?;
            self.decoder = Some(decoder);
            if !received.batches.is_empty() {
                return Ok(Some(received));
            }
        }
        Ok(None)
    }

    /// The same for an upload that others wait for: its client may not fall silent for longer than `patience`.
    pub(in super::super) async fn next_within(&mut self, patience: Duration, state: &Arc<State>) -> Result<Option<Received>, Status> {
        tokio::time::timeout(patience, self.next(state)).await.unwrap_or_else(|_| {
            Err(Status::deadline_exceeded(format!(
                "the upload has brought nothing for {patience:?} (transaction_timeout), and others wait to write; nothing of it is kept"
            )))
        })
    }
}
