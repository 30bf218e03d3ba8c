//! A result as one Arrow IPC stream.

use std::io::{self, Write};

use arrow_ipc::writer::{DictionaryHandling, IpcWriteOptions, StreamWriter};

use super::batches::BatchReader;
use crate::error::{Code, Error, Result};
use crate::flight::result::ResultStream;

/// Reads a result to its end and encodes it: one schema, one end marker, whatever the number of endpoints; no compression.
///
/// # Errors
/// Why the result failed.
pub async fn stream_bytes(stream: ResultStream) -> Result<Vec<u8>> {
    let mut batches = BatchReader::open(stream).await?;
    let standing = batches.standing();
    let refused = |cause: arrow_schema::ArrowError| {
        standing.locate(match cause {
            arrow_schema::ArrowError::IoError(..) => Error::new(Code::OutOfMemory, "the system refused memory for the Arrow IPC stream")
                .with_hint("read the result batch by batch, or export it to a file"),
            cause => Error::data(format!("a batch could not be encoded as Arrow IPC: {cause}")),
        })
    };
    let options = IpcWriteOptions::default().with_dictionary_handling(DictionaryHandling::Resend);
    let mut writer = StreamWriter::try_new_with_options(Bytes::default(), batches.schema(), options).map_err(refused)?;
    while let Some(batch) = batches.next().await? {
        writer.write(&batch).map_err(refused)?;
        // Encoding is done where the client's connections are: they get their turn between batches.
        tokio::task::yield_now().await;
    }
    writer.into_inner().map(|bytes| bytes.0).map_err(refused)
}

/// A vector whose growing may fail, as nothing bounds it but the result.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_reserve(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
