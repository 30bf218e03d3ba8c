//! A message of an upload, and what is left to do until it can be sent.

use super::body::Plain;
use super::rope::Rope;
use crate::arrow::compress::{Codec, compress};
use crate::arrow::ipc_metadata::BodyParts;
use crate::error::Result;

/// A message of an upload: its metadata and its body.
#[derive(Debug, Default)]
pub struct OutgoingMessage {
    /// Not there yet where the body is still to be compressed.
    pub header: Vec<u8>,
    pub body: Vec<u8>,
    /// Rows of a batch.
    pub rows: usize,
    /// The application's own.
    pub app_metadata: Vec<u8>,
    pub to_compress: Option<Box<ToCompress>>,
}

/// A batch whose large buffers lie where the caller has them.
#[derive(Debug)]
pub struct LentMessage<'a> {
    pub header: Vec<u8>,
    pub rows: usize,
    body: Rope<'a>,
    /// Of the body.
    pub bytes: usize,
}

impl<'a> LentMessage<'a> {
    pub(super) fn new(Plain { head, body, parts }: Plain<'a>) -> Self {
        Self { header: head.header(&parts), rows: head.rows(), body, bytes: parts.length }
    }

    /// The body, in order.
    pub fn pieces(&self) -> Vec<&[u8]> {
        self.body.pieces()
    }

    /// With a body of its own.
    ///
    /// # Errors
    /// `OUT_OF_MEMORY`.
    pub fn into_owned(self) -> Result<OutgoingMessage> {
        let Self { header, rows, body, .. } = self;
        Ok(OutgoingMessage { header, body: body.into_bytes()?, rows, ..OutgoingMessage::default() })
    }
}

/// What a header is made of, once the body is compressed.
#[derive(Debug)]
pub struct ToCompress {
    codec: Codec,
    head: Head,
    parts: BodyParts,
}

/// What a body is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Head {
    Batch { rows: usize },
    Dictionary { id: i64, is_delta: bool, values: usize },
}

impl Head {
    /// Rows of a batch.
    fn rows(self) -> usize {
        if let Self::Batch { rows } = self { rows } else { 0 }
    }

    fn header(self, parts: &BodyParts) -> Vec<u8> {
        match self {
            Self::Batch { rows } => parts.record_batch(rows),
            Self::Dictionary { id, is_delta, values } => parts.dictionary(id, is_delta, values),
        }
    }
}

impl OutgoingMessage {
    pub(super) fn new(head: Head, body: Vec<u8>, parts: BodyParts, codec: Option<Codec>) -> Self {
        let rows = head.rows();
        match codec {
            None => Self { header: head.header(&parts), body, rows, ..Self::default() },
            Some(codec) => Self { body, rows, to_compress: Some(Box::new(ToCompress { codec, head, parts })), ..Self::default() },
        }
    }

    /// Whether [`OutgoingMessage::compressed`] has something to do, which takes a while.
    pub fn is_to_be_compressed(&self) -> bool {
        self.to_compress.is_some()
    }

    /// The message as it is sent.
    ///
    /// # Errors
    /// `INTERNAL` where the codec fails.
    pub fn compressed(self) -> Result<Self> {
        let Some(to_compress) = self.to_compress else { return Ok(self) };
        let ToCompress { codec, head, mut parts } = *to_compress;
        let body = compress(codec, &self.body, &mut parts)?;
        Ok(Self { header: head.header(&parts), body, to_compress: None, ..self })
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        self.header.len() + self.body.len() + self.app_metadata.len()
    }
}
