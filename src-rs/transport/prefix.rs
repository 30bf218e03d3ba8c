//! What stands in front of every message of gRPC: whether it is compressed, and its length.

use crate::error::{Code, Error, Result};

/// Bytes of it.
pub const PREFIX: usize = 5;

/// The length that a prefix announces.
///
/// # Errors
/// `PROTOCOL_ERROR` for a prefix that is not gRPC's, `MESSAGE_TOO_LARGE`.
pub fn message_length(prefix: [u8; PREFIX], max_message: usize) -> Result<usize> {
    let [flags, length @ ..] = prefix;
    match flags {
        0 => {}
        1 => {
            return Err(Error::protocol("the server sent a compressed gRPC message, though none was asked for")
                .with_hint("turn gRPC compression off on the server, or on the proxy in front of it"));
        }
        _ => {
            return Err(Error::protocol(format!("a gRPC message begins with flags 0x{flags:02x} where 0 or 1 is right"))
                .with_hint("is this the address of a gRPC server?"));
        }
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > max_message {
        return Err(Error::new(
            Code::MessageTooLarge,
            format!("a message of {length} bytes is larger than maxMessageBytes, which is {max_message}"),
        )
        .with_hint("raise maxMessageBytes, or ask the server for less at a time"));
    }
    Ok(length)
}

/// Sees to it that none of the messages that pass by is too large.
#[derive(Debug)]
pub struct Watch {
    max_message: usize,
    prefix: [u8; PREFIX],
    have: usize,
    /// Bytes of the message under way that have not passed.
    left: usize,
}

impl Watch {
    pub fn new(max_message: usize) -> Self {
        Self { max_message, prefix: [0; PREFIX], have: 0, left: 0 }
    }

    /// Follows the bytes of some frame.
    ///
    /// # Errors
    /// Those of [`message_length`].
    pub fn pass(&mut self, mut bytes: &[u8]) -> Result<()> {
        while let Some(&byte) = bytes.first() {
            if self.left > 0 {
                let count = self.left.min(bytes.len());
                self.left -= count;
                bytes = &bytes[count..];
                continue;
            }
            self.prefix[self.have] = byte;
            self.have += 1;
            bytes = &bytes[1..];
            if self.have == PREFIX {
                self.left = message_length(self.prefix, self.max_message)?;
                self.have = 0;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "prefix_test.rs"]
mod tests;
