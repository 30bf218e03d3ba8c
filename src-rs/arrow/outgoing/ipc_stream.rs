//! Arrow IPC that a caller has as bytes, a stream or a file, on its way to a server: read, and sent anew in messages that are small enough.
//!
//! It is read as what servers send is: no length is believed, and nothing is decompressed beyond a limit.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_data::ArrayData;
use arrow_ipc::{Block, MessageHeader, root_as_footer, root_as_message};
use arrow_schema::DataType;

use super::{Arrays, OutgoingMessage, OutgoingSchema};
use crate::arrow::arrays::record_batch;
use crate::arrow::compress::Codec;
use crate::arrow::decoder::{Decoder, Event};
use crate::arrow::dictionary::DictionaryArrays;
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::error::{Error, Result};
use crate::flight::frames::FlightMessage;
use crate::flight::memory::own_block;

/// What a file begins and ends with. Most have a stream behind the first, and then a footer that this does not need.
const FILE: &[u8; 8] = b"ARROW1\0\0";
const FILE_END: &[u8; 6] = b"ARROW1";

/// What the metadata of a message begin with, and their length.
const PREFIX: usize = 8;
const CONTINUATION: [u8; 4] = [0xff; 4];

/// The largest message that is read, and the largest that one may be decompressed to.
const MOST: usize = 1 << 31;

/// Takes the bytes in parts of any size.
pub struct IpcStream {
    form: Form,
    /// What is not read yet: the beginning of a message, or all of a file that only its end tells of.
    kept: Vec<u8>,
    has_ended: bool,
    decoder: Decoder,
    wire: Option<Arc<StreamSchema>>,
    values: DictionaryArrays,
    schema: Option<OutgoingSchema>,
    /// By slot, what was sent last.
    dictionaries: Vec<ArrayData>,
    codec: Option<Codec>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Form {
    #[default]
    Unknown,
    Stream,
    /// A file that holds a stream.
    FileOfStream,
    /// A file without a schema before its batches, which its footer has.
    File,
}

impl Default for IpcStream {
    fn default() -> Self {
        Self {
            form: Form::default(),
            kept: Vec::new(),
            has_ended: false,
            decoder: Decoder::new(MOST),
            wire: None,
            values: DictionaryArrays::default(),
            schema: None,
            dictionaries: Vec::new(),
            codec: None,
        }
    }
}

/// A message within bytes: its metadata, its body, and where the next one begins.
struct Framed<'a> {
    header: &'a [u8],
    body: &'a [u8],
    end: usize,
}

impl IpcStream {
    /// One whose messages have compressed bodies, however those that it reads are.
    pub fn compressing(codec: Option<Codec>) -> Self {
        Self { codec, ..Self::default() }
    }

    /// The schema, once it has come.
    pub fn schema(&self) -> Option<&OutgoingSchema> {
        self.schema.as_ref()
    }

    /// Reads on; appends the messages of the batches that are whole with these bytes.
    ///
    /// # Errors
    /// `INVALID_DATA` where they are not Arrow IPC.
    pub fn feed(&mut self, bytes: &[u8], limit: usize, out: &mut Vec<OutgoingMessage>) -> Result<()> {
        if self.has_ended {
            return self.behind_the_end(bytes);
        }
        self.kept.extend_from_slice(bytes);
        if self.form == Form::Unknown {
            self.form = form_of(&self.kept)?;
            if self.form == Form::FileOfStream {
                self.kept.drain(..FILE.len());
            }
        }
        if !matches!(self.form, Form::Stream | Form::FileOfStream) {
            return Ok(());
        }
        let kept = std::mem::take(&mut self.kept);
        let mut at = 0;
        while !self.has_ended
            && let Some(message) = framed(&kept[at..])?
        {
            if message.header.is_empty() {
                self.has_ended = true;
            } else {
                self.read(message.header, message.body, limit, out)?;
            }
            at += message.end;
        }
        if self.has_ended {
            return self.behind_the_end(&kept[at..]);
        }
        self.kept = kept[at..].to_vec();
        Ok(())
    }

    /// The end of the bytes; appends what only that makes whole.
    ///
    /// # Errors
    /// `INVALID_DATA` where the bytes end in the middle of a message, or before the schema.
    pub fn finish(&mut self, limit: usize, out: &mut Vec<OutgoingMessage>) -> Result<()> {
        if self.form == Form::File {
            return self.read_file(limit, out);
        }
        if self.schema.is_none() {
            return Err(Error::data("the bytes end before the schema of an Arrow IPC stream"));
        }
        if self.has_ended || self.kept.is_empty() {
            return Ok(());
        }
        Err(Error::data("the bytes of the Arrow IPC stream end in the middle of a message"))
    }

