//! From HTTP/2 DATA frames to Flight messages: gRPC's framing and `FlightData`'s protobuf fields, read over the frames as they come.
//!
//! The frames split messages wherever they like, so both are read by one state machine that can stop at any byte. A body is read into the
//! aligned memory that it stays in, or copied there once. Protobuf's own rules hold: fields in any order, the last of a repeated field
//! wins, unknown fields are passed over.

use std::collections::VecDeque;
use std::task::Poll;

use bytes::Buf;

use super::memory::{BodyWriter, Region, SlabWriter};
use crate::error::{Code, Error, Result};
use crate::transport::http2::{Filled, Read};
use crate::transport::prefix::{PREFIX, message_length};

/// Field numbers of `arrow.flight.protocol.FlightData`.
const DATA_HEADER: u64 = 2;
const APP_METADATA: u64 = 3;
pub(super) const DATA_BODY: u64 = 1000;

/// Less than this of a body is not worth a read of its own: reading it along with what comes next, and copying it, costs less.
const DIRECT: usize = 64 << 10;

/// Longest run of bytes that is reserved for a header or for metadata before any of it has arrived.
const FIRST_RESERVE: usize = 64 << 10;

/// One `FlightData` message.
#[derive(Debug, Default)]
pub struct FlightMessage {
    /// The Arrow IPC `Message` flatbuffer; empty where the message carries application metadata only.
    pub header: Vec<u8>,
    pub app_metadata: Option<Vec<u8>>,
    /// `None` where the message has no body or an empty one.
    pub body: Option<Region>,
}

/// Reads frames; hands out messages.
#[derive(Debug)]
pub struct FrameReader {
    max_message: usize,
    slabs: SlabWriter,
    state: State,
}

#[derive(Debug)]
enum State {
    Prefix { bytes: [u8; PREFIX], have: usize },
    Message(Box<Partial>),
}

/// A message under way.
#[derive(Debug)]
struct Partial {
    /// Bytes of the message that have not been read yet.
    remaining: usize,
    step: Step,
    /// How many deprecated groups are open; what lies in them is not ours, whatever its number.
    groups: u32,
    message: FlightMessage,
}

#[derive(Debug)]
enum Step {
    Tag(Varint),
    Length { field: u64, value: Varint },
    Header { remaining: usize },
    Metadata { remaining: usize },
    Body(BodyWriter),
    Skip { remaining: usize },
    SkipVarint(Varint),
}

#[derive(Debug, Default, Clone, Copy)]
struct Varint {
    value: u64,
    shift: u32,
}

impl Varint {
    /// The value, once its last byte has come.
    fn push(&mut self, byte: u8) -> Result<Option<u64>> {
        // The tenth byte of a 64-bit varint may only hold one bit.
        if self.shift == 63 && byte > 1 {
            return Err(Error::protocol("a protobuf varint in a FlightData message is longer than 64 bits"));
        }
        self.value |= u64::from(byte & 0x7f) << self.shift;
        if byte & 0x80 == 0 {
            return Ok(Some(self.value));
        }
        self.shift += 7;
        Ok(None)
    }
}

impl FrameReader {
    /// `max_message` limits the bytes of one message, as `maxMessageBytes` says.
    pub fn new(max_message: usize, slabs: SlabWriter) -> Self {
        Self { max_message, slabs, state: State::Prefix { bytes: [0; PREFIX], have: 0 } }
    }

    /// Whether the stream may end here: not in the middle of a message.
    pub fn is_between_messages(&self) -> bool {
        matches!(self.state, State::Prefix { have: 0, .. })
    }

