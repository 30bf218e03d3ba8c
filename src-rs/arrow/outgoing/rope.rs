//! Bytes of which some lie elsewhere.

use crate::error::{Code, Error, Result};

/// Own bytes, and between them those that are lent.
#[derive(Debug, Default)]
pub(super) struct Rope<'a> {
    own: Vec<u8>,
    /// With how many of the own bytes come before each.
    lent: Vec<(usize, &'a [u8])>,
}

impl<'a> Rope<'a> {
    /// # Errors
    /// `OUT_OF_MEMORY`.
    pub(super) fn with_capacity(bytes: usize) -> Result<Self> {
        let mut own = Vec::new();
        own.try_reserve_exact(bytes)
            .map_err(|cause| Error::new(Code::OutOfMemory, format!("a batch of {bytes} bytes cannot be sent")).with_cause(cause))?;
        Ok(Self { own, lent: Vec::new() })
    }

    /// To be appended to.
    pub(super) fn own(&mut self) -> &mut Vec<u8> {
        &mut self.own
    }

    pub(super) fn lend(&mut self, bytes: &'a [u8]) {
        self.lent.push((self.own.len(), bytes));
    }

    /// The last `count` bytes, which are own ones.
    pub(super) fn last(&self, count: usize) -> &[u8] {
        &self.own[self.own.len() - count..]
    }

    /// Takes them back.
    pub(super) fn take_back(&mut self, count: usize) {
        self.own.truncate(self.own.len() - count);
    }

    /// All of it, in order.
    pub(super) fn pieces(&self) -> Vec<&[u8]> {
        let mut pieces = Vec::with_capacity(2 * self.lent.len() + 1);
        let mut from = 0;
        for (before, bytes) in &self.lent {
            pieces.extend([&self.own[from..*before], bytes]);
            from = *before;
        }
        pieces.push(&self.own[from..]);
        pieces
    }

    /// All of it, copied where some is lent.
    ///
    /// # Errors
    /// `OUT_OF_MEMORY`.
    pub(super) fn into_bytes(self) -> Result<Vec<u8>> {
        if self.lent.is_empty() {
            return Ok(self.own);
        }
        let pieces = self.pieces();
        let mut all = Self::with_capacity(pieces.iter().map(|piece| piece.len()).sum())?;
        pieces.into_iter().for_each(|piece| all.own.extend_from_slice(piece));
        Ok(all.own)
    }
}
