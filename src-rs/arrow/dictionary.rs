//! Dictionaries as arrow-rs arrays, for consumers that build record batches in Rust.

use arrow_array::{Array, ArrayRef};

use super::arrays::{ArrayReader, Dictionaries};
use super::layout::{ColumnLayout, MessageMemory};
use super::schema::StreamSchema;
use crate::error::{Error, Result};

/// The values of each slot that have come so far.
#[derive(Debug, Default)]
pub struct DictionaryArrays(Vec<Option<ArrayRef>>);

impl DictionaryArrays {
    pub fn new(schema: &StreamSchema) -> Self {
        Self(vec![None; schema.dictionaries.len()])
    }

    pub fn values(&self) -> &[Option<ArrayRef>] {
        &self.0
    }

    /// Takes in a dictionary message.
    ///
    /// # Safety
    /// As [`ArrayReader::new`]: the memory must never be handed to JavaScript.
    ///
    /// # Errors
    /// `INVALID_DATA` where a delta cannot be appended.
    pub unsafe fn update(
        &mut self,
        schema: &StreamSchema,
        slot: usize,
        delta: bool,
        layout: &ColumnLayout,
        memory: &MessageMemory,
    ) -> Result<()> {
        let node = &schema.normalised_dictionaries[slot].values;
        let values = {
            // SAFETY: promised by the caller.
            let mut reader = unsafe { ArrayReader::new(layout, memory, Dictionaries::Values(&self.0)) };
            reader.column(node)?
        };
        let old = self.0[slot].take().filter(|_| delta);
        self.0[slot] = Some(match old {
            None => values,
            Some(old) => {
                let parts: [&dyn Array; 2] = [old.as_ref(), values.as_ref()];
                arrow_select::concat::concat(&parts)
                    .map_err(|cause| Error::data(format!("a dictionary of type {} could not be extended: {cause}", old.data_type())))?
            }
        });
        Ok(())
    }
}
