//! Arrays on their way to a server: a caller's buffers, copied once into the bodies of IPC messages.
//!
//! What the caller describes is checked like what a server sends: lengths against buffers, offsets against what they point at. Buffers may be
//! those of slices: a window of rows is cut out as it is copied, which is also how large batches become several messages.

mod arrays;
mod body;
mod ipc_stream;
mod schema;
mod union;
mod views;

pub use self::arrays::{Arrays, OutgoingArray};
pub use self::ipc_stream::IpcStream;
pub use self::schema::OutgoingSchema;

/// A message of an upload: its metadata and its body.
#[derive(Debug, Default)]
pub struct OutgoingMessage {
    pub header: Vec<u8>,
    pub body: Vec<u8>,
    /// Rows of a batch.
    pub rows: usize,
    /// The application's own.
    pub app_metadata: Vec<u8>,
}

impl OutgoingMessage {
    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        self.header.len() + self.body.len() + self.app_metadata.len()
    }
}

#[cfg(test)]
mod tests;
