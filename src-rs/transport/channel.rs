//! tonic channels, for everything but results.

use std::time::Duration;

use http::Uri;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use super::address::Address;
use super::connector::Connector;
use super::windows::{CALLS_WINDOW, MAX_FRAME, MAX_HEADERS, STREAM_WINDOW};
use crate::error::{Code, Error, Result};

/// What the client calls itself; tonic adds its own name to it.
pub const USER_AGENT: &str = concat!("flightsql/", env!("CARGO_PKG_VERSION"));

/// Describes the connection to `address`.
///
/// # Errors
/// `INVALID_OPTION` where the host is not one.
pub fn endpoint(address: &Address, connect_timeout: Duration) -> Result<Endpoint> {
    // The connector encrypts by itself, so that tonic is given plain http; the origin carries the scheme that the server should see.
    let endpoint =
        Endpoint::from_shared(format!("http://{}", authority(address))).map_err(|cause| not_a_host(address).with_cause(cause))?;
    endpoint
        .origin(origin(address)?)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CALLS_WINDOW)
        .max_frame_size(MAX_FRAME)
        .http2_max_header_list_size(MAX_HEADERS)
        .connect_timeout(connect_timeout)
        .user_agent(USER_AGENT)
        .map_err(|cause| Error::new(Code::InvalidOption, "the user agent is not valid").with_cause(cause))
}

/// The scheme and authority that a server is asked by.
///
/// # Errors
/// `INVALID_OPTION` where the host is not one.
pub fn origin(address: &Address) -> Result<Uri> {
    let scheme = if address.is_encrypted() { "https" } else { "http" };
    format!("{scheme}://{}", authority(address)).parse().map_err(|cause: http::uri::InvalidUri| not_a_host(address).with_cause(cause))
}

fn authority(address: &Address) -> String {
    if address.is_unix() { "localhost".to_owned() } else { address.authority() }
}

fn not_a_host(address: &Address) -> Error {
    Error::new(Code::InvalidOption, format!("'{}' is not a host that can be connected to", address.host))
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
