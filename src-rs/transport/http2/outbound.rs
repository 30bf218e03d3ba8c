//! What h2 writes, cut into frames that the server takes, and where one ends, so that frames of our own fit in between.
//!
//! h2 writes and flushes each frame by itself. Most servers take 16 KiB at a time: a turn of h2's and a system call for each of those cost uploads more
//! than the kernel's copy does. So h2 is told of a server that takes more ([`Outbound::settings`]), and its frames are cut here, into parts of one
//! vectored write. Nothing is copied for that: the parts lie where h2's frame does, with new heads between them.

use std::io::IoSlice;

use super::frame::{CONTINUATION, DATA, END_HEADERS, END_STREAM, FrameHead, HEAD, HEADERS};
use crate::transport::windows::SENT_FRAME;

/// What a client sends before its first frame.
const PREFACE: usize = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len();

/// What every server takes (RFC 9113, section 4.2).
const LEAST_FRAME: u32 = 1 << 14;

/// What any server may take.
const MOST_FRAME: u32 = (1 << 24) - 1;

/// Bytes of one setting: its identifier and its value.
const SETTING: usize = 6;

/// Identifies the size of a frame that its sender takes.
const MAX_FRAME_SIZE: [u8; 2] = [0, 5];

/// Follows the bytes that h2 writes. Copied, it tells what would become of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outbound {
    /// The most of a frame that the server takes.
    limit: usize,
    /// h2's frame under way, or the one before.
    frame: FrameHead,
    /// Bytes of h2's frame that are behind the part under way.
    behind: usize,
    /// Bytes of the preface, or of the part under way, that are still to come.
    remaining: usize,
    /// The head that h2 writes: as much as there is of it.
    head: [u8; HEAD],
    have: usize,
    /// The head of the part under way, and how much of it is still to be written.
    part: [u8; HEAD],
    part_left: usize,
    /// h2's own settings are the first frame; nothing may come before it.
    has_begun: bool,
    newest: u32,
}

/// Bytes for the socket.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece<'a> {
    /// The last so many bytes of a head.
    Head([u8; HEAD], usize),
    H2s(&'a [u8]),
}

impl Piece<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Head(head, left) => &head[HEAD - left..],
            Self::H2s(bytes) => bytes,
        }
    }
}

impl Default for Outbound {
    fn default() -> Self {
        Self {
            limit: LEAST_FRAME as usize,
            frame: FrameHead { length: 0, kind: DATA, flags: 0, stream: 0 },
            behind: 0,
            remaining: PREFACE,
            head: [0; HEAD],
            have: 0,
            part: [0; HEAD],
            part_left: 0,
            has_begun: false,
            newest: 0,
        }
    }
}

impl Outbound {
    /// The server's SETTINGS as h2 is to see them: with room for frames that are cut here.
    pub(super) fn settings(&mut self, frame: &[u8]) -> Vec<u8> {
        let (head, settings) = frame.split_first_chunk::<HEAD>().unwrap_or((&[0; HEAD], &[]));
        let head = FrameHead::parse(*head);
        let is_whole = settings.len().is_multiple_of(SETTING);
        let sizes = settings.chunks_exact(SETTING).filter(|setting| setting[..2] == MAX_FRAME_SIZE);
        let sizes: Vec<u32> = sizes.map(|setting| u32::from_be_bytes([setting[2], setting[3], setting[4], setting[5]])).collect();
        // What is wrong h2 should see as it is.
        if !is_whole || head.stream != 0 || !sizes.iter().all(|size| (LEAST_FRAME..=MOST_FRAME).contains(size)) {
            return frame.to_vec();
        }
        if let Some(size) = sizes.last() {
            self.limit = *size as usize;
        }
        let longer = FrameHead { length: settings.len() + SETTING, ..head };
        // The last of several values counts.
        [&longer.bytes()[..], settings, &MAX_FRAME_SIZE, &SENT_FRAME.max(self.limit as u32).to_be_bytes()].concat()
    }

