//! What clients upload by `DoPut`: a command, and record batches for it.

mod decoder;
mod ending;
mod incoming;
mod upload;

pub(super) use decoder::BatchDecoder;
pub(super) use ending::EndingLayer;
pub(super) use incoming::{IncomingBatches, Received};
pub(super) use upload::{Messages, Upload};
