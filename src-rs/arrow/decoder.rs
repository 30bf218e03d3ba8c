//! From Flight messages to validated, normalised messages of one stream.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_ipc::{DictionaryBatch, Message, MessageHeader, MetadataVersion, RecordBatch, Schema, root_as_message};

use super::arrays::{ArrayReader, Dictionaries};
use super::decompress::{decompress, wire_ranges};
use super::layout::{ArrayNode, BufferRange, ColumnLayout, Decoded, MessageMemory, Source};
use super::normalise;
use super::schema::{Kind, Node, StreamSchema};
use super::validate::Validator;
use super::written::ExtraWriter;
use crate::error::{Code, Error, Result};
use crate::flight::frames::FlightMessage;
use crate::flight::memory::{ALIGNMENT, Region, count_copied, own_block};

/// What a message turned out to be.
#[derive(Debug)]
pub enum Event {
    Schema(Arc<StreamSchema>),
    Data(Decoded),
}

/// The state of one stream: its schema, and which dictionaries have come.
#[derive(Debug)]
pub struct Decoder {
    max_message: usize,
    schema: Option<Arc<StreamSchema>>,
    /// Lengths of the dictionaries, by slot.
    dictionaries: Vec<Option<usize>>,
    scratch: ColumnLayout,
}

impl Decoder {
    pub fn new(max_message: usize) -> Self {
        Self { max_message, schema: None, dictionaries: Vec::new(), scratch: ColumnLayout::default() }
    }

    pub fn schema(&self) -> Option<&Arc<StreamSchema>> {
        self.schema.as_ref()
    }

    /// Whether decoding `message` takes long enough to be moved off the thread that reads the stream.
    pub fn is_heavy(&self, message: &FlightMessage) -> bool {
        let body = message.body.as_ref().map_or(0, Region::len);
        let normalises = self.schema.as_ref().is_some_and(|schema| schema.normalises());
        // Small, or as little as most messages: not worth a look at the header.
        if body <= SMALL_COMPRESSED && !normalises {
            return false;
        }
        let Some(wire) = root_as_message(&message.header).ok() else { return false };
        let Some(batch) = batch_of(&wire) else { return false };
        if batch.compression().is_some() {
            return body > SMALL_COMPRESSED;
        }
        if body > LARGE_BYTES {
            return true;
        }
        // A few bytes may stand for any number of values, so both count.
        let values = || batch.nodes().into_iter().flatten().map(|node| node.length()).max().unwrap_or(0);
        normalises && (body > QUICK_BYTES || values() > QUICK_VALUES)
    }

    /// Decodes a message into events: none where it says nothing (a keep-alive), several where a batch comes before a dictionary that it
    /// does not use yet, which is handed on as empty first.
    ///
    /// # Errors
    /// `INVALID_DATA`, naming the column where there is one, and the errors of decompression and normalising.
    pub fn decode(&mut self, message: FlightMessage, out: &mut VecDeque<Event>) -> Result<()> {
        if message.header.is_empty() {
            if message.body.is_some() {
                return Err(Error::data("a message has a body but no Arrow header"));
            }
            out.extend(message.app_metadata.map(|app_metadata| Event::Data(Decoded::Metadata { app_metadata })));
            return Ok(());
        }
        let FlightMessage { header, app_metadata, body } = message;
        let wire = root_as_message(&header).map_err(|cause| Error::data(format!("a message header is not a valid flatbuffer: {cause}")))?;
        let version = wire.version();
        if version < MetadataVersion::V4 || version > MetadataVersion::V5 {
            return Err(Error::data(format!("metadata version {} is not known; versions 4 and 5 are", version.0 + 1)));
        }
        let length = body.as_ref().map_or(0, Region::len);
        if usize::try_from(wire.bodyLength()).map_or(true, |claimed| claimed > length) {
            return Err(Error::data(format!("a message has a body of {length} bytes where its header claims {}", wire.bodyLength())));
        }
        match wire.header_type() {
            MessageHeader::Schema => {
                out.extend(self.take_schema(&wire)?.map(Event::Schema));
                out.extend(beside(app_metadata));
                Ok(())
            }
            MessageHeader::DictionaryBatch => {
                let batch = wire.header_as_dictionary_batch().ok_or_else(|| missing("dictionary batch"))?;
                out.push_back(Event::Data(self.take_dictionary(&batch, version, body)?));
                out.extend(beside(app_metadata));
                Ok(())
            }
            MessageHeader::RecordBatch => {
                let batch = wire.header_as_record_batch().ok_or_else(|| missing("record batch"))?;
                let decoded = self.take_batch(&batch, version, body, app_metadata)?;
                self.announce_missing(out);
                out.push_back(Event::Data(decoded));
                Ok(())
            }
            other => Err(Error::data(format!(
                "a message is a {} where a schema, a dictionary or a record batch is right",
                other.variant_name().unwrap_or("message of an unknown kind")
            ))),
        }
    }

