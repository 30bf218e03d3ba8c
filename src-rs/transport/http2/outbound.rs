//! Where in what h2 writes a frame ends and the next begins, so that frames of our own fit in between.

use super::frame::{FrameHead, HEAD};

/// What a client sends before its first frame.
const PREFACE: usize = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len();

/// Follows the bytes that were written.
#[derive(Debug)]
pub(super) struct Outbound {
    /// Bytes of the preface, or of the frame under way, that are still to come.
    remaining: usize,
    head: [u8; HEAD],
    have: usize,
    /// h2's own settings are the first frame; nothing may come before it.
    frames: u64,
}

impl Default for Outbound {
    fn default() -> Self {
        Self { remaining: PREFACE, head: [0; HEAD], have: 0, frames: 0 }
    }
}

impl Outbound {
    pub(super) fn wrote(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.remaining > 0 {
                let count = bytes.len().min(self.remaining);
                self.remaining -= count;
                bytes = &bytes[count..];
                continue;
            }
            let count = bytes.len().min(HEAD - self.have);
            self.head[self.have..self.have + count].copy_from_slice(&bytes[..count]);
            self.have += count;
            bytes = &bytes[count..];
            if self.have == HEAD {
                self.remaining = FrameHead::parse(self.head).length;
                self.have = 0;
                self.frames += 1;
            }
        }
    }

    /// Whether a frame may begin here.
    pub(super) fn is_between_frames(&self) -> bool {
        self.remaining == 0 && self.have == 0 && self.frames > 0 && !FrameHead::parse(self.head).leaves_headers_open()
    }
}