    /// Reads a frame whole and appends the messages that end in it.
    ///
    /// # Errors
    /// `PROTOCOL_ERROR` for bytes that are not gRPC or not protobuf, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`. The reader is of no use afterwards.
    pub fn feed(&mut self, mut frame: impl Buf, out: &mut VecDeque<FlightMessage>) -> Result<()> {
        while frame.has_remaining() {
            match &mut self.state {
                State::Prefix { bytes, have } => {
                    let count = frame.remaining().min(PREFIX - *have);
                    frame.copy_to_slice(&mut bytes[*have..*have + count]);
                    *have += count;
                    if *have == PREFIX {
                        let remaining = message_length(*bytes, self.max_message)?;
                        self.state = State::Message(Box::new(Partial {
                            remaining,
                            step: Step::Tag(Varint::default()),
                            groups: 0,
                            message: FlightMessage::default(),
                        }));
                    }
                }
                State::Message(partial) => partial.read(&mut frame, &mut self.slabs)?,
            }
            self.end_message(out)?;
        }
        Ok(())
    }

    /// Lets `read` fill the body under way, with at most `limit` bytes, where that much is left of it that a read of its own pays; appends the
    /// message if it ends with that.
    ///
    /// # Errors
    /// `PROTOCOL_ERROR` where the message ends in the middle of a field.
    pub fn fill(&mut self, limit: usize, read: &mut Read<'_>, out: &mut VecDeque<FlightMessage>) -> Result<Filled> {
        let State::Message(partial) = &mut self.state else { return Ok(Filled::Feed(0)) };
        let Step::Body(writer) = &mut partial.step else { return Ok(Filled::Feed(0)) };
        let left = limit.min(writer.remaining());
        if left < DIRECT {
            return Ok(Filled::Feed(left));
        }
        let filled = writer.fill(left, read);
        if let Poll::Ready(Ok(count)) = &filled {
            partial.remaining -= count;
            if writer.remaining() == 0 {
                partial.finish_body();
            }
            self.end_message(out)?;
        }
        Ok(Filled::Read(filled))
    }

    fn end_message(&mut self, out: &mut VecDeque<FlightMessage>) -> Result<()> {
        if let State::Message(partial) = &mut self.state
            && partial.remaining == 0
        {
            partial.check_whole()?;
            out.push_back(std::mem::take(&mut partial.message));
            self.state = State::Prefix { bytes: [0; PREFIX], have: 0 };
        }
        Ok(())
    }
}

impl Partial {
    /// Reads on until the frame or the message ends.
    fn read(&mut self, frame: &mut impl Buf, slabs: &mut SlabWriter) -> Result<()> {
        while self.remaining > 0 && frame.has_remaining() {
            match &mut self.step {
                Step::Tag(varint) => {
                    let done = varint.push(frame.get_u8())?;
                    self.remaining -= 1;
                    if let Some(tag) = done {
                        self.step = self.after_tag(tag)?;
                    }
                }
                Step::Length { field, value } => {
                    let field = *field;
                    let done = value.push(frame.get_u8())?;
                    self.remaining -= 1;
                    if let Some(length) = done {
                        self.step = self.after_length(field, length, slabs)?;
                    }
                }
                Step::Header { remaining } => {
                    let count = extend(&mut self.message.header, frame, *remaining)?;
                    *remaining -= count;
                    self.remaining -= count;
                    if *remaining == 0 {
                        self.step = Step::Tag(Varint::default());
                    }
                }
                Step::Metadata { remaining } => {
                    let metadata = self.message.app_metadata.get_or_insert_default();
                    let count = extend(metadata, frame, *remaining)?;
                    *remaining -= count;
                    self.remaining -= count;
                    if *remaining == 0 {
                        self.step = Step::Tag(Varint::default());
                    }
                }
                Step::Body(writer) => {
                    let count = writer.receive(frame.chunk());
                    frame.advance(count);
                    self.remaining -= count;
                    if writer.remaining() == 0 {
                        self.finish_body();
                    }
                }
                Step::Skip { remaining } => {
                    let count = frame.remaining().min(*remaining);
                    frame.advance(count);
                    *remaining -= count;
                    self.remaining -= count;
                    if *remaining == 0 {
                        self.step = Step::Tag(Varint::default());
                    }
                }
                Step::SkipVarint(varint) => {
                    let done = varint.push(frame.get_u8())?;
                    self.remaining -= 1;
                    if done.is_some() {
                        self.step = Step::Tag(Varint::default());
                    }
                }
            }
        }
        Ok(())
    }