    /// Takes a schema that came otherwise than in a message, as a file has it.
    ///
    /// # Errors
    /// `INVALID_DATA` where it is not valid.
    pub fn begin(&mut self, schema: Schema<'_>) -> Result<Option<Arc<StreamSchema>>> {
        self.take(StreamSchema::read(schema)?)
    }

    fn take_schema(&mut self, wire: &Message<'_>) -> Result<Option<Arc<StreamSchema>>> {
        self.begin(wire.header_as_schema().ok_or_else(|| missing("schema"))?)
    }

    fn take(&mut self, schema: StreamSchema) -> Result<Option<Arc<StreamSchema>>> {
        if let Some(known) = &self.schema {
            // Some servers repeat it.
            return if known.wire == schema.wire {
                Ok(None)
            } else {
                Err(Error::new(Code::SchemaMismatch, "the stream changes its schema midway"))
            };
        }
        let schema = Arc::new(schema);
        self.dictionaries = vec![None; schema.dictionaries.len()];
        self.schema = Some(Arc::clone(&schema));
        Ok(Some(schema))
    }

    fn take_batch(
        &mut self,
        batch: &RecordBatch<'_>,
        version: MetadataVersion,
        body: Option<Region>,
        app_metadata: Option<Vec<u8>>,
    ) -> Result<Decoded> {
        let schema = self.schema.clone().ok_or_else(|| Error::data("a record batch comes before the schema"))?;
        let rows = usize::try_from(batch.length())
            .ok()
            .filter(|rows| *rows as u64 <= MAX_ROWS)
            .ok_or_else(|| Error::data(format!("a record batch claims {} rows", batch.length())))?;
        let pairs = schema.fields.iter().zip(&schema.normalised_fields);
        let (layout, memory) = self.columns(batch, version, body, pairs, Some(rows))?;
        Ok(Decoded::Batch { rows, layout, memory, app_metadata })
    }

    fn take_dictionary(&mut self, dictionary: &DictionaryBatch<'_>, version: MetadataVersion, body: Option<Region>) -> Result<Decoded> {
        let schema = self.schema.clone().ok_or_else(|| Error::data("a dictionary comes before the schema"))?;
        let Some(slot) = schema.slot(dictionary.id()) else {
            return Err(Error::data(format!("dictionary {} belongs to no field of the schema", dictionary.id())));
        };
        let batch = dictionary.data().ok_or_else(|| missing("record batch of a dictionary"))?;
        let pair = [(&schema.dictionaries[slot].values, &schema.normalised_dictionaries[slot].values)];
        let (layout, memory) = self.columns(&batch, version, body, pair.into_iter(), None)?;
        let length = layout.nodes.first().map_or(0, |node| node.length);
        let known = self.dictionaries[slot].filter(|_| dictionary.isDelta()).unwrap_or(0);
        let delta = dictionary.isDelta() && self.dictionaries[slot].is_some();
        let total = known.checked_add(length).ok_or_else(|| Error::data("a dictionary grows beyond all bounds"))?;
        self.dictionaries[slot] = Some(total);
        Ok(Decoded::Dictionary { slot, delta, layout, memory })
    }

    /// Dictionaries that have not come, though a batch did that has no valid index into them.
    fn announce_missing(&mut self, out: &mut VecDeque<Event>) {
        let Some(schema) = &self.schema else { return };
        for (slot, length) in self.dictionaries.iter_mut().enumerate().filter(|(_, length)| length.is_none()) {
            *length = Some(0);
            let mut layout = ColumnLayout::default();
            empty_layout(&schema.normalised_dictionaries[slot].values, &mut layout);
            out.push_back(Event::Data(Decoded::Dictionary { slot, delta: false, layout, memory: MessageMemory::default() }));
        }
    }

