//! Arrow IPC that a caller has as bytes, a stream or a file, on its way to a server: read, and sent anew in messages that are small enough.

use std::io::Cursor;

use arrow_array::{Array, RecordBatch};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_ipc::MessageHeader;
use arrow_ipc::reader::{FileReader, StreamDecoder};
use arrow_schema::{ArrowError, DataType};

use super::{Arrays, OutgoingMessage, OutgoingSchema};
use crate::error::{Error, Result};

/// What a file begins with. Most have a stream behind that, and then a footer that this does not need.
const FILE: &[u8; 8] = b"ARROW1\0\0";

/// What the metadata of a message begin with, and their length.
const MESSAGE: usize = 8;

/// Takes the bytes in parts of any size.
#[derive(Default)]
pub struct IpcStream {
    decoder: StreamDecoder,
    form: Form,
    /// The first bytes, until they tell the form; all of them where only the end tells what they are.
    kept: Vec<u8>,
    has_ended: bool,
    schema: Option<OutgoingSchema>,
    /// By slot, what was sent last.
    dictionaries: Vec<ArrayData>,
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

impl IpcStream {
    /// The schema, once it has come.
    pub fn schema(&self) -> Option<&OutgoingSchema> {
        self.schema.as_ref()
    }

    /// Reads on; appends the messages of the batches that are whole with these bytes.
    ///
    /// # Errors
    /// `INVALID_DATA` where they are not Arrow IPC.
    pub fn feed(&mut self, bytes: Vec<u8>, limit: usize, out: &mut Vec<OutgoingMessage>) -> Result<()> {
        let mut bytes = Buffer::from_vec(self.behind_magic(bytes)?);
        while !bytes.is_empty() {
            if self.has_ended {
                if self.form == Form::FileOfStream {
                    return Ok(());
                }
                return Err(Error::data("bytes follow the end of the Arrow IPC stream: two streams, one behind the other, are not one"));
            }
            match self.decoder.decode(&mut bytes) {
                Ok(batch) => {
                    self.read_schema()?;
                    if let Some(batch) = batch {
                        self.send(&batch, limit, out)?;
                    }
                }
                // The decoder is at its end, and takes no more: a file goes on with its footer.
                Err(_) if self.decoder.schema().is_some() && self.decoder.finish().is_ok() => self.has_ended = true,
                Err(cause) => return Err(damaged(&cause)),
            }
        }
        Ok(())
    }

    /// The end of the bytes; appends what only that makes whole.
    ///
    /// # Errors
    /// `INVALID_DATA` where the bytes end in the middle of a message, or before the schema.
    pub fn finish(&mut self, limit: usize, out: &mut Vec<OutgoingMessage>) -> Result<()> {
        if self.form == Form::File {
            let file = FileReader::try_new(Cursor::new(std::mem::take(&mut self.kept)), None).map_err(|cause| damaged(&cause))?;
            self.schema = Some(OutgoingSchema::of_schema(&file.schema())?);
            for batch in file {
                self.send(&batch.map_err(|cause| damaged(&cause))?, limit, out)?;
            }
            return Ok(());
        }
        if self.decoder.schema().is_none() {
            return Err(Error::data("the bytes end before the schema of an Arrow IPC stream"));
        }
        self.decoder.finish().map_err(|_| Error::data("the bytes of the Arrow IPC stream end in the middle of a message"))
    }

    /// What of the bytes is a stream, as far as that is known yet.
    fn behind_magic(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>> {
        if matches!(self.form, Form::Stream | Form::FileOfStream) {
            return Ok(bytes);
        }
        self.kept.extend(bytes);
        if self.form == Form::Unknown {
            self.form = form_of(&self.kept)?;
        }
        match self.form {
            Form::Stream => Ok(std::mem::take(&mut self.kept)),
            Form::FileOfStream => Ok(std::mem::take(&mut self.kept).split_off(FILE.len())),
            Form::Unknown | Form::File => Ok(Vec::new()),
        }
    }

    fn read_schema(&mut self) -> Result<()> {
        if self.schema.is_none()
            && let Some(schema) = self.decoder.schema()
        {
            self.schema = Some(OutgoingSchema::of_schema(&schema)?);
        }
        Ok(())
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

/// What the first bytes tell.
fn form_of(bytes: &[u8]) -> Result<Form> {
    let Some(rest) = bytes.strip_prefix(FILE) else {
        return Ok(if FILE.starts_with(bytes) { Form::Unknown } else { Form::Stream });
    };
    let Some(&[a, b, c, d, length @ ..]) = rest.first_chunk::<MESSAGE>() else { return Ok(Form::Unknown) };
    if [a, b, c, d] != [0xff; 4] {
        return Ok(Form::File);
    }
    let Some(metadata) = rest.get(MESSAGE..MESSAGE.saturating_add(u32::from_le_bytes(length) as usize)) else {
        return Ok(Form::Unknown);
    };
    let message = arrow_ipc::root_as_message(metadata).map_err(|cause| Error::data(format!("the bytes are no Arrow IPC file: {cause}")))?;
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

fn damaged(cause: &ArrowError) -> Error {
    Error::data(format!("the bytes are no Arrow IPC stream: {cause}"))
}
