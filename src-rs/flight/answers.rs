//! The messages that come back while others go up.

use std::future::poll_fn;
use std::marker::PhantomData;

use bytes::{Buf, BytesMut};
use prost::Message;

use super::status;
use crate::error::{Error, Result};
use crate::transport::http2::{Answering, Receiving};
use crate::transport::prefix::{PREFIX, message_length};

/// Answers of one type, which are small: a response's body as gRPC frames it.
pub(super) struct Answers<M> {
    /// `None` for a response without a body, which said that all is well.
    receiving: Option<Receiving>,
    bytes: BytesMut,
    max_message: usize,
    of: PhantomData<M>,
}

impl<M: Message + Default> Answers<M> {
    /// Resolves when the head of the response is there, which may be long after the request has begun.
    ///
    /// # Errors
    /// What the server answered, or what broke the stream.
    pub(super) async fn open(answering: Answering, max_message: usize) -> Result<Self> {
        let answer = answering.head().await?;
        let receiving = match status::of_head(&answer.headers) {
            Some(status) => status.map(|()| None)?,
            None => Some(answer.receiving),
        };
        Ok(Self { receiving, bytes: BytesMut::new(), max_message, of: PhantomData })
    }

    /// The next answer; `None` once the server said that all is well.
    ///
    /// # Errors
    /// What the trailers say, what broke the stream, or what is wrong with its bytes.
    pub(super) async fn next(&mut self) -> Result<Option<M>> {
        loop {
            if let Some(answer) = self.take()? {
                return Ok(Some(answer));
            }
            let Some(receiving) = &mut self.receiving else { return Ok(None) };
            if let Some(bytes) = poll_fn(|context| receiving.poll_data(context)).await? {
                self.bytes.extend_from_slice(&bytes);
                continue;
            }
            status::of_trailers(receiving.trailers().await?.as_ref())?;
            self.receiving = None;
            if !self.bytes.is_empty() {
                return Err(Error::protocol("the stream ended in the middle of a message"));
            }
        }
    }

    fn take(&mut self) -> Result<Option<M>> {
        let Some(prefix) = self.bytes.first_chunk::<PREFIX>() else { return Ok(None) };
        let length = message_length(*prefix, self.max_message)?;
        if self.bytes.len() - PREFIX < length {
            return Ok(None);
        }
        self.bytes.advance(PREFIX);
        let message = M::decode(self.bytes.split_to(length))
            .map_err(|cause| Error::protocol("the server's answer is not the message that the call answers with").with_cause(cause))?;
        Ok(Some(message))
    }
}
