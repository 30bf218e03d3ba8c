//! Plain Flight: the DoGet fast path from HTTP/2 frames to decoded batches, results over several endpoints, DoPut and
//! DoExchange.

mod answers;
mod do_get;
pub mod exchange;
mod flight_data;
pub mod frames;
mod inlet;
mod line;
mod locations;
pub mod memory;
pub mod put;
pub mod queue;
pub mod reading;
mod renewal;
pub mod result;
pub mod standing;
mod status;
pub mod stream;
mod waiting;
