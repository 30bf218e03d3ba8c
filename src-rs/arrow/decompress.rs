//! LZ4 and ZSTD bodies: every buffer is compressed for itself, behind the length that it has once decompressed.

use std::io::Read;

use arrow_ipc::{CompressionType, RecordBatch};

use super::layout::{BufferRange, Source};
use crate::error::{Code, Error, Result};
use crate::flight::memory::{ALIGNMENT, BodyWriter, Region, own_block};

/// The length in front of each compressed buffer.
const PREFIX: usize = 8;

/// Stands for "this buffer is not compressed after all".
const NOT_COMPRESSED: i64 = -1;

/// Where the buffers of a batch lie in its body, as the message says; checked to lie in it.
///
/// # Errors
/// `INVALID_DATA` where one does not.
pub fn wire_ranges(batch: &RecordBatch<'_>, body: usize) -> Result<Vec<BufferRange>> {
    let buffers = batch.buffers().ok_or_else(|| Error::data("a record batch has no list of buffers"))?;
    let mut ranges = Vec::with_capacity(buffers.len());
    let mut total = 0_usize;
    for (at, buffer) in buffers.iter().enumerate() {
        let range = usize::try_from(buffer.offset()).ok().zip(usize::try_from(buffer.length()).ok());
        let inside = range.filter(|(offset, length)| offset.checked_add(*length).is_some_and(|end| end <= body));
        let Some((offset, length)) = inside else {
            return Err(Error::data(format!(
                "buffer {at} takes {} bytes from {} on of a body of {body} bytes",
                buffer.length(),
                buffer.offset()
            )));
        };
        total = total.saturating_add(length);
        ranges.push(if length == 0 { BufferRange::ABSENT } else { BufferRange { source: Source::Body, offset, length } });
    }
    // No writer shares bytes between buffers; many that did would make a small body look large.
    if total > body {
        return Err(Error::data(format!("the buffers of a message take {total} bytes of a body of {body}: they overlap")));
    }
    Ok(ranges)
}

/// Decompresses a body into one new region; `ranges` are mended to lie in it.
///
/// # Errors
/// `INVALID_DATA` for bytes that are not what they say, `MESSAGE_TOO_LARGE` beyond `most` bytes, `OUT_OF_MEMORY`.
pub fn decompress(codec: CompressionType, body: &[u8], ranges: &mut [BufferRange], most: usize) -> Result<Region> {
    let lengths: Result<Vec<Option<usize>>> = ranges.iter().enumerate().map(|(at, range)| plain_length(at, *range, body)).collect();
    let lengths = lengths?;
    let mut total = 0_usize;
    for length in lengths.iter().flatten() {
        total = length
            .checked_next_multiple_of(ALIGNMENT)
            .and_then(|padded| padded.checked_add(total))
            .filter(|total| *total <= most)
            .ok_or_else(|| {
                Error::new(
                    Code::MessageTooLarge,
                    format!("a compressed body holds more than maxMessageBytes, which is {most}, once it is decompressed"),
                )
            })?;
    }
    let mut writer = own_block(total)?;
    let mut at = 0;
    for (buffer, (range, length)) in ranges.iter_mut().zip(&lengths).enumerate() {
        let Some(length) = *length else {
            *range = BufferRange::ABSENT;
            continue;
        };
        let source = &body[range.offset..range.offset + range.length];
        let (prefix, data) = source.split_at(PREFIX);
        if prefix == NOT_COMPRESSED.to_le_bytes() {
            writer.write(data);
        } else {
            inflate(codec, data, length, &mut writer)
                .map_err(|error| Error::data(format!("buffer {buffer} of a compressed body is damaged: {error}")))?;
        }
        writer.pad();
        *range = BufferRange { source: Source::Body, offset: at, length };
        at += length.next_multiple_of(ALIGNMENT);
    }
    writer.finish().map_err(|_| Error::data("a compressed body is shorter than it says"))
}

/// How long a buffer is once decompressed; `None` where it is empty.
fn plain_length(at: usize, range: BufferRange, body: &[u8]) -> Result<Option<usize>> {
    if range.length == 0 {
        return Ok(None);
    }
    let source = &body[range.offset..range.offset + range.length];
    let Some((prefix, data)) = source.split_first_chunk::<PREFIX>() else {
        return Err(Error::data(format!("buffer {at} of a compressed body has {} bytes, too few for its length", range.length)));
    };
    match i64::from_le_bytes(*prefix) {
        0 => Ok(None),
        NOT_COMPRESSED => Ok(if data.is_empty() { None } else { Some(data.len()) }),
        length => {
            usize::try_from(length).map(Some).map_err(|_| Error::data(format!("buffer {at} of a compressed body claims {length} bytes")))
        }
    }
}

/// Writes exactly `length` bytes.
fn inflate(codec: CompressionType, data: &[u8], length: usize, out: &mut BodyWriter) -> std::io::Result<()> {
    match codec {
        CompressionType::LZ4_FRAME => fill(lz4_flex::frame::FrameDecoder::new(data), length, out),
        CompressionType::ZSTD => fill(zstd::stream::read::Decoder::with_buffer(data)?, length, out),
        other => Err(std::io::Error::other(format!("codec {} is unknown", other.0))),
    }
}

fn fill(mut decoder: impl Read, length: usize, out: &mut BodyWriter) -> std::io::Result<()> {
    out.read_from(&mut decoder, length)?;
    // One byte more would mean that the length in front of the buffer is wrong.
    match decoder.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(std::io::Error::other(format!("it holds more than the {length} bytes that it claims"))),
    }
}