    fn finish_body(&mut self) {
        if let Step::Body(writer) = std::mem::replace(&mut self.step, Step::Tag(Varint::default())) {
            self.message.body = writer.finish().ok();
        }
    }

    fn after_tag(&mut self, tag: u64) -> Result<Step> {
        let field = tag >> 3;
        if field == 0 || tag > u64::from(u32::MAX) {
            return Err(Error::protocol(format!("a FlightData message has a protobuf tag {tag}, which names no field")));
        }
        match tag & 7 {
            0 => Ok(Step::SkipVarint(Varint::default())),
            1 => self.skip(8),
            2 => Ok(Step::Length { field, value: Varint::default() }),
            5 => self.skip(4),
            3 => {
                self.groups += 1;
                Ok(Step::Tag(Varint::default()))
            }
            4 if self.groups > 0 => {
                self.groups -= 1;
                Ok(Step::Tag(Varint::default()))
            }
            4 => Err(Error::protocol("a FlightData message ends a protobuf group that it never began")),
            wire_type => Err(Error::protocol(format!(
                "field {field} of a FlightData message has protobuf wire type {wire_type}, which does not exist"
            ))),
        }
    }

    fn skip(&self, length: usize) -> Result<Step> {
        if length > self.remaining {
            return Err(overlong(length as u64, self.remaining));
        }
        Ok(if length == 0 { Step::Tag(Varint::default()) } else { Step::Skip { remaining: length } })
    }

    fn after_length(&mut self, field: u64, length: u64, slabs: &mut SlabWriter) -> Result<Step> {
        let remaining =
            usize::try_from(length).ok().filter(|length| *length <= self.remaining).ok_or_else(|| overlong(length, self.remaining))?;
        match field {
            _ if self.groups > 0 => self.skip(remaining),
            DATA_HEADER => {
                self.message.header.clear();
                Ok(if remaining == 0 { Step::Tag(Varint::default()) } else { Step::Header { remaining } })
            }
            APP_METADATA => {
                self.message.app_metadata = Some(Vec::new());
                Ok(if remaining == 0 { Step::Tag(Varint::default()) } else { Step::Metadata { remaining } })
            }
            DATA_BODY => {
                self.message.body = None;
                Ok(if remaining == 0 { Step::Tag(Varint::default()) } else { Step::Body(slabs.body(remaining)?) })
            }
            _ => self.skip(remaining),
        }
    }

    fn check_whole(&self) -> Result<()> {
        match self.step {
            Step::Tag(Varint { shift: 0, .. }) if self.groups == 0 => Ok(()),
            _ => Err(Error::protocol("a FlightData message ends in the middle of a field")),
        }
    }
}

fn overlong(length: u64, remaining: usize) -> Error {
    Error::protocol(format!("a field of a FlightData message claims {length} bytes where {remaining} are left"))
}

/// Appends at most `want` bytes of the frame's first chunk; returns how many.
fn extend(target: &mut Vec<u8>, frame: &mut impl Buf, want: usize) -> Result<usize> {
    let chunk = frame.chunk();
    let count = chunk.len().min(want);
    // Exactly what is to come where that is little, so that nothing grows twice; otherwise as the bytes arrive.
    let reserve = if want <= FIRST_RESERVE { want } else { count };
    target
        .try_reserve(reserve)
        .map_err(|_| Error::new(Code::OutOfMemory, format!("the system refused {reserve} bytes for the header of a message")))?;
    target.extend_from_slice(&chunk[..count]);
    frame.advance(count);
    Ok(count)
}

#[cfg(test)]
#[path = "frames_test.rs"]
mod tests;
