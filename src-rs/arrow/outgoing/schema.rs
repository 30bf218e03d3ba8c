//! The schema of an upload, from the text that crosses from JavaScript.

use std::collections::HashMap;

use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteOptions};
use arrow_schema::ffi::{FFI_ArrowSchema, Flags};
use arrow_schema::{ArrowError, Schema};
use serde_json::Value;

use super::arrays::{Arrays, OutgoingArray};
use super::body::{self, Plain};
use super::{LentMessage, OutgoingMessage};
use crate::arrow::compress::Codec;
use crate::arrow::schema::{Node, StreamSchema};
use crate::error::{Error, Result};

/// What an upload's batches are made of.
#[derive(Debug)]
pub struct OutgoingSchema {
    schema: StreamSchema,
    header: Vec<u8>,
    codec: Option<Codec>,
}

impl OutgoingSchema {
    /// Reads a schema text; `docs/internals/boundary.md` describes it.
    ///
    /// # Errors
    /// `INVALID_DATA` where it describes no schema.
    pub fn of_text(text: &str) -> Result<Self> {
        let text: Value = serde_json::from_str(text).map_err(|cause| invalid(&cause))?;
        let fields =
            list(&text, "fields").iter().map(field).collect::<std::result::Result<Vec<_>, _>>().map_err(|cause| invalid(&cause))?;
        let root = FFI_ArrowSchema::try_new("+s", fields, None).map_err(|cause| invalid(&cause))?;
        let schema = Schema::try_from(&root).map_err(|cause| invalid(&cause))?;
        let metadata: HashMap<String, String> = pairs(&text).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Self::of_schema(&schema.with_metadata(metadata))
    }

    pub(super) fn of_schema(schema: &Schema) -> Result<Self> {
        let mut tracker = DictionaryTracker::new(false);
        let encoded =
            IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(schema, &mut tracker, &IpcWriteOptions::default());
        let header = encoded.ipc_message;
        let message = arrow_ipc::root_as_message(&header).map_err(|cause| invalid(&cause))?;
        let wire = message.header_as_schema().ok_or_else(|| Error::data("the schema was encoded as something else"))?;
        let schema = StreamSchema::read(wire)?;
        Ok(Self { schema, header, codec: None })
    }

    /// The same schema, with the bodies of its messages compressed.
    #[must_use]
    pub fn compressing(self, codec: Option<Codec>) -> Self {
        Self { codec, ..self }
    }

    /// The schema's own message.
    pub fn message(&self) -> OutgoingMessage {
        OutgoingMessage { header: self.header.clone(), ..OutgoingMessage::default() }
    }

    /// The messages of one batch, none of whose bodies passes `limit` unless a single row does.
    ///
    /// # Errors
    /// `INVALID_DATA` where the arrays are not those of a batch of this schema.
    pub fn batch(&self, rows: usize, arrays: &mut Arrays<'_>, limit: usize) -> Result<Vec<OutgoingMessage>> {
        let bodies = self.bodies(rows, arrays, limit, false)?;
        self.messages(bodies)
    }

    /// The same with large buffers left where they lie; `None` where they are to be compressed.
    ///
    /// # Errors
    /// As of [`OutgoingSchema::batch`].
    pub fn lent_batch<'a>(&self, rows: usize, arrays: &mut Arrays<'a>, limit: usize) -> Result<Option<Vec<LentMessage<'a>>>> {
        if self.codec.is_some() {
            return Ok(None);
        }
        let bodies = self.bodies(rows, arrays, limit, true)?;
        Ok(Some(bodies.into_iter().map(LentMessage::new).collect()))
    }

    fn bodies<'a>(&self, rows: usize, arrays: &mut Arrays<'a>, limit: usize, lends: bool) -> Result<Vec<Plain<'a>>> {
        let columns = self.arrays(&self.schema.fields, arrays)?;
        for (node, column) in self.schema.fields.iter().zip(&columns) {
            if column.length != rows {
                let message = format!("a column has {} values in a batch of {rows} rows", column.length);
                return Err(Error::data(message).in_column(node.field.name()));
            }
        }
        let mut bodies = Vec::new();
        body::batches(&self.schema.fields, &columns, 0..rows, limit, lends, &mut bodies)?;
        Ok(bodies)
    }

    /// The messages of a dictionary's values, none of whose bodies passes `limit` unless a single value does: all of them, or (`is_delta`) more of them.
    ///
    /// # Errors
    /// `INVALID_DATA` where there is no such dictionary, or the array is none of its type.
    pub fn dictionary(&self, slot: usize, is_delta: bool, arrays: &mut Arrays<'_>, limit: usize) -> Result<Vec<OutgoingMessage>> {
        let dictionary =
            self.schema.dictionaries.get(slot).ok_or_else(|| Error::data(format!("the schema has no dictionary of number {slot}")))?;
        let values = self.arrays(std::slice::from_ref(&dictionary.values), arrays)?;
        let [values] = &values[..] else { return Err(Error::data("a dictionary has one array of values")) };
        let mut bodies = Vec::new();
        body::dictionaries(dictionary, values, 0..values.length, is_delta, limit, &mut bodies)?;
        self.messages(bodies)
    }

    fn messages(&self, bodies: Vec<Plain<'_>>) -> Result<Vec<OutgoingMessage>> {
        bodies
            .into_iter()
            .map(|Plain { head, body, parts }| Ok(OutgoingMessage::new(head, body.into_bytes()?, parts, self.codec)))
            .collect()
    }

    fn arrays<'a>(&self, nodes: &[Node], arrays: &mut Arrays<'a>) -> Result<Vec<OutgoingArray<'a>>> {
        let read = |node: &Node| arrays.next(node).map_err(|error| error.in_column(node.field.name()));
        let columns = nodes.iter().map(read).collect::<Result<Vec<_>>>()?;
        arrays.finish()?;
        Ok(columns)
    }
}

fn field(text: &Value) -> std::result::Result<FFI_ArrowSchema, ArrowError> {
    let children = list(text, "children").iter().map(field).collect::<std::result::Result<Vec<_>, _>>()?;
    let values = text.get("dictionary").filter(|dictionary| !dictionary.is_null()).and_then(|dictionary| dictionary.get("value"));
    let dictionary = values.map(field).transpose()?;
    let flags = Flags::from_bits_truncate(text.get("flags").and_then(Value::as_i64).unwrap_or_default());
    let made =
        FFI_ArrowSchema::try_new(string(text, "format")?, children, dictionary)?.with_name(string(text, "name")?)?.with_flags(flags)?;
    // SAFETY: arrow-rs made it just now.
    unsafe { made.with_metadata(pairs(text)) }
}

fn list<'a>(text: &'a Value, name: &str) -> &'a [Value] {
    text.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn string<'a>(text: &'a Value, name: &str) -> std::result::Result<&'a str, ArrowError> {
    text.get(name).and_then(Value::as_str).ok_or_else(|| ArrowError::SchemaError(format!("a field has no {name}")))
}

fn pairs(text: &Value) -> impl Iterator<Item = (&str, &str)> {
    list(text, "metadata").iter().filter_map(|pair| Some((pair.get(0)?.as_str()?, pair.get(1)?.as_str()?)))
}

fn invalid(cause: &dyn std::fmt::Display) -> Error {
    Error::data(format!("the schema of what is to be sent is not valid: {cause}"))
}