    /// Takes what h2 writes, up to `room` bytes of what `each` is given to write. Returns how many bytes were h2's.
    pub(super) fn take<'a>(&mut self, parts: &'a [IoSlice<'_>], mut room: usize, mut each: impl FnMut(Piece<'a>)) -> usize {
        let mut taken = 0;
        self.write_head(&mut room, &mut each);
        for part in parts {
            let mut bytes = &part[..];
            while !bytes.is_empty() && self.part_left == 0 {
                let count = if self.remaining > 0 { self.pass(bytes, &mut room, &mut each) } else { self.read_head(bytes) };
                self.write_head(&mut room, &mut each);
                if count == 0 {
                    return taken;
                }
                taken += count;
                bytes = &bytes[count..];
            }
        }
        taken
    }

    /// Takes bytes of the preface or of a payload.
    fn pass<'a>(&mut self, bytes: &'a [u8], room: &mut usize, each: &mut impl FnMut(Piece<'a>)) -> usize {
        let count = bytes.len().min(self.remaining).min(*room);
        if count > 0 {
            each(Piece::H2s(&bytes[..count]));
        }
        *room -= count;
        self.remaining -= count;
        if self.remaining == 0 && self.behind > 0 {
            self.begin_part(false);
        }
        count
    }

    /// Takes bytes of a head. What is written for it comes once it is whole.
    fn read_head(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(HEAD - self.have);
        self.head[self.have..self.have + count].copy_from_slice(&bytes[..count]);
        self.have += count;
        if self.have == HEAD {
            self.have = 0;
            self.has_begun = true;
            self.frame = FrameHead::parse(self.head);
            self.newest = self.newest.max(self.frame.stream);
            self.behind = self.frame.length;
            self.begin_part(true);
        }
        count
    }

    fn begin_part(&mut self, is_first: bool) {
        let FrameHead { kind, flags, stream, .. } = self.frame;
        let can_be_cut = matches!(kind, DATA | HEADERS | CONTINUATION) && !self.frame.is_padded();
        let length = if can_be_cut { self.behind.min(self.limit) } else { self.behind };
        self.behind -= length;
        self.remaining = length;
        let is_last = self.behind == 0;
        let (kind, flags) = match (kind, is_first) {
            (HEADERS | CONTINUATION, false) => (CONTINUATION, flags & END_HEADERS),
            (kind, _) => (kind, flags),
        };
        let ends = if kind == DATA { END_STREAM } else { END_HEADERS };
        let flags = if is_last { flags } else { flags & !ends };
        self.part = FrameHead { length, kind, flags, stream }.bytes();
        self.part_left = HEAD;
    }

    fn write_head<'a>(&mut self, room: &mut usize, each: &mut impl FnMut(Piece<'a>)) {
        let count = self.part_left.min(*room);
        if count == 0 {
            return;
        }
        if count == self.part_left {
            each(Piece::Head(self.part, count));
        }
        *room -= count;
        self.part_left -= count;
    }

    /// The newest stream of which anything was taken. One write may bring frames of many.
    pub(super) fn newest(&self) -> u32 {
        self.newest
    }

    /// What is left of the part under way, head included.
    pub(super) fn rest_of_part(&self) -> usize {
        self.part_left + self.remaining
    }

    /// Whether a head was begun to be written, and not ended.
    pub(super) fn is_within_head(&self) -> bool {
        self.part_left > 0
    }

    /// Whether h2 is between two frames of its own.
    pub(super) fn is_between_frames(&self) -> bool {
        let is_done = self.remaining == 0 && self.have == 0 && self.part_left == 0;
        is_done && self.has_begun && !self.frame.leaves_headers_open()
    }

    /// Whether a frame of ours may go here: between h2's, and between the parts of data.
    pub(super) fn has_gap(&self) -> bool {
        self.is_between_frames() || self.part_left == HEAD && self.frame.kind == DATA
    }

    /// Settings went by that were too long to be looked at: what every server takes is right in any case.
    pub(super) fn settings_unseen(&mut self) {
        self.limit = LEAST_FRAME as usize;
    }
}
