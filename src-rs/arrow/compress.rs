//! Bodies that go up compressed: every buffer for itself, behind the length that it has plain. `decompress.rs` is the way back.

use std::io::Write;

use arrow_ipc::{Buffer, CompressionType};

use super::ipc_metadata::BodyParts;
use crate::error::{Code, Error, Result};
use crate::flight::memory::ALIGNMENT;

/// Stands for "this buffer is not compressed after all".
const NOT_COMPRESSED: i64 = -1;

/// What the libraries for other languages use, and nearly as good as the next ones.
const ZSTD_LEVEL: i32 = 1;

/// How bodies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Lz4,
    Zstd,
}

impl Codec {
    /// Its name in the metadata of messages.
    pub fn of_ipc(self) -> CompressionType {
        match self {
            Self::Lz4 => CompressionType::LZ4_FRAME,
            Self::Zstd => CompressionType::ZSTD,
        }
    }

    fn append(self, plain: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
        match self {
            Self::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(out);
                encoder.write_all(plain)?;
                encoder.finish().map(drop).map_err(std::io::Error::other)
            }
            Self::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(out, ZSTD_LEVEL)?;
                encoder.set_pledged_src_size(Some(plain.len() as u64))?;
                encoder.write_all(plain)?;
                encoder.finish().map(drop)
            }
        }
    }
}

/// The body with each buffer compressed, unless that makes it no smaller; `parts` say where they lie then.
///
/// # Errors
/// `INTERNAL` where the codec fails.
pub fn compress(codec: Codec, body: &[u8], parts: &mut BodyParts) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() / 2);
    for buffer in &mut parts.buffers {
        let (start, length) = (buffer.offset() as usize, buffer.length() as usize);
        let plain = &body[start..start + length];
        let at = out.len();
        if !plain.is_empty() {
            out.extend_from_slice(&buffer.length().to_le_bytes());
            let data = out.len();
            codec
                .append(plain, &mut out)
                .map_err(|cause| Error::new(Code::Internal, "a buffer could not be compressed").with_cause(cause))?;
            if out.len() - data >= plain.len() {
                out.truncate(at);
                out.extend_from_slice(&NOT_COMPRESSED.to_le_bytes());
                out.extend_from_slice(plain);
            }
        }
        *buffer = Buffer::new(at as i64, (out.len() - at) as i64);
        out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
    }
    parts.length = out.len();
    parts.compression = Some(codec);
    Ok(out)
}
