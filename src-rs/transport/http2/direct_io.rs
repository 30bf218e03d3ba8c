//! The socket under h2: what it reads is h2's, but for the DATA of streams that have a landing.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::driver;
use super::frame::{DATA, END_STREAM, FrameHead, HEAD, HEADERS};
use super::landings::{Destination, Filled, Landing, Landings, SharedLanding};
use super::outgoing::{Outgoing, Writing};
use super::socket::Socket;
use crate::transport::windows::MAX_FRAME;

/// What is read ahead where bytes are small and many. It stays in the processor's cache until it is copied.
const AHEAD: usize = 256 << 10;

/// What is read ahead where bytes go straight to their place: the heads of the next frame and message, and little that would better have gone there too.
const LITTLE_AHEAD: usize = 16 << 10;

/// As much as this is waited for where it is sure to come: every time that a connection's task is woken, it reads.
const LOW_WATER: usize = 512 << 10;

/// The longest SETTINGS that are read here before h2 has them. No server has so many.
const MOST_SETTINGS: usize = 8 << 10;

/// What may land before others on this thread get their turn.
const TURN: usize = 2 << 20;

/// Reads and writes for h2, and past it.
pub(super) struct DirectIo<S> {
    socket: S,
    landings: Arc<Landings>,
    ahead: Ahead,
    step: Step,
    /// A frame was passed to h2 whose stream may ask for the next one, once its reader has seen this one.
    is_awaiting_reader: bool,
    /// Headers go on: what comes next is h2's to judge, whatever it is.
    is_within_headers: bool,
    outgoing: Outgoing,
    /// Why writing failed while the connection was driven elsewhere. What there is to read comes first: it may say more of why.
    failed: Option<io::Error>,
}

/// Bytes that were read and not yet looked at.
struct Ahead {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// Whether the last read before the next one here went straight to its place.
    is_after_direct: bool,
}

enum Step {
    /// The head of a frame comes next.
    Head,
    /// h2 gets the head, from `sent` on, and what follows it.
    Pass {
        head: [u8; HEAD],
        sent: usize,
        remaining: usize,
    },
    /// h2 gets a frame that was read whole, from `given` on.
    Give {
        frame: Vec<u8>,
        given: usize,
    },
    Land(Landed),
}

/// A DATA frame on its way to its landing.
struct Landed {
    landing: SharedLanding,
    head: FrameHead,
    /// The byte that says how long the padding is comes next.
    is_padding_unknown: bool,
    data: usize,
    padding: usize,
}

/// Whether there is more to do with what was read.
#[derive(PartialEq, Eq)]
enum Turn {
    /// More has to be read.
    Dry,
    /// Others should have their turn first.
    Over,
}

impl Ahead {
    fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    fn take(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    fn poll_more(&mut self, socket: &mut (impl AsyncRead + Unpin), context: &mut Context<'_>, together: usize) -> Poll<io::Result<usize>> {
        let ask = if self.is_after_direct { together + LITTLE_AHEAD } else { AHEAD };
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let limit = (self.end + ask).min(self.buffer.len());
        let mut buffer = ReadBuf::new(&mut self.buffer[self.end..limit]);
        ready!(Pin::new(socket).poll_read(context, &mut buffer))?;
        let count = buffer.filled().len();
        self.end += count;
        self.is_after_direct = false;
        Poll::Ready(Ok(count))
    }
}

impl Landed {
    fn landing(&self) -> MutexGuard<'_, dyn Landing + 'static> {
        self.landing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back of the stream's window what the landing allows for now.
    fn give_back(&self, landings: &Landings) {
        // A lock at a time.
        let up_to = self.landing().given_back();
        landings.give_back(self.head.stream, up_to);
    }
}

impl<S> DirectIo<S> {
    pub(super) fn new(socket: S, landings: Arc<Landings>) -> Self {
        Self {
            socket,
            landings,
            ahead: Ahead { buffer: vec![0; AHEAD].into_boxed_slice(), start: 0, end: 0, is_after_direct: false },
            step: Step::Head,
            is_awaiting_reader: false,
            is_within_headers: false,
            outgoing: Outgoing::default(),
            failed: None,
        }
    }

    fn writing(&mut self) -> Writing<'_, S> {
        Writing { outgoing: &mut self.outgoing, socket: &mut self.socket, landings: &self.landings }
    }

