//! Bytes of a request on their way through h2, none of which are copied.

use std::cell::UnsafeCell;
use std::io::IoSlice;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The head of a message, and the body behind it. They make one frame where that is large enough.
#[derive(Debug, Default)]
pub struct Part {
    head: Bytes,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Own(Bytes),
    Lent(Arc<Lent>),
}

impl Default for Body {
    fn default() -> Self {
        Self::Own(Bytes::new())
    }
}

impl Part {
    pub fn new(head: Bytes, body: Bytes) -> Self {
        Self { head, body: Body::Own(body) }
    }

    /// A part whose body lies elsewhere, and the loan of it.
    ///
    /// # Safety
    /// The part may be looked at by one thread at a time, and until the loan has ended by nobody but who ends it: the loan must be dropped before
    /// anybody else may drive the connection that has the part.
    pub(super) unsafe fn lent<'a>(head: Bytes, body: &[&'a [u8]]) -> (Self, Loan<'a>) {
        let drained = CancellationToken::new();
        let pieces: Vec<&[u8]> = body.iter().copied().filter(|piece| !piece.is_empty()).collect();
        let rest = Rest {
            bytes: pieces.iter().map(|piece| piece.len()).sum(),
            pieces: pieces.iter().map(|piece| (*piece).into()).collect(),
            next: 0,
            own: Bytes::new(),
        };
        let lent = Arc::new(Lent { rest: UnsafeCell::new(rest), _drained: drained.clone().drop_guard() });
        let loan = Loan { lent: Arc::clone(&lent), drained, _pieces: std::marker::PhantomData };
        (Self { head, body: Body::Lent(lent) }, loan)
    }

    /// Takes the first `count` bytes out. Lent bodies are sent whole.
    pub(super) fn split_to(&mut self, count: usize) -> Self {
        let Body::Own(body) = &mut self.body else { return std::mem::take(self) };
        let head = self.head.split_to(count.min(self.head.len()));
        let body = body.split_to(count - head.len());
        Self { head, body: Body::Own(body) }
    }
}

impl Buf for Part {
    fn remaining(&self) -> usize {
        let body = match &self.body {
            Body::Own(bytes) => bytes.len(),
            Body::Lent(lent) => lent.rest().bytes,
        };
        self.head.len() + body
    }

    fn chunk(&self) -> &[u8] {
        match &self.body {
            _ if !self.head.is_empty() => &self.head,
            Body::Own(bytes) => bytes,
            Body::Lent(lent) => lent.rest().pieces().next().unwrap_or_default(),
        }
    }

    fn chunks_vectored<'a>(&'a self, out: &mut [IoSlice<'a>]) -> usize {
        let head = std::iter::once(&*self.head).filter(|bytes| !bytes.is_empty());
        let slices = |chunks: &mut dyn Iterator<Item = &'a [u8]>| chunks.zip(out).map(|(bytes, out)| *out = IoSlice::new(bytes)).count();
        match &self.body {
            Body::Own(bytes) => slices(&mut head.chain(std::iter::once(&**bytes).filter(|bytes| !bytes.is_empty()))),
            Body::Lent(lent) => slices(&mut head.chain(lent.rest().pieces())),
        }
    }

    fn advance(&mut self, count: usize) {
        let of_head = count.min(self.head.len());
        self.head.advance(of_head);
        match &mut self.body {
            Body::Own(bytes) => bytes.advance(count - of_head),
            Body::Lent(lent) => lent.rest_mut().advance(count - of_head),
        }
    }
}

/// A body that lies in memory of somebody else's, until that is let go of.
///
/// Looked at and changed only by whoever drives the connection: by h2, and by the loan's end while nobody else may drive.
#[derive(Debug)]
struct Lent {
    rest: UnsafeCell<Rest>,
    _drained: DropGuard,
}

// SAFETY: one thread at a time drives a connection, under a lock; see above.
unsafe impl Send for Lent {}
// SAFETY: as above.
unsafe impl Sync for Lent {}

/// What was not written yet.
#[derive(Debug)]
struct Rest {
    bytes: usize,
    pieces: Vec<Piece>,
    /// The first piece that has bytes.
    next: usize,
    /// In place of the pieces.
    own: Bytes,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    start: *const u8,
    length: usize,
}

impl From<&[u8]> for Piece {
    fn from(bytes: &[u8]) -> Self {
        Self { start: bytes.as_ptr(), length: bytes.len() }
    }
}

impl Lent {
    fn rest(&self) -> &Rest {
        // SAFETY: whoever calls this drives the connection, alone.
        unsafe { &*self.rest.get() }
    }

    #[expect(clippy::mut_from_ref, reason = "it is what the lock of the connection is for")]
    fn rest_mut(&self) -> &mut Rest {
        // SAFETY: as above; no slice of it outlives the call that it was made for.
        unsafe { &mut *self.rest.get() }
    }
}

impl Rest {
    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        // SAFETY: the pieces are lent for as long as they are listed.
        let lent = self.pieces[self.next..].iter().map(|piece| unsafe { std::slice::from_raw_parts(piece.start, piece.length) });
        lent.chain(std::iter::once(&*self.own).filter(|own| !own.is_empty()))
    }

    fn advance(&mut self, mut count: usize) {
        self.bytes -= count;
        while let Some(piece) = self.pieces.get_mut(self.next)
            && count > 0
        {
            let of_piece = count.min(piece.length);
            // SAFETY: within the piece, or at its end.
            *piece = Piece { start: unsafe { piece.start.add(of_piece) }, length: piece.length - of_piece };
            count -= of_piece;
            self.next += usize::from(piece.length == 0);
        }
        self.own.advance(count);
    }

    /// Copies what is left of the pieces.
    fn keep(&mut self) {
        let own = self.pieces().fold(Vec::with_capacity(self.bytes), |mut own, piece| {
            own.extend_from_slice(piece);
            own
        });
        self.own = own.into();
        self.pieces.clear();
        self.next = 0;
    }
}

/// Memory that is lent to h2. It ends before the connection may be driven by others: what is not written by then is copied.
pub(super) struct Loan<'a> {
    lent: Arc<Lent>,
    drained: CancellationToken,
    _pieces: std::marker::PhantomData<&'a [u8]>,
}

impl Loan<'_> {
    /// What fires once all of it was written, or never will be; `None` where that is so.
    pub(super) fn end(self) -> Option<CancellationToken> {
        (self.lent.rest().bytes > 0).then(|| self.drained.clone())
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        // Where h2 has let go of its part, there is nobody to copy it for.
        if Arc::strong_count(&self.lent) > 1 {
            self.lent.rest_mut().keep();
        }
    }
}

#[cfg(test)]
#[path = "part_test.rs"]
mod tests;
