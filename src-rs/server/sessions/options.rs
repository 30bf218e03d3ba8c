//! Which options a session can have.

use std::collections::BTreeMap;

use prost::Message;

use super::messages::{ErrorValue, OptionValue, SessionOptionValue};

/// Bytes of all options of one session, names and values.
const MAX_BYTES: usize = 64 * 1024;

/// The options of one session.
#[derive(Debug, Clone, Default)]
pub(super) struct SessionOptions {
    by_name: BTreeMap<String, SessionOptionValue>,
    bytes: usize,
}

impl SessionOptions {
    /// Sets an option, or erases it if it has no value.
    pub(super) fn set(&mut self, name: String, value: SessionOptionValue) -> Result<(), ErrorValue> {
        check(&name, &value)?;
        let before = self.by_name.get(&name).map_or(0, |old| bytes_of(&name, old));
        let after = if value.value.is_some() { bytes_of(&name, &value) } else { 0 };
        let bytes = self.bytes - before + after;
        if bytes > MAX_BYTES {
            return Err(ErrorValue::Error);
        }
        self.bytes = bytes;
        match value.value {
            Some(_) => self.by_name.insert(name, value),
            None => self.by_name.remove(&name),
        };
        Ok(())
    }

    pub(super) fn by_name(&self) -> &BTreeMap<String, SessionOptionValue> {
        &self.by_name
    }
}

fn check(name: &str, value: &SessionOptionValue) -> Result<(), ErrorValue> {
    if !name.starts_with(char::is_alphabetic) {
        return Err(ErrorValue::InvalidName);
    }
    let only = match name {
        "catalog" => "main",
        "schema" => "",
        _ => return Ok(()),
    };
    match &value.value {
        None => Ok(()),
        Some(OptionValue::String(value)) if value == only => Ok(()),
        Some(_) => Err(ErrorValue::InvalidValue),
    }
}

fn bytes_of(name: &str, value: &SessionOptionValue) -> usize {
    name.len() + value.encoded_len()
}
