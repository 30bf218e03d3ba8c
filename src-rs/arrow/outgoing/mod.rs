//! Arrays on their way to a server: a caller's buffers, copied once into the bodies of IPC messages.
//!
//! What the caller describes is checked like what a server sends: lengths against buffers, offsets against what they point at. Buffers may be
//! those of slices: a window of rows is cut out as it is copied, which is also how large batches become several messages.

mod arrays;
mod body;
mod ipc_stream;
mod message;
mod rope;
mod schema;
mod union;
mod views;

pub use self::arrays::{Arrays, OutgoingArray};
pub use self::ipc_stream::IpcStream;
pub use self::message::{LentMessage, OutgoingMessage};
pub use self::schema::OutgoingSchema;

#[cfg(test)]
mod tests;
