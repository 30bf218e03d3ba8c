//! The head of an HTTP/2 frame (RFC 9113, section 4.1).

/// Bytes of a head.
pub(super) const HEAD: usize = 9;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 0x1;
const ACK: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;

/// The window that one WINDOW_UPDATE may give, at most.
pub(super) const MAX_WINDOW: u32 = (1 << 31) - 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHead {
    /// Bytes that follow the head.
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

impl FrameHead {
    pub(super) fn parse(bytes: [u8; HEAD]) -> Self {
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = bytes;
        Self {
            length: u32::from_be_bytes([0, l0, l1, l2]) as usize,
            kind,
            flags,
            // The first bit is reserved.
            stream: u32::from_be_bytes([s0, s1, s2, s3]) & MAX_WINDOW,
        }
    }

    pub(super) fn bytes(&self) -> [u8; HEAD] {
        let [_, l0, l1, l2] = (self.length as u32).to_be_bytes();
        let [s0, s1, s2, s3] = self.stream.to_be_bytes();
        [l0, l1, l2, self.kind, self.flags, s0, s1, s2, s3]
    }

    pub(super) fn ends_stream(&self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0 || self.kind == RST_STREAM
    }

    /// Whether CONTINUATION frames have to follow, and nothing else may.
    pub(super) fn leaves_headers_open(&self) -> bool {
        matches!(self.kind, HEADERS | PUSH_PROMISE | CONTINUATION) && self.flags & END_HEADERS == 0
    }

    /// Whether settings follow, and are not acknowledged.
    pub(super) fn sets(&self) -> bool {
        self.kind == SETTINGS && self.flags & ACK == 0
    }

    pub(super) fn is_padded(&self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & PADDED != 0
    }
}

/// A frame that gives `stream` (the connection, where that is 0) a larger window.
pub(super) fn window_update(stream: u32, bytes: u32) -> [u8; HEAD + 4] {
    let mut frame = [0; HEAD + 4];
    frame[..HEAD].copy_from_slice(&FrameHead { length: 4, kind: WINDOW_UPDATE, flags: 0, stream }.bytes());
    frame[HEAD..].copy_from_slice(&bytes.min(MAX_WINDOW).to_be_bytes());
    frame
}