    fn behind_the_end(&self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() || self.form == Form::FileOfStream {
            return Ok(());
        }
        Err(Error::data("bytes follow the end of the Arrow IPC stream: two streams, one behind the other, are not one"))
    }

    /// Reads the blocks that a file's footer names.
    fn read_file(&mut self, limit: usize, out: &mut Vec<OutgoingMessage>) -> Result<()> {
        let file = std::mem::take(&mut self.kept);
        let no_footer = || Error::data("the bytes are no whole Arrow IPC file: they do not end with its footer");
        let behind = file.strip_suffix(FILE_END).ok_or_else(no_footer)?;
        let (rest, length) = behind.split_last_chunk::<4>().ok_or_else(no_footer)?;
        let start = usize::try_from(i32::from_le_bytes(*length)).ok().and_then(|length| rest.len().checked_sub(length));
        let footer = root_as_footer(&rest[start.ok_or_else(no_footer)?..])
            .map_err(|cause| Error::data(format!("the footer of the Arrow IPC file is not valid: {cause}")))?;
        let schema = footer.schema().ok_or_else(|| Error::data("the footer of the Arrow IPC file has no schema"))?;
        let begun = self.decoder.begin(schema)?;
        self.take_schema(begun)?;
        for block in footer.dictionaries().iter().flatten().chain(footer.recordBatches().iter().flatten()) {
            let message = block_of(&file, block)?;
            self.read(message.header, message.body, limit, out)?;
        }
        Ok(())
    }

    /// Reads a message.
    fn read(&mut self, header: &[u8], body: &[u8], limit: usize, out: &mut Vec<OutgoingMessage>) -> Result<()> {
        let body = match body.len() {
            0 => None,
            length => {
                let mut writer = own_block(length)?;
                writer.write(body);
                Some(writer.finish().map_err(|_| Error::data("the body of a message could not be copied"))?)
            }
        };
        let mut events = VecDeque::new();
        self.decoder.decode(FlightMessage { header: header.to_vec(), app_metadata: None, body }, &mut events)?;
        for event in events {
            match event {
                Event::Schema(schema) => self.take_schema(Some(schema))?,
                Event::Data(data) => self.take(&data, limit, out)?,
            }
        }
        Ok(())
    }

    fn take_schema(&mut self, schema: Option<Arc<StreamSchema>>) -> Result<()> {
        let Some(schema) = schema else { return Ok(()) };
        self.values = DictionaryArrays::new(&schema);
        self.schema = Some(OutgoingSchema::of_schema(&schema.normalised)?.compressing(self.codec));
        self.wire = Some(schema);
        Ok(())
    }

    fn take(&mut self, data: &Decoded, limit: usize, out: &mut Vec<OutgoingMessage>) -> Result<()> {
        let schema = self.wire.clone().ok_or_else(|| Error::data("a batch comes before the schema"))?;
        match data {
            // SAFETY: these messages are never handed to JavaScript.
            Decoded::Dictionary { slot, delta, layout, memory } => unsafe { self.values.update(&schema, *slot, *delta, layout, memory) },
            Decoded::Batch { rows, layout, memory, .. } => {
                // SAFETY: as above.
                let batch =
                    unsafe { record_batch(&schema.normalised, &schema.normalised_fields, *rows, layout, memory, self.values.values()) }?;
                self.send(&batch, limit, out)
            }
            Decoded::Metadata { .. } => Ok(()),
        }
    }

    fn send(&mut self, batch: &RecordBatch, limit: usize, out: &mut Vec<OutgoingMessage>) -> Result<()> {
        let schema = self.schema.as_ref().ok_or_else(|| Error::data("a batch comes before the schema"))?;
        let columns: Vec<ArrayData> = batch.columns().iter().map(|column| column.to_data()).collect();
        let mut dictionaries = Vec::new();
        columns.iter().for_each(|column| collect(column, &mut dictionaries));
        for (slot, values) in dictionaries.iter().enumerate() {
            if self.dictionaries.get(slot).is_some_and(|sent| sent.ptr_eq(values)) {
                continue;
            }
            let (words, buffers) = described([values])?;
            out.extend(schema.dictionary(slot, false, &mut Arrays::new(&words, &buffers), limit)?);
        }
        let (words, buffers) = described(&columns)?;
        out.extend(schema.batch(batch.num_rows(), &mut Arrays::new(&words, &buffers), limit)?);
        self.dictionaries = dictionaries;
        Ok(())
    }
}