    #[cfg(test)]
    pub(super) fn socket(&mut self) -> &mut S {
        &mut self.socket
    }

    /// A head has come whole.
    fn begin(&mut self, bytes: [u8; HEAD]) -> io::Result<()> {
        let head = FrameHead::parse(bytes);
        self.ahead.take(HEAD);
        // A frame that is too long, or out of place, is h2's to refuse.
        let destination = if head.kind == DATA && head.length <= MAX_FRAME as usize && !self.is_within_headers {
            self.landings.data(&head)?
        } else {
            Destination::H2
        };
        self.step = match destination {
            Destination::Landing(landing) => {
                self.outgoing.window.landed(head.length);
                let is_padding_unknown = head.is_padded();
                Step::Land(Landed { landing, head, is_padding_unknown, data: head.length, padding: 0 })
            }
            Destination::H2ForNow => {
                self.is_awaiting_reader = true;
                Step::Pass { head: bytes, sent: 0, remaining: head.length }
            }
            Destination::H2 => Step::Pass { head: bytes, sent: 0, remaining: head.length },
        };
        self.is_within_headers = head.leaves_headers_open();
        if head.ends_stream() {
            self.landings.forget(head.stream);
        } else if head.kind == HEADERS {
            self.is_awaiting_reader = true;
        }
        Ok(())
    }

