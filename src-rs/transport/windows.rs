//! The sizes that connections are set up with.

/// What one stream may have under way. Measured on loopback: 2 MiB leaves the server waiting, beyond 8 MiB nothing is gained.
pub const STREAM_WINDOW: u32 = 8 << 20;

/// How many results a connection carries at once. Each may leave its whole window unread, so the connection's window is one larger: a
/// paused reader then cannot stop anybody else.
pub const STREAMS_PER_CONNECTION: usize = 7;

/// The window of a connection that carries results.
pub const RESULTS_WINDOW: u32 = STREAM_WINDOW * (STREAMS_PER_CONNECTION as u32 + 1);

/// The window of a connection for short calls.
pub const CALLS_WINDOW: u32 = STREAM_WINDOW * 2;

/// Frames of 1 MiB instead of 16 KiB: fewer reads, allocations and wake-ups, where the server makes use of it.
pub const MAX_FRAME: u32 = 1 << 20;

/// Frames as h2 writes them, before they are cut into what the server takes: each is a system call.
pub const SENT_FRAME: u32 = 1 << 20;

/// Trailers hold error messages, and some servers send long ones. h2 takes them up to the number of frames that this makes (16 KiB each): 320 KiB.
pub const MAX_HEADERS: u32 = 16 << 20;

/// What of one upload is h2's to send: a message of a few MiB, so that whoever makes the next one is not woken for each part of it that has gone. It is
/// held, not copied.
pub const SEND_BUFFER: usize = 4 << 20;
