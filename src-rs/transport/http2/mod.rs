//! The connections: HTTP/2 as h2 speaks it, but for the bytes of results, which go from the socket straight to where
//! they stay.
//!
//! h2 reads a frame into a buffer of its own and hands that out, so that each byte of a body would be copied twice: by the kernel, and out of
//! that buffer. Here the socket is wrapped: [`DirectIo`] lies under h2, reads the head of each frame, and lets h2 have all of them except the
//! DATA of streams that asked for theirs. h2 never learns of those bytes: neither what they hold nor that they count against the windows, which
//! is why their WINDOW_UPDATEs are sent from here as well. Everything else (headers, settings, resets, errors) stays h2's.

mod body;
mod connection;
mod direct_io;
mod driver;
mod frame;
mod gathered;
mod landings;
mod outbound;
mod outgoing;
mod part;
mod receiving;
mod sending;
mod socket;

pub use self::connection::{Connection, Setup};
pub use self::landings::{Filled, Landing, Read, SharedLanding};
pub use self::part::Part;
pub use self::receiving::{Answer, Answering, Receiving};
pub use self::sending::{Sending, SentHere};

#[cfg(test)]
mod gathered_test;
#[cfg(test)]
mod tests;
