//! Arrow data between the wire and its consumers: schemas, the validated layout of a message, normalising, and arrow-rs arrays.

pub mod arrays;
pub mod bitmap;
pub mod buffers;
mod compatible;
pub mod compress;
pub mod decoder;
pub mod decompress;
pub mod dictionary;
pub mod expansion;
pub mod format;
pub mod ipc_metadata;
pub mod layout;
mod lengths;
pub mod normalise;
mod nullable;
pub mod outgoing;
pub mod schema;
pub mod schema_check;
mod schema_difference;
pub mod utf8;
pub mod validate;
pub mod value_checks;
pub mod written;
