//! The body of a request that goes on.

use std::future::poll_fn;

use bytes::Bytes;
use h2::{Reason, SendStream};

use crate::error::{Code, Error, Result};
use crate::transport::failure;

/// A request being sent. It ends well by [`Sending::end`] alone: dropped before, it is reset, so that a server never takes a part for the whole.
pub struct Sending {
    body: SendStream<Bytes>,
    has_ended: bool,
}

impl Sending {
    pub(super) fn new(body: SendStream<Bytes>) -> Self {
        Self { body, has_ended: false }
    }

    /// Sends bytes, as the server's window and the connection have room.
    ///
    /// # Errors
    /// What broke the stream; the response may know more of it.
    pub async fn send(&mut self, mut bytes: Bytes) -> Result<()> {
        while !bytes.is_empty() {
            self.body.reserve_capacity(bytes.len());
            if self.body.capacity() == 0 {
                let room = poll_fn(|context| self.body.poll_capacity(context)).await;
                room.ok_or_else(over)?.map_err(|error| failure::of_h2(&error))?;
            }
            let part = bytes.split_to(self.body.capacity().min(bytes.len()));
            if !part.is_empty() {
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
        self.body.send_data(Bytes::new(), true).map_err(|error| failure::of_h2(&error))
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