/// The message that bytes begin with, if it is whole; without a header it is the end of the stream.
fn framed(bytes: &[u8]) -> Result<Option<Framed<'_>>> {
    let Some(first) = bytes.first_chunk::<4>() else { return Ok(None) };
    // Writers of the first versions have the length alone.
    let (length, start) = if *first == CONTINUATION {
        let Some(length) = bytes[4..].first_chunk::<4>() else { return Ok(None) };
        (*length, PREFIX)
    } else {
        (*first, 4)
    };
    let length = usize::try_from(i32::from_le_bytes(length)).ok().filter(|length| *length <= MOST);
    let length = length.ok_or_else(|| Error::data("the bytes are no Arrow IPC stream: the length of a message is none"))?;
    if length == 0 {
        return Ok(Some(Framed { header: &[], body: &[], end: start }));
    }
    let Some(header) = bytes.get(start..start + length) else { return Ok(None) };
    let body_length = body_length(header)?;
    let end = start + length + body_length;
    Ok(bytes.get(start + length..end).map(|body| Framed { header, body, end }))
}

/// The message of a block of a file.
fn block_of<'a>(file: &'a [u8], block: &Block) -> Result<Framed<'a>> {
    let outside = || Error::data("the footer of the Arrow IPC file names a message that is not within it");
    let start = usize::try_from(block.offset()).map_err(|_| outside())?;
    let message = framed(file.get(start..).ok_or_else(outside)?)?.ok_or_else(outside)?;
    if message.header.is_empty() { Err(outside()) } else { Ok(message) }
}

fn body_length(header: &[u8]) -> Result<usize> {
    let message = root_as_message(header).map_err(|cause| Error::data(format!("the bytes are no Arrow IPC stream: {cause}")))?;
    usize::try_from(message.bodyLength())
        .ok()
        .filter(|length| *length <= MOST)
        .ok_or_else(|| Error::data(format!("a message of the Arrow IPC stream has a body of {} bytes", message.bodyLength())))
}

/// What the first bytes tell.
fn form_of(bytes: &[u8]) -> Result<Form> {
    let Some(rest) = bytes.strip_prefix(FILE) else {
        return Ok(if FILE.starts_with(bytes) { Form::Unknown } else { Form::Stream });
    };
    let Some(&[a, b, c, d, length @ ..]) = rest.first_chunk::<PREFIX>() else { return Ok(Form::Unknown) };
    if [a, b, c, d] != CONTINUATION {
        return Ok(Form::File);
    }
    let Some(metadata) = rest.get(PREFIX..PREFIX.saturating_add(u32::from_le_bytes(length) as usize)) else {
        return Ok(Form::Unknown);
    };
    let message = root_as_message(metadata).map_err(|cause| Error::data(format!("the bytes are no Arrow IPC file: {cause}")))?;
    Ok(if message.header_type() == MessageHeader::Schema { Form::FileOfStream } else { Form::File })
}

/// The dictionaries of an array in the order of their slots: nested ones before those that hold them.
fn collect(array: &ArrayData, out: &mut Vec<ArrayData>) {
    array.child_data().iter().for_each(|child| collect(child, out));
    if let (DataType::Dictionary(_, _), [values]) = (array.data_type(), array.child_data()) {
        out.push(values.clone());
    }
}

/// Arrays in the form in which callers describe theirs.
fn described<'a>(arrays: impl IntoIterator<Item = &'a ArrayData>) -> Result<(Vec<f64>, Vec<&'a [u8]>)> {
    let (mut words, mut buffers) = (Vec::new(), Vec::new());
    for array in arrays {
        describe(array, &mut words, &mut buffers)?;
    }
    Ok((words, buffers))
}

fn describe<'a>(array: &'a ArrayData, words: &mut Vec<f64>, buffers: &mut Vec<&'a [u8]>) -> Result<()> {
    if array.offset() != 0 || array.nulls().is_some_and(|nulls| nulls.offset() != 0) {
        return Err(Error::data("an array of the Arrow IPC stream was read as a slice"));
    }
    let before = buffers.len();
    if !matches!(array.data_type(), DataType::Null | DataType::Union(_, _)) {
        buffers.push(array.nulls().filter(|nulls| nulls.null_count() > 0).map_or(&[], |nulls| nulls.validity()));
    }
    buffers.extend(array.buffers().iter().map(|buffer| buffer.as_slice()));
    words.extend([array.len() as f64, 0.0, (buffers.len() - before) as f64]);
    if matches!(array.data_type(), DataType::Dictionary(_, _)) {
        return Ok(());
    }
    array.child_data().iter().try_for_each(|child| describe(child, words, buffers))
}
