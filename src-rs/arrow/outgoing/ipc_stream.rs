//! Arrow IPC that a caller has as bytes, a stream or a file, on its way to a server: read, and sent anew in messages that are small enough.

use arrow_array::{Array, RecordBatch};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_ipc::reader::StreamDecoder;
use arrow_schema::{ArrowError, DataType};

use super::{Arrays, OutgoingMessage, OutgoingSchema};
use crate::error::{Error, Result};

/// What a file begins with; a stream follows, and behind that what this does not need.
const FILE: &[u8; 8] = b"ARROW1\0\0";

/// Takes the bytes in parts of any size.
#[derive(Default)]
pub struct IpcStream {
    decoder: StreamDecoder,
    /// The first bytes, as long as they may be those of a file.
    beginning: Vec<u8>,
    is_file: bool,
    has_begun: bool,
    has_ended: bool,
    schema: Option<OutgoingSchema>,
    /// By slot, what was sent last.
    dictionaries: Vec<ArrayData>,
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
        let mut bytes = Buffer::from_vec(self.behind_magic(bytes));
        while !bytes.is_empty() {
            if self.has_ended {
                if self.is_file {
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

    /// # Errors
    /// `INVALID_DATA` where the bytes end in the middle of a message, or before the schema.
    pub fn finish(&mut self) -> Result<()> {
        if self.decoder.schema().is_none() {
            return Err(Error::data("the bytes end before the schema of an Arrow IPC stream"));
        }
        self.decoder.finish().map_err(|_| Error::data("the bytes of the Arrow IPC stream end in the middle of a message"))
    }

    fn behind_magic(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        if self.has_begun {
            return bytes;
        }
        self.beginning.extend(bytes);
        if self.beginning.len() < FILE.len() && FILE.starts_with(&self.beginning) {
            return Vec::new();
        }
        self.has_begun = true;
        let bytes = std::mem::take(&mut self.beginning);
        match bytes.strip_prefix(FILE) {
            Some(stream) => {
                self.is_file = true;
                stream.to_vec()
            }
            None => bytes,
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
