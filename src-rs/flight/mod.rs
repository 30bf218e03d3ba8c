//! Plain Flight: the DoGet fast path from HTTP/2 frames to decoded batches, and results over several endpoints.

mod do_get;
pub mod frames;
mod inlet;
pub mod memory;
pub mod put;
pub mod queue;
pub mod result;
pub mod standing;
pub mod stream;
