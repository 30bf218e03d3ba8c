//! A result as one Arrow IPC stream.

use arrow_ipc::writer::{DictionaryHandling, IpcWriteOptions, StreamWriter};

use super::batches::BatchReader;
use crate::error::{Error, Result};
use crate::flight::result::ResultStream;

/// Reads a result to its end and encodes it: one schema, one end marker, whatever the number of endpoints; no compression.
///
/// # Errors
/// Why the result failed.
pub async fn stream_bytes(stream: ResultStream) -> Result<Vec<u8>> {
    let mut batches = BatchReader::open(stream).await?;
    let refused = |cause: arrow_schema::ArrowError| Error::data(format!("a batch could not be encoded as Arrow IPC: {cause}"));
    let options = IpcWriteOptions::default().with_dictionary_handling(DictionaryHandling::Resend);
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), batches.schema(), options).map_err(refused)?;
    while let Some(batch) = batches.next().await? {
        writer.write(&batch).map_err(refused)?;
    }
    writer.into_inner().map_err(refused)
}
