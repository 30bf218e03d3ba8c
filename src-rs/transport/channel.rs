//! tonic channels with the settings that bulk reads want.

use std::time::Duration;

use http::Uri;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use super::address::{Address, Transport};
use super::connector::Connector;
use crate::error::{Code, Error, Result};

/// What one stream may have under way. Measured on loopback: 2 MiB leaves the server waiting, beyond 8 MiB nothing is gained.
pub const STREAM_WINDOW: u32 = 8 << 20;

/// How many results a connection carries at once. Each may leave its whole window unread, so the connection's window is one larger: a
/// paused reader then cannot stop anybody else.
pub const STREAMS_PER_CONNECTION: usize = 7;

/// Frames of 1 MiB instead of 16 KiB: fewer reads, allocations and wake-ups, where the server makes use of it.
const MAX_FRAME: u32 = 1 << 20;

/// Trailers hold error messages, and some servers send long ones. h2 takes them up to the number of frames that this makes (16 KiB each): 320 KiB.
const MAX_HEADERS: u32 = 16 << 20;

/// Whether a channel carries results, with windows for them, or short calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Control,
    Data,
}

/// Describes the connection to `address`.
///
/// # Errors
/// `INVALID_OPTION` where the host is not one.
pub fn endpoint(address: &Address, purpose: Use, connect_timeout: Duration) -> Result<Endpoint> {
    let authority = if matches!(address.transport, Transport::Unix(_)) { "localhost".to_owned() } else { address.authority() };
    let not_a_host =
        |cause| Error::new(Code::InvalidOption, format!("'{}' is not a host that can be connected to", address.host)).with_cause(cause);
    // The connector encrypts by itself, so that tonic is given plain http; the origin carries the scheme that the server should see.
    let endpoint = Endpoint::from_shared(format!("http://{authority}")).map_err(|cause| {
        Error::new(Code::InvalidOption, format!("'{}' is not a host that can be connected to", address.host)).with_cause(cause)
    })?;
    let scheme = if address.is_encrypted() { "https" } else { "http" };
    let origin = format!("{scheme}://{authority}").parse::<Uri>().map_err(not_a_host)?;
    let connection_window = match purpose {
        Use::Control => STREAM_WINDOW * 2,
        Use::Data => STREAM_WINDOW * (STREAMS_PER_CONNECTION as u32 + 1),
    };
    endpoint
        .origin(origin)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(connection_window)
        .max_frame_size(MAX_FRAME)
        .http2_max_header_list_size(MAX_HEADERS)
        .connect_timeout(connect_timeout)
        .user_agent(concat!("flightsql/", env!("CARGO_PKG_VERSION")))
        .map_err(|cause| Error::new(Code::InvalidOption, "the user agent is not valid").with_cause(cause))
}

/// A channel that connects on its first call, and again when the connection is lost.
pub fn lazy(endpoint: &Endpoint, connector: Connector) -> Channel {
    endpoint.connect_with_connector_lazy(service_fn(move |_: Uri| connector.clone().connect()))
}

/// A channel that is connected.
///
/// # Errors
/// `CONNECTION_FAILED` or `TLS_ERROR`.
pub async fn connected(endpoint: &Endpoint, connector: Connector) -> Result<Channel> {
    let address = connector.address.clone();
    endpoint
        .connect_with_connector(service_fn(move |_: Uri| connector.clone().connect()))
        .await
        .map_err(|cause| super::failure::of_transport(cause, &address))
}