    /// Validates columns, normalises those that need it, and says where they lie. `pairs` are the fields as sent and as handed on.
    fn columns<'n>(
        &mut self,
        batch: &RecordBatch<'_>,
        version: MetadataVersion,
        body: Option<Region>,
        pairs: impl Iterator<Item = (&'n Node, &'n Node)>,
        rows: Option<usize>,
    ) -> Result<(ColumnLayout, MessageMemory)> {
        let mut memory = MessageMemory { body, moved: None, extra: None };
        let mut ranges = wire_ranges(batch, memory.body.as_ref().map_or(0, Region::len))?;
        if let Some(compression) = batch.compression() {
            let plain = decompress(compression.codec(), region_bytes(memory.body.as_ref()), &mut ranges, self.max_message)?;
            memory.body = Some(plain);
        } else {
            memory.moved = align(region_bytes(memory.body.as_ref()), &mut ranges)?;
        }
        let mut layout = ColumnLayout::default();
        let mut extra = ExtraWriter::default();
        {
            let (body, moved) = (region_bytes(memory.body.as_ref()), region_bytes(memory.moved.as_ref()));
            let mut validator = Validator::new(batch, version, body, moved, &ranges, &self.dictionaries)?;
            for (wire, handed_on) in pairs {
                if !wire.normalises {
                    validator.column(wire, rows, &mut layout)?;
                    continue;
                }
                self.scratch.clear();
                validator.column(wire, rows, &mut self.scratch)?;
                // SAFETY: the layout has just been validated for this memory, which nobody else has seen yet, and the arrays are gone
                // before it is handed on.
                let mut reader = unsafe { ArrayReader::new(&self.scratch, &memory, Dictionaries::IndicesOnly) };
                let array = reader.column(wire)?;
                let array = normalise::array(wire, array, self.max_message / 4).map_err(|error| error.in_column(wire.field.name()))?;
                extra.column(handed_on, &array, &mut layout)?;
            }
            validator.finish()?;
        }
        memory.extra = extra.finish()?;
        memory.keep_used(&layout);
        Ok((layout, memory))
    }
}

/// The layout of an array without values.
fn empty_layout(node: &Node, out: &mut ColumnLayout) {
    let buffers = match node.kind {
        Kind::Null | Kind::RunEndEncoded => 0,
        Kind::Struct | Kind::FixedSizeList(_) | Kind::SparseUnion => 1,
        Kind::Bool | Kind::Fixed(_) | Kind::View { .. } | Kind::List { .. } | Kind::Map | Kind::Dictionary(_) | Kind::DenseUnion => 2,
        Kind::Variable { .. } | Kind::ListView { .. } => 3,
    };
    out.nodes.push(ArrayNode { length: 0, null_count: 0, buffers });
    out.buffers.extend(std::iter::repeat_n(BufferRange::ABSENT, buffers));
    for child in &node.children {
        empty_layout(child, out);
    }
}

/// Compressed bodies up to this size are decompressed at once: at the best that a codec can do, a few milliseconds' work.
const SMALL_COMPRESSED: usize = 1 << 10;

/// Bytes, and values of one array, that are normalised in well under a millisecond.
const QUICK_BYTES: usize = 64 << 10;
const QUICK_VALUES: i64 = 16 << 10;

/// Bodies above this size are looked through elsewhere even where nothing has to be normalised: at 10 GB/s that takes most of a millisecond.
const LARGE_BYTES: usize = 8 << 20;

/// JavaScript counts rows as doubles.
const MAX_ROWS: u64 = 1 << 53;

/// What came with a message that is not handed on itself.
fn beside(app_metadata: Option<Vec<u8>>) -> Option<Event> {
    app_metadata.filter(|bytes| !bytes.is_empty()).map(|app_metadata| Event::Data(Decoded::Metadata { app_metadata }))
}

/// The bytes of a message under decoding.
fn region_bytes(region: Option<&Region>) -> &[u8] {
    // SAFETY: a message is handed on only after it was decoded.
    region.map_or(&[], |region| unsafe { region.bytes() })
}

/// Moves the buffers of a body that are not aligned to places that are, in memory of their own; the others stay where they were received.
/// The format asks writers to align to 8, so this is for those that do not.
fn align(body: &[u8], ranges: &mut [BufferRange]) -> Result<Option<Region>> {
    let is_misaligned = |range: &BufferRange| range.source == Source::Body && !range.offset.is_multiple_of(8);
    let total = ranges.iter().filter(|range| is_misaligned(range)).map(|range| range.length.next_multiple_of(ALIGNMENT)).sum();
    if total == 0 {
        return Ok(None);
    }
    let mut writer = own_block(total)?;
    let mut at = 0;
    for range in ranges.iter_mut().filter(|range| is_misaligned(range)) {
        writer.write(&body[range.offset..range.offset + range.length]);
        writer.pad();
        count_copied(range.length);
        *range = BufferRange { source: Source::Moved, offset: at, length: range.length };
        at += range.length.next_multiple_of(ALIGNMENT);
    }
    writer.finish().map(Some).map_err(|_| Error::data("the buffers of a message could not be aligned"))
}

fn batch_of<'a>(message: &Message<'a>) -> Option<RecordBatch<'a>> {
    message.header_as_record_batch().or_else(|| message.header_as_dictionary_batch()?.data())
}

fn missing(what: &str) -> Error {
    Error::data(format!("a message says that it is a {what}, but holds none"))
}

#[cfg(test)]
#[path = "decoder_test.rs"]
mod tests;
