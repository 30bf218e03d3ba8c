//! The body of a request that goes on.

use std::future::poll_fn;
use std::io::IoSlice;

use bytes::{Buf, Bytes};
use h2::{Reason, SendStream};

use crate::error::{Code, Error, Result};
use crate::transport::failure;

/// Bytes of a request: the head of a message, and the body behind it. They make one frame where that is large enough, and neither is copied.
#[derive(Debug, Default)]
pub struct Part {
    head: Bytes,
    body: Bytes,
}

impl Part {
    pub fn new(head: Bytes, body: Bytes) -> Self {
        Self { head, body }
    }

    /// Takes the first `count` bytes out.
    fn split_to(&mut self, count: usize) -> Self {
        let head = self.head.split_to(count.min(self.head.len()));
        let body = self.body.split_to(count - head.len());
        Self { head, body }
    }
}

impl Buf for Part {
    fn remaining(&self) -> usize {
        self.head.len() + self.body.len()
    }

    fn chunk(&self) -> &[u8] {
        if self.head.is_empty() { &self.body } else { &self.head }
    }

    fn chunks_vectored<'a>(&'a self, out: &mut [IoSlice<'a>]) -> usize {
        let chunks = [&self.head, &self.body].into_iter().filter(|bytes| !bytes.is_empty());
        chunks.zip(out).map(|(bytes, out)| *out = IoSlice::new(bytes)).count()
    }

    fn advance(&mut self, count: usize) {
        let of_head = count.min(self.head.len());
        self.head.advance(of_head);
        self.body.advance(count - of_head);
    }
}

/// A request being sent. It ends well by [`Sending::end`] alone: dropped before, it is reset, so that a server never takes a part for the whole.
pub struct Sending {
    body: SendStream<Part>,
    has_ended: bool,
}

impl Sending {
    pub(super) fn new(body: SendStream<Part>) -> Self {
        Self { body, has_ended: false }
    }

    /// Sends bytes, as the server's window and the connection have room.
    ///
    /// # Errors
    /// What broke the stream; the response may know more of it.
    pub async fn send(&mut self, mut bytes: Part) -> Result<()> {
        while bytes.has_remaining() {
            self.body.reserve_capacity(bytes.remaining());
            if self.body.capacity() == 0 {
                let room = poll_fn(|context| self.body.poll_capacity(context)).await;
                room.ok_or_else(over)?.map_err(|error| failure::of_h2(&error))?;
            }
            let part = bytes.split_to(self.body.capacity().min(bytes.remaining()));
            if part.has_remaining() {
                self.body.send_data(part, false).map_err(|error| failure::of_h2(&error))?;
            }
        }
        Ok(())
    }

    /// Says that this was all.
    ///
    /// # Errors
    /// What broke the stream.
    pub fn end(mut self) -> Result<()> {
        self.has_ended = true;
        self.body.send_data(Part::default(), true).map_err(|error| failure::of_h2(&error))
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.has_ended {
            self.body.send_reset(Reason::CANCEL);
        }
    }
}

fn over() -> Error {
    Error::new(Code::StreamReset, "the server ended the call before everything was sent")
}
