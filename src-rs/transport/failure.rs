//! What a failed call really was: the layers below wrap each other's errors, and the one at the bottom says what happened.

use std::error::Error as StdError;
use std::io;

use super::connector::ALERT;
use crate::error::{Code, Error};

/// What lies under a status that tonic made up because the transport failed; `None` for one that a server sent.
pub fn of_status(status: &tonic::Status) -> Option<Error> {
    let source = status.source()?;
    let mut error = of_chain(source)?;
    if error.message().is_empty() {
        error = Error::new(error.code(), status.message());
    }
    Some(error)
}

fn of_chain(outermost: &(dyn StdError + 'static)) -> Option<Error> {
    let mut next = Some(outermost);
    let mut last_transport = None;
    while let Some(error) = next {
        if let Some(known) = error.downcast_ref::<Error>() {
            return Some(known.replicate());
        }
        if let Some(known) = of_layer(error) {
            last_transport = Some(known);
            // A reset or a GOAWAY is the bottom already; what follows it only repeats it.
            if error.is::<h2::Error>() {
                break;
            }
        }
        next = error.source();
    }
    last_transport
}

fn of_layer(error: &(dyn StdError + 'static)) -> Option<Error> {
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        return Some(of_h2(error));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return Some(of_io(error));
    }
    None
}

/// An error of a connection.
pub fn of_h2(error: &h2::Error) -> Error {
    let reason = error.reason();
    let name = reason.map_or_else(|| "no reason".to_owned(), |reason| format!("{reason:?}"));
    if error.is_reset() {
        let who = if error.is_remote() { "the server" } else { "this side" };
        let code = if error.is_remote() { Code::StreamReset } else { Code::Protocol };
        let reset = Error::new(code, format!("{who} reset the stream: {name}"));
        return match reason {
            Some(h2::Reason::INTERNAL_ERROR) => reset
                .with_hint("proxies do this to streams that stay idle for too long: raise their idle timeout, or ask for results sooner"),
            _ => reset,
        };
    }
    if error.is_go_away() {
        let who = if error.is_remote() { "the server" } else { "this side" };
        return Error::new(Code::ConnectionLost, format!("{who} closed the connection: {name}"));
    }
    if let Some(io) = error.get_io() {
        let text = io.to_string();
        if let Some(alert) = text.strip_prefix(ALERT) {
            return alerted(alert);
        }
        // What HTTP/2 or TLS does not allow; a connection that is open has no connect timeout.
        if io.kind() == io::ErrorKind::InvalidData {
            return Error::protocol(text);
        }
    }
    Error::new(Code::ConnectionLost, format!("the connection was lost: {error}"))
}

/// The server ended TLS, and said why.
fn alerted(alert: &str) -> Error {
    let error = Error::new(Code::Tls, format!("the server ended TLS with the alert {alert}"));
    if alert.contains("Certificate") || alert.contains("CA") {
        return error.with_hint("the server wants a certificate of the client, or does not trust the one that it was shown");
    }
    error
}

/// A connection took longer to open than it may.
pub fn connect_timed_out() -> Error {
    Error::new(Code::ConnectionFailed, "the server did not answer within the connect timeout")
}

/// The peer closed a connection without a word.
pub fn closed_at_once() -> Error {
    Error::new(Code::ConnectionLost, "the server closed the connection before it said anything")
        .with_hint("is this the address of a Flight SQL server, and does it expect TLS?")
}

fn of_io(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => connect_timed_out(),
        _ => Error::new(Code::ConnectionLost, format!("the connection was lost: {error}")),
    }
}
