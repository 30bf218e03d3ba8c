//! The body of a request that goes on.

use std::future::poll_fn;
use std::sync::Weak;

use bytes::{Buf, Bytes};
use h2::{Reason, SendStream};
use tokio_util::sync::CancellationToken;

use super::driver::Driver;
use super::part::{Loan, Part};
use crate::error::{Code, Error, Result};
use crate::transport::failure;

/// What became of bytes that were to be sent from where they lie.
#[derive(Debug)]
pub enum SentHere {
    Whole,
    /// The rest of it was copied. This fires once that has been sent, or never will be.
    InPart(CancellationToken),
    /// Nothing was sent, as something else is at this moment, or the connection has ended.
    Busy,
    /// Nothing was sent, as the server's window has no room for all of it, or the stream has ended.
    Shut,
}

/// A request being sent. It ends well by [`Sending::end`] alone: dropped before, it is reset, so that a server never takes a part for the whole.
pub struct Sending {
    body: SendStream<Part>,
    /// Where bytes go to the socket as they are.
    driver: Option<Weak<Driver>>,
    has_ended: bool,
}

impl Sending {
    pub(super) fn new(body: SendStream<Part>, driver: Option<Weak<Driver>>) -> Self {
        Self { body, driver, has_ended: false }
    }

    /// Whether it can be tried to send from this thread.
    pub fn sends_here(&self) -> bool {
        self.driver.is_some()
    }

    /// Sends bytes from this thread and from where they lie, as far as the socket takes them now; what it does not take is copied. What breaks the
    /// stream shows elsewhere.
    pub fn send_here(&mut self, head: &Bytes, body: &[&[u8]]) -> SentHere {
        let Some(driver) = self.driver.as_ref().and_then(Weak::upgrade) else { return SentHere::Busy };
        let bytes = head.len() + body.iter().map(|piece| piece.len()).sum::<usize>();
        let stream = &mut self.body;
        let send = || {
            stream.reserve_capacity(bytes);
            if stream.capacity() < bytes {
                return None;
            }
            // SAFETY: the driver's lock is held until the loan has ended, which `here` sees to, also where h2 panics.
            let (part, loan) = unsafe { Part::lent(head.clone(), body) };
            stream.send_data(part, false).ok().map(|()| loan)
        };
        match driver.here(send, Loan::end) {
            None => SentHere::Busy,
            Some(None) => SentHere::Shut,
            Some(Some(None)) => SentHere::Whole,
            Some(Some(Some(rest))) => SentHere::InPart(rest),
        }
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
