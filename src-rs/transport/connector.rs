//! Opens the socket of a connection: TCP, TLS over TCP, or a Unix socket.

use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::address::{Address, Transport};
use crate::error::{Code, Error, Result};

/// What is needed to open connections to one address.
#[derive(Clone)]
pub struct Connector {
    pub address: Address,
    pub tls: Option<Arc<rustls::ClientConfig>>,
    pub server_name: Option<String>,
}

impl Connector {
    /// Opens one connection.
    ///
    /// # Errors
    /// `CONNECTION_FAILED` or `TLS_ERROR`; `PANIC`.
    pub async fn connect(self) -> Result<Stream> {
        AssertUnwindSafe(self.open()).catch_unwind().await.unwrap_or_else(|panic| Err(Error::of_panic(panic.as_ref())))
    }

    async fn open(self) -> Result<Stream> {
        #[cfg(feature = "test-hooks")]
        crate::faults::panic_if_armed(crate::faults::Place::Connector);
        let stream = match &self.address.transport {
            Transport::Unix(path) => unix(path).await?,
            Transport::Tcp => Stream::Tcp(self.tcp().await?),
            Transport::Tls => Stream::Tls(Box::new(self.tls(self.tcp().await?).await?)),
        };
        Ok(stream)
    }

    async fn tcp(&self) -> Result<TcpStream> {
        // Tries every address that the name has, in turn.
        let stream = TcpStream::connect((self.address.host.as_str(), self.address.port)).await.map_err(|cause| {
            let error = Error::new(Code::ConnectionFailed, format!("{} could not be reached: {cause}", self.address.authority()));
            match cause.kind() {
                io::ErrorKind::ConnectionRefused => error.with_hint("nothing listens there: check host and port"),
                _ => error,
            }
            .with_cause(cause)
        })?;
        stream.set_nodelay(true).map_err(|cause| failed(&self.address, cause))?;
        Ok(stream)
    }

    async fn tls(&self, tcp: TcpStream) -> Result<TlsStream<TcpStream>> {
        let config = self.tls.clone().ok_or_else(|| Error::new(Code::Tls, "TLS was not set up for this client"))?;
        let name = self.server_name.clone().unwrap_or_else(|| self.address.host.clone());
        let server_name = ServerName::try_from(name.clone())
            .map_err(|cause| Error::new(Code::Tls, format!("'{name}' is not a name that a certificate can be for")).with_cause(cause))?;
        TlsConnector::from(config).connect(server_name, tcp).await.map_err(|cause| tls_failed(&self.address, cause))
    }
}

fn failed(address: &Address, cause: io::Error) -> Error {
    Error::new(Code::ConnectionFailed, format!("{} could not be reached: {cause}", address.authority())).with_cause(cause)
}

fn tls_failed(address: &Address, cause: io::Error) -> Error {
    let speaks_plaintext = cause
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .is_some_and(|error| matches!(error, rustls::Error::InvalidMessage(_)));
    let closed = cause.kind() == io::ErrorKind::UnexpectedEof || cause.kind() == io::ErrorKind::ConnectionReset;
    let error = Error::new(Code::Tls, format!("TLS with {} failed: {cause}", address.authority()));
    let error = if speaks_plaintext || closed {
        error.with_hint("the server seems to speak plaintext: if it does, say insecure: true, or transport=tcp in the URI")
    } else {
        error
    };
    error.with_cause(cause)
}

#[cfg(unix)]
async fn unix(path: &str) -> Result<Stream> {
    UnixStream::connect(path)
        .await
        .map(Stream::Unix)
        .map_err(|cause| Error::new(Code::ConnectionFailed, format!("the socket {path} could not be opened: {cause}")).with_cause(cause))
}

#[cfg(not(unix))]
async fn unix(path: &str) -> Result<Stream> {
    Err(Error::new(Code::ConnectionFailed, format!("the socket {path} cannot be opened: this platform has no Unix sockets here")))
}

/// An open connection.
pub enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    #[cfg(unix)]
    Unix(UnixStream),
}

macro_rules! forward {
    ($self:ident, $stream:ident => $call:expr) => {
        match $self.get_mut() {
            Stream::Tcp($stream) => $call,
            Stream::Tls($stream) => $call,
            #[cfg(unix)]
            Stream::Unix($stream) => $call,
        }
    };
}

/// What the text of an error begins with that is an alert of the other side: h2 keeps of an error its kind and its text.
pub const ALERT: &str = "TLS alert: ";

/// Servers say only behind the handshake what they find wrong with a client's certificate.
fn read_failed(error: io::Error) -> io::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::AlertReceived(alert)) => io::Error::new(error.kind(), format!("{ALERT}{alert:?}")),
        _ => error,
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        forward!(self, stream => Pin::new(stream).poll_read(context, buffer)).map_err(read_failed)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        forward!(self, stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        forward!(self, stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        forward!(self, stream => Pin::new(stream).poll_shutdown(context))
    }

    fn poll_write_vectored(self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        forward!(self, stream => Pin::new(stream).poll_write_vectored(context, parts))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
            #[cfg(unix)]
            Self::Unix(stream) => stream.is_write_vectored(),
        }
    }
}
