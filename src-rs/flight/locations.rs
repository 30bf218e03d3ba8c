//! Where an endpoint is read: its locations, one after the other until one answers.

use std::sync::Arc;

use arrow_flight::{FlightEndpoint, Ticket};

use super::do_get::Messages;
use super::frames::FrameReader;
use super::memory::{SlabSeal, SlabWriter};
use crate::error::{Code, EndpointRef, Error, Result};
use crate::transport::address::Location;
use crate::transport::call::Call;
use crate::transport::hosts::Hosts;
use crate::transport::pool::Lease;

/// Opens the stream at the first location that answers. Where none could be reached, the server that named them is asked: behind a proxy, or by the
/// names of a network of its own, a server's locations may lead nowhere from here.
pub(super) async fn open(
    hosts: &Arc<Hosts>,
    endpoint: &FlightEndpoint,
    place: &mut EndpointRef,
    call: &Call,
    seal: &SlabSeal,
) -> Result<(Messages, Lease)> {
    #[cfg(feature = "test-hooks")]
    crate::faults::panic_if_armed(crate::faults::Place::StreamTask);
    let ticket = endpoint.ticket.as_ref().ok_or_else(|| Error::data("an endpoint has no ticket"))?;
    if endpoint.location.is_empty() {
        return open_at(hosts, &Location::Reuse, ticket, call, seal).await;
    }
    let mut failures: Vec<Error> = Vec::new();
    let mut refusal = None;
    for candidate in candidates(hosts, endpoint) {
        place.location = candidate.uri.map(str::to_owned);
        if candidate.is_last_resort() && !failures.iter().all(|error| is_unreached(error.code())) {
            continue;
        }
        let attempt = match &candidate.location {
            Ok(location) => open_at(hosts, location, ticket, call, seal).await,
            Err(error) => Err(error.replicate()),
        };
        match attempt {
            Ok(opened) => {
                if let Ok(Location::At(address)) = &candidate.location {
                    hosts.note_reached(address);
                }
                return Ok(opened);
            }
            Err(error) if candidate.is_last_resort() => refusal = Some(error.at_endpoint(place)),
            Err(error) if may_try_next(error.code()) => {
                if let (Code::ConnectionFailed, Ok(Location::At(address))) = (error.code(), &candidate.location) {
                    hosts.note_unreachable(address);
                }
                failures.push(error.at_endpoint(place));
            }
            Err(error) => return Err(error),
        }
    }
    // The last that the server named, whatever was tried after it.
    place.location = failures.last().and_then(Error::endpoint).and_then(|tried| tried.location.clone());
    Err(all_failed(failures, refusal))
}

/// A place to try.
struct Candidate<'a> {
    /// As the server named it; `None` for the server itself, which named others.
    uri: Option<&'a str>,
    location: Result<Location>,
}

impl Candidate<'_> {
    fn is_last_resort(&self) -> bool {
        self.uri.is_none()
    }
}

/// The locations in their order, then the server that named them if it is none of them, then those that could not be reached just now: waiting for
/// them again comes last.
fn candidates<'a>(hosts: &Hosts, endpoint: &'a FlightEndpoint) -> Vec<Candidate<'a>> {
    let own = &hosts.config().address;
    let mut first = Vec::new();
    let mut unreachable = Vec::new();
    let mut is_own_among_them = false;
    for location in &endpoint.location {
        let candidate = Candidate { uri: Some(&location.uri), location: Location::parse(&location.uri, own) };
        match &candidate.location {
            Ok(Location::At(address)) if !address.is_same(own) && hosts.is_unreachable(address) => unreachable.push(candidate),
            Ok(Location::At(address)) => {
                is_own_among_them |= address.is_same(own);
                first.push(candidate);
            }
            Ok(Location::Reuse) => {
                is_own_among_them = true;
                first.push(candidate);
            }
            Err(_) => first.push(candidate),
        }
    }
    if !is_own_among_them {
        first.push(Candidate { uri: None, location: Ok(Location::Reuse) });
    }
    first.append(&mut unreachable);
    first
}

/// Whether another location may do better: where the server was not reached, or said that it cannot serve now.
fn may_try_next(code: Code) -> bool {
    is_unreached(code) || matches!(code, Code::ConnectionLost | Code::Unavailable | Code::UntrustedLocation | Code::StreamReset)
}

/// Whether nobody was spoken to. A location that is not trusted is not among them: that is for the user to decide, who would not learn of it.
fn is_unreached(code: Code) -> bool {
    matches!(code, Code::ConnectionFailed | Code::Tls | Code::InvalidData)
}

/// One error that names every location, with the code of the last; `refusal` is what the server that named them said of the ticket.
fn all_failed(mut failures: Vec<Error>, refusal: Option<Error>) -> Error {
    let tried: Vec<String> = failures.iter().map(ToString::to_string).collect();
    let Some(last) = failures.pop() else { return refusal.unwrap_or_else(|| Error::data("an endpoint has no location")) };
    let named = match (tried.len(), refusal) {
        (1, None) => return last,
        (_, None) => format!("none of an endpoint's locations could be read: {}", tried.join("; ")),
        (_, Some(refusal)) => format!(
            "none of an endpoint's locations could be reached: {}; and the server that named them does not serve it itself: {refusal}",
            tried.join("; ")
        ),
    };
    let error = Error::new(last.code(), named);
    match last.hint().map(str::to_owned) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

async fn open_at(hosts: &Arc<Hosts>, location: &Location, ticket: &Ticket, call: &Call, seal: &SlabSeal) -> Result<(Messages, Lease)> {
    let (headers, lease) = hosts.data(location, call).await?;
    let reader = FrameReader::new(hosts.max_message(call), SlabWriter::sealed_by(seal.clone()));
    let mut messages = Messages::open(lease.connection(), headers, ticket, reader).await?;
    messages.begin().await?;
    Ok((messages, lease))
}
