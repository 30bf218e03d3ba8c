//! What goes to the socket: h2's frames, cut and gathered, and frames of our own between them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::driver;
use super::gathered::Gathered;
use super::landings::{ConnectionWindow, Landings};
use super::outbound::{Outbound, Piece};
use super::socket::Socket;

/// How far the writing has come.
#[derive(Default)]
pub(super) struct Outgoing {
    pub(super) window: ConnectionWindow,
    pub(super) outbound: Outbound,
    /// What h2 has written and the socket has not got yet.
    gathered: Gathered,
    /// Frames of our own that are being written, and how much of them was.
    own: Vec<u8>,
    own_written: usize,
}

/// The writing, with the socket that it goes to.
pub(super) struct Writing<'a, S> {
    pub(super) outgoing: &'a mut Outgoing,
    pub(super) socket: &'a mut S,
    pub(super) landings: &'a Landings,
}

impl<S: Socket> Writing<'_, S> {
    /// Takes what h2 writes. Returns how many of its bytes were taken.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        ready!(self.poll_own(context))?;
        if self.outgoing.gathered.is_full() {
            ready!(self.poll_gathered(context))?;
        }
        let Outgoing { gathered, outbound, .. } = &mut *self.outgoing;
        if gathered.takes(parts.iter().map(|part| part.len()).sum(), outbound.is_between_frames()) {
            let taken = outbound.take(parts, usize::MAX, |piece| gathered.add(piece.bytes()));
            self.landings.note_written(outbound.newest());
            return Poll::Ready(Ok(taken));
        }
        ready!(self.poll_gathered(context))?;
        self.poll_pieces(context, parts)
    }

    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_own(context))?;
        ready!(self.poll_head(context))?;
        if self.outgoing.gathered.is_empty() {
            return Pin::new(&mut *self.socket).poll_flush(context);
        }
        if self.outgoing.gathered.is_enough() || driver::is_here() {
            return self.poll_gathered(context);
        }
        // h2 flushes after each frame. When it has no more of them, the next turn of this task, which begins with reading, writes what there is.
        context.waker().wake_by_ref();
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_gathered(context))?;
        ready!(self.poll_head(context))?;
        Pin::new(&mut *self.socket).poll_shutdown(context)
    }

    /// Writes what was gathered.
    pub(super) fn poll_gathered(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.gathered.poll_write(self.socket, context)
    }

    /// Writes frames of our own, where h2's leave a gap.
    pub(super) fn poll_own(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Outgoing { window, outbound, gathered, own, own_written } = &mut *self.outgoing;
        if *own_written == own.len() {
            own.clear();
            *own_written = 0;
            if !outbound.has_gap() {
                return Poll::Ready(Ok(()));
            }
            self.landings.take_updates(own);
            if let Some(update) = window.update() {
                own.extend_from_slice(&update);
            }
        }
        if !gathered.is_empty() {
            // Behind what is under way already; there was nothing of that while these were being written.
            gathered.add(&own[*own_written..]);
            *own_written = own.len();
        }
        while *own_written < own.len() {
            let count = ready!(Pin::new(&mut *self.socket).poll_write(context, &own[*own_written..]))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            *own_written += count;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes what h2 has, cut into frames that the server takes. Returns how many of h2's bytes were taken.
    fn poll_pieces(&mut self, context: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        loop {
            let mut pieces = Vec::new();
            let mut after = self.outgoing.outbound;
            let taken = after.take(parts, self.room(), |piece| pieces.push(piece));
            if pieces.is_empty() {
                self.outgoing.outbound = after;
                return Poll::Ready(Ok(taken));
            }
            let slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece.bytes())).collect();
            let count = ready!(Pin::new(&mut *self.socket).poll_write_vectored(context, &slices)).inspect_err(|_| {
                if self.socket.may_send_and_fail() {
                    self.landings.note_written(after.newest());
                }
            })?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let taken = self.outgoing.outbound.take(parts, count, |_: Piece<'_>| ());
            self.landings.note_written(self.outgoing.outbound.newest());
            // Where only a head of ours was written, h2 would take that for the end.
            if taken > 0 {
                return Poll::Ready(Ok(taken));
            }
        }
    }

    /// How much of h2's may be written at once: no more than the part under way where frames of our own wait, which a server may be waiting for.
    fn room(&self) -> usize {
        let waits = self.outgoing.window.is_owed() || self.landings.has_updates();
        match self.outgoing.outbound.rest_of_part() {
            rest if rest > 0 && waits => rest,
            _ => usize::MAX,
        }
    }

    /// Writes the rest of a head that the socket took in part, where h2 has nothing more that it would be written with.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.outgoing.outbound.is_within_head() { self.poll_pieces(context, &[]).map_ok(drop) } else { Poll::Ready(Ok(())) }
    }
}
