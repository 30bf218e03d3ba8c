//! The time zone of a column.

use std::fmt;

/// The longest name of the time zone database has 32 bytes.
const MOST: usize = 40;

/// The name of a time zone, held in place so that the type of a column can be copied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Zone {
    bytes: [u8; MOST],
    length: usize,
}

impl Zone {
    pub(in super::super) const UTC: Self = {
        let mut bytes = [0; MOST];
        [bytes[0], bytes[1], bytes[2]] = *b"UTC";
        Self { bytes, length: 3 }
    };

    /// `None` for a name that is no zone's: it has to be able to stand between quotes in a declaration.
    pub(in super::super) fn new(name: &str) -> Option<Self> {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\'' | b'"'));
        if !is_plain || name.is_empty() {
            return None;
        }
        let mut bytes = [0; MOST];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(Self { bytes, length: name.len() })
    }

    pub(in super::super) fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
