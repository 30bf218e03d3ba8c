//! The socket under a connection for results, which can be told how much has to have come before anybody is woken.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::connector::Stream;

/// A socket that bytes are read from directly to their places.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin {
    /// From now on, what waits for something to read is woken once this many bytes are there, or no more will come. `bytes` must be on their way
    /// whatever happens, or it would wait for ever; where a socket cannot do this, it wakes at every byte.
    ///
    /// # Errors
    /// What the system says.
    fn set_low_water(&mut self, bytes: usize) -> io::Result<()>;

    /// Whether a write that fails may have sent something all the same, as records of TLS are sent one by one.
    fn may_send_and_fail(&self) -> bool {
        false
    }
}

/// An open connection, with the low-water mark that was set last.
pub(super) struct OpenSocket {
    stream: Stream,
    low_water: usize,
}

impl OpenSocket {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, low_water: 1 }
    }
}

impl Socket for OpenSocket {
    fn set_low_water(&mut self, bytes: usize) -> io::Result<()> {
        if bytes != self.low_water {
            set_low_water(&self.stream, bytes)?;
            self.low_water = bytes;
        }
        Ok(())
    }

    fn may_send_and_fail(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }
}

/// Linux asks for a low-water mark when it wakes; others do so only in `select`, or not at all. TLS reads by its own records.
#[cfg(target_os = "linux")]
fn set_low_water(stream: &Stream, bytes: usize) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    let Stream::Tcp(socket) = stream else { return Ok(()) };
    let value = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
    let length = size_of_val(&value) as libc::socklen_t;
    // SAFETY: the socket is open as long as it is borrowed, and the option's value is an integer that lives for the call.
    let status = unsafe { libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVLOWAT, (&raw const value).cast(), length) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(not(target_os = "linux"))]
fn set_low_water(_stream: &Stream, _bytes: usize) -> io::Result<()> {
    Ok(())
}

impl AsyncRead for OpenSocket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for OpenSocket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
