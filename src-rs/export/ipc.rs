//! A result as one Arrow IPC stream.
//!
//! Buffers are kept where they were received until the result is complete, and copied once, into one allocation of the whole. Dictionaries
//! are written as they came: what a server sent as a delta is a delta in the stream too.

use std::sync::Arc;

use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteOptions};

use super::ipc_message::{END_OF_STREAM, IpcMessage};
use crate::arrow::layout::{ColumnLayout, Decoded, MessageMemory};
use crate::arrow::schema::{Dictionary, Node, StreamSchema};
use crate::error::{Code, Error, Result};
use crate::flight::result::ResultStream;

/// Reads a result to its end and encodes it: one schema, one end marker, whatever the number of endpoints; no compression.
///
/// # Errors
/// Why the result failed; `CLOSED` for one of which a part was read; `OUT_OF_MEMORY` where there is no room for the whole.
pub async fn stream_bytes(mut stream: ResultStream) -> Result<Vec<u8>> {
    stream.check_unread()?;
    let standing = stream.standing();
    let locate = |error| standing.locate(error);
    let mut written = IpcStream::begin(stream.schema().await?).map_err(locate)?;
    while let Some(delivery) = stream.next(|_| true).await? {
        delivery.messages.into_iter().for_each(|message| written.push(message));
        standing.delivered(stream.progress());
        // Headers are made where the client's connections are: they get their turn between deliveries.
        tokio::task::yield_now().await;
    }
    // The copy takes as long as the result is large.
    let bytes = tokio::task::spawn_blocking(move || written.into_bytes()).await;
    match bytes {
        Ok(bytes) => bytes.map_err(locate),
        Err(failed) => Err(locate(Error::of_task(failed))),
    }
}

/// The messages of a stream that is complete but for its end.
struct IpcStream {
    schema: Arc<StreamSchema>,
    messages: Vec<IpcMessage>,
    /// Dictionaries that no batch has followed yet. Readers refuse a stream that ends before all of them have come, and a stream without
    /// batches needs none.
    pending: Vec<IpcMessage>,
    slots: Vec<Slot>,
}

/// A dictionary of the result.
struct Slot {
    /// Its ids in the stream: one for each field that uses it.
    ids: Vec<i64>,
    /// What was written last, where that is all of it and means the same whatever becomes of other dictionaries.
    whole: Option<(ColumnLayout, MessageMemory)>,
}

impl IpcStream {
    fn begin(schema: Arc<StreamSchema>) -> Result<Self> {
        let mut tracker = DictionaryTracker::new(false);
        let encoded = IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(
            &schema.normalised,
            &mut tracker,
            &IpcWriteOptions::default(),
        );
        let slots = slots(&schema, &encoded.ipc_message)?;
        Ok(Self { messages: vec![IpcMessage::schema(&encoded.ipc_message)], schema, pending: Vec::new(), slots })
    }

    fn push(&mut self, message: Decoded) {
        match message {
            Decoded::Dictionary { slot, delta, layout, memory } => self.dictionary(slot, delta, layout, memory),
            Decoded::Batch { rows, layout, memory, .. } => {
                self.messages.append(&mut self.pending);
                self.messages.push(IpcMessage::record_batch(self.schema.normalised_fields.iter(), rows, &layout, &memory));
            }
            Decoded::Metadata { .. } => {}
        }
    }

    fn dictionary(&mut self, slot: usize, is_delta: bool, layout: ColumnLayout, memory: MessageMemory) {
        let values = &self.schema.normalised_dictionaries[slot].values;
        let slot = &mut self.slots[slot];
        // Some servers send a dictionary with every batch, and every endpoint sends its own.
        if !is_delta && slot.whole.as_ref().is_some_and(|(known, known_memory)| is_equal(known, known_memory, &layout, &memory)) {
            return;
        }
        self.pending.extend(slot.ids.iter().map(|id| IpcMessage::dictionary(*id, is_delta, values, &layout, &memory)));
        slot.whole = (!is_delta && !holds_dictionaries(values)).then_some((layout, memory));
    }

    /// The whole stream. Memory is let go of as it is copied.
    ///
    /// # Errors
    /// `OUT_OF_MEMORY`.
    fn into_bytes(self) -> Result<Vec<u8>> {
        let length = self.messages.iter().map(IpcMessage::len).sum::<usize>() + END_OF_STREAM.len();
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length).map_err(|_| {
            Error::new(Code::OutOfMemory, format!("the system refused memory for the Arrow IPC stream, which takes {length} bytes"))
                .with_hint("read the result batch by batch, or export it to a file")
        })?;
        self.messages.into_iter().for_each(|message| message.write_to(&mut bytes));
        bytes.extend_from_slice(&END_OF_STREAM);
        Ok(bytes)
    }
}

/// The ids that the fields of a result were given in the written schema, by the result's own dictionaries.
fn slots(schema: &StreamSchema, message: &[u8]) -> Result<Vec<Slot>> {
    let unread = |cause: &dyn std::fmt::Display| Error::data(format!("the schema could not be encoded as Arrow IPC: {cause}"));
    let message = arrow_ipc::root_as_message(message).map_err(|cause| unread(&cause))?;
    let written = StreamSchema::read(message.header_as_schema().ok_or_else(|| unread(&"no schema was written"))?)?;
    let mut slots: Vec<Slot> = schema.dictionaries.iter().map(|_| Slot { ids: Vec::new(), whole: None }).collect();
    for (node, written_node) in schema.normalised_fields.iter().zip(&written.fields) {
        collect_ids(node, &schema.normalised_dictionaries, written_node, &written.dictionaries, &mut slots);
    }
    Ok(slots)
}

/// Both are the same tree: one says which dictionary of the result a field has, the other by which id it was written.
fn collect_ids(node: &Node, dictionaries: &[Dictionary], written: &Node, written_dictionaries: &[Dictionary], slots: &mut [Slot]) {
    if let (Some(known), Some(given)) = (&node.dictionary, &written.dictionary) {
        let (known, given) = (known.slot, given.slot);
        collect_ids(&dictionaries[known].values, dictionaries, &written_dictionaries[given].values, written_dictionaries, slots);
        slots[known].ids.push(written_dictionaries[given].id);
    }
    for (child, written_child) in node.children.iter().zip(&written.children) {
        collect_ids(child, dictionaries, written_child, written_dictionaries, slots);
    }
}

fn holds_dictionaries(node: &Node) -> bool {
    node.dictionary.is_some() || node.children.iter().any(holds_dictionaries)
}

fn is_equal(one: &ColumnLayout, one_memory: &MessageMemory, other: &ColumnLayout, other_memory: &MessageMemory) -> bool {
    one.nodes == other.nodes
        && one.buffers.len() == other.buffers.len()
        && one.buffers.iter().zip(&other.buffers).all(|(one, other)| {
            // SAFETY: messages of a result that is written are never handed to JavaScript.
            unsafe { one_memory.bytes(*one) == other_memory.bytes(*other) }
        })
}