    /// Sorts what was read ahead, as far as it goes and `out` has room.
    fn sort(&mut self, out: &mut ReadBuf<'_>, landed: &mut usize) -> io::Result<Turn> {
        loop {
            match &mut self.step {
                Step::Head => {
                    let Some(&bytes) = self.ahead.bytes().first_chunk::<HEAD>() else { return Ok(Turn::Dry) };
                    let head = FrameHead::parse(bytes);
                    if self.is_awaiting_reader && head.kind == DATA {
                        return Ok(Turn::Over);
                    }
                    if head.sets() {
                        self.landings.greet();
                    }
                    if head.sets() && head.length <= MOST_SETTINGS {
                        let Some(settings) = self.ahead.bytes().get(..HEAD + head.length) else { return Ok(Turn::Dry) };
                        self.step = Step::Give { frame: self.outgoing.outbound.settings(settings), given: 0 };
                        self.ahead.take(HEAD + head.length);
                        self.is_within_headers = false;
                        continue;
                    }
                    if head.sets() {
                        self.outgoing.outbound.settings_unseen();
                    }
                    self.begin(bytes)?;
                    if matches!(self.step, Step::Land(_)) {
                        *landed += HEAD;
                    }
                }
                Step::Pass { head, sent, remaining } => {
                    let count = out.remaining().min(HEAD - *sent);
                    out.put_slice(&head[*sent..*sent + count]);
                    *sent += count;
                    let count = self.ahead.bytes().len().min(*remaining).min(out.remaining());
                    out.put_slice(&self.ahead.bytes()[..count]);
                    self.ahead.take(count);
                    *remaining -= count;
                    if *sent < HEAD || *remaining > 0 {
                        return Ok(Turn::Dry);
                    }
                    self.step = Step::Head;
                }
                Step::Give { frame, given } => {
                    let count = out.remaining().min(frame.len() - *given);
                    out.put_slice(&frame[*given..*given + count]);
                    *given += count;
                    if *given < frame.len() {
                        return Ok(Turn::Dry);
                    }
                    self.step = Step::Head;
                }
                Step::Land(frame) => {
                    if frame.is_padding_unknown {
                        let Some(&padding) = self.ahead.bytes().first() else { return Ok(Turn::Dry) };
                        frame.data = frame.data.checked_sub(1 + usize::from(padding)).ok_or_else(|| {
                            io::Error::new(io::ErrorKind::InvalidData, "the padding of a DATA frame is longer than the frame")
                        })?;
                        frame.padding = padding.into();
                        frame.is_padding_unknown = false;
                        self.ahead.take(1);
                        self.landings.padding(frame.head.stream, 1 + frame.padding);
                        frame.give_back(&self.landings);
                    }
                    let count = self.ahead.bytes().len().min(frame.data);
                    if count > 0 {
                        frame.landing().feed(&self.ahead.bytes()[..count]);
                        self.ahead.take(count);
                        frame.data -= count;
                        *landed += count;
                        frame.give_back(&self.landings);
                    }
                    let count = self.ahead.bytes().len().min(frame.padding);
                    if frame.data == 0 {
                        self.ahead.take(count);
                        frame.padding -= count;
                        *landed += count;
                    }
                    if frame.data > 0 || frame.padding > 0 {
                        return Ok(Turn::Dry);
                    }
                    self.step = if frame.head.ends_stream() {
                        // That it has ended is all that h2 learns of it.
                        let end = FrameHead { length: 0, flags: END_STREAM, ..frame.head };
                        Step::Pass { head: end.bytes(), sent: 0, remaining: 0 }
                    } else {
                        Step::Head
                    };
                }
            }
        }
    }
}

impl<S: Socket> DirectIo<S> {
    /// Reads until h2 has got something, or there is nothing to read.
    fn poll_frames(&mut self, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        let mut landed = 0;
        loop {
            let turn = self.sort(out, &mut landed)?;
            if out.filled().len() > before || out.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if turn == Turn::Over || landed >= TURN {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let count = ready!(self.poll_socket(context, &mut landed))?;
            if count == 0 {
                // The end. What there is of a head h2 should see, so that it knows that it is cut off.
                out.put_slice(&self.ahead.bytes()[..self.ahead.bytes().len().min(out.remaining())]);
                self.ahead.take(self.ahead.bytes().len());
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// One read: straight to where the bytes belong, if that is worth it.
    fn poll_socket(&mut self, context: &mut Context<'_>, landed: &mut usize) -> Poll<io::Result<usize>> {
        let socket = &mut self.socket;
        let mut together = 0;
        if let Step::Land(frame) = &mut self.step
            && !frame.is_padding_unknown
            && frame.data > 0
        {
            // Counted here, and not by the landing: where a frame ends is the whole connection's to know.
            let mut count = 0;
            let filled = frame.landing().fill(frame.data, &mut |buffer| {
                let before = buffer.filled().len();
                let poll = Pin::new(&mut *socket).poll_read(context, buffer);
                count += buffer.filled().len() - before;
                if poll.is_pending() {
                    // These bytes come whatever else happens: a frame that has begun is ended before anything else is sent.
                    socket.set_low_water(buffer.remaining().min(LOW_WATER))?;
                }
                poll
            });
            if count > 0 {
                frame.data -= count;
                *landed += count;
                self.ahead.is_after_direct = true;
                frame.give_back(&self.landings);
                return Poll::Ready(Ok(count));
            }
            match filled {
                Filled::Read(poll) => return poll,
                Filled::Feed(count) => together = count.min(frame.data),
            }
        }
        let poll = self.ahead.poll_more(socket, context, together);
        if poll.is_pending() {
            socket.set_low_water(1)?;
        }
        poll
    }
}

impl<S> DirectIo<S> {
    /// What became of a write; where that has failed elsewhere, the task hears it once it has read what there is.
    fn kept<T>(&mut self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match written {
            Poll::Ready(Err(error)) if driver::is_here() => {
                self.failed = Some(error);
                driver::wake_here();
                Poll::Pending
            }
            written => written,
        }
    }
}

impl<S: Socket> AsyncRead for DirectIo<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // Whoever writes elsewhere leaves what comes to the task of the connection, which is waiting for it.
        if driver::is_here() {
            return Poll::Pending;
        }
        self.landings.register(context);
        // Written or not: this task is woken when it can.
        if self.failed.is_none()
            && let Poll::Ready(Err(error)) = self.writing().poll_gathered(context)
        {
            return Poll::Ready(Err(error));
        }
        let result = self.poll_frames(context, out);
        if result.is_pending()
            && let Some(error) = self.failed.take()
        {
            return Poll::Ready(Err(error));
        }
        if result.is_pending() {
            // A frame that h2 has a part of only was not seen by the reader yet.
            if !matches!(self.step, Step::Pass { .. }) {
                self.is_awaiting_reader = false;
            }
            // Whether it could be written at once or not: this task is woken when it can.
            if let Poll::Ready(Err(error)) = self.writing().poll_own(context) {
                return Poll::Ready(Err(error));
            }
        }
        result
    }
}

impl<S: Socket> AsyncWrite for DirectIo<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Err(error));
        }
        let written = self.writing().poll_write(context, parts);
        self.kept(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.writing().poll_flush(context);
        self.kept(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writing().poll_shutdown(context)
    }
}
