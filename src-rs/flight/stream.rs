//! One endpoint's stream: a task that reads it into a queue, and the handle of whoever consumes it.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow_flight::{FlightEndpoint, Ticket};
use futures::FutureExt;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::do_get::Messages;
use super::frames::{FlightMessage, FrameReader};
use super::memory::{self, SlabSeal, SlabWriter};
use super::queue::{Budget, Consumer, Producer, queue};
use crate::arrow::decoder::{Decoder, Event};
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::error::{Code, EndpointRef, Error, Result};
use crate::transport::address::Location;
use crate::transport::call::Call;
use crate::transport::hosts::Hosts;
use crate::transport::pool::Lease;

/// Memory that nobody needs for this long is given back.
const KEPT_IDLE: Duration = Duration::from_secs(5);

static OPEN_STREAMS: AtomicUsize = AtomicUsize::new(0);

/// Whether a task looks after the memory that is kept.
static IS_KEPT: AtomicBool = AtomicBool::new(false);

/// Streams that are being read, over the whole process.
pub fn open_streams() -> usize {
    OPEN_STREAMS.load(SeqCst)
}

/// An endpoint being read. Dropping it resets the stream.
#[derive(Debug)]
pub struct EndpointStream {
    consumer: Consumer,
    place: SharedPlace,
    _cancel: DropGuard,
}

impl EndpointStream {
    /// Begins to read `endpoint`, the `index`th of its result. Must be called within a tokio runtime.
    pub fn open(hosts: Arc<Hosts>, budget: Arc<Budget>, endpoint: FlightEndpoint, index: usize, call: &Call) -> Self {
        let seal = SlabSeal::default();
        let (producer, consumer) = queue(budget, seal.clone());
        let token = call.cancellation.child_token();
        let call = Call { cancellation: token.clone(), ..call.clone() };
        let place = SharedPlace { index, location: Arc::default() };
        tokio::spawn(run(hosts, endpoint, place.clone(), call, seal, producer));
        Self { consumer, place, _cancel: CancellationToken::drop_guard(token) }
    }

    pub fn place(&self) -> &SharedPlace {
        &self.place
    }

    /// See [`Consumer::schema`].
    ///
    /// # Errors
    /// As there, with the endpoint.
    pub async fn schema(&mut self) -> Result<Option<Arc<StreamSchema>>> {
        self.consumer.schema().await
    }

    /// See [`Consumer::next`].
    ///
    /// # Errors
    /// As there, with the endpoint.
    pub async fn next(&mut self, more: impl FnMut(&Decoded) -> bool) -> Result<Vec<Decoded>> {
        self.consumer.next(more).await
    }
}

/// The place of an endpoint, whose location is known once one has answered.
#[derive(Debug, Clone)]
pub struct SharedPlace {
    pub index: usize,
    location: Arc<OnceLock<String>>,
}

impl SharedPlace {
    pub fn get(&self) -> EndpointRef {
        EndpointRef { index: self.index, location: self.location.get().cloned() }
    }
}

/// Counts a stream as open.
struct Open;

impl Open {
    fn new() -> Self {
        OPEN_STREAMS.fetch_add(1, SeqCst);
        if !IS_KEPT.swap(true, SeqCst) {
            tokio::spawn(keep_memory(Keeping::begin()));
        }
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN_STREAMS.fetch_sub(1, SeqCst);
    }
}

/// Ends the keeping of memory also where the runtime ends first.
struct Keeping;

impl Keeping {
    fn begin() -> Self {
        memory::expect_reads();
        Self
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        memory::expect_no_reads();
        IS_KEPT.store(false, SeqCst);
    }
}

/// Gives memory back as it falls idle, until no stream is open and little is left.
async fn keep_memory(mut keeping: Keeping) {
    loop {
        tokio::time::sleep(KEPT_IDLE).await;
        let kept = memory::settle();
        // Less than little may stay for long: a block of a few bytes keeps its page from going.
        if open_streams() > 0 || kept >= memory::LITTLE {
            continue;
        }
        drop(keeping);
        // A stream that was opened just now may have found this task still there.
        if open_streams() == 0 || IS_KEPT.swap(true, SeqCst) {
            return;
        }
        keeping = Keeping::begin();
    }
}

/// Opens the stream where it was asked for, and reads it on the runtime that its connection is on.
async fn run(hosts: Arc<Hosts>, endpoint: FlightEndpoint, shared: SharedPlace, call: Call, seal: SlabSeal, producer: Producer) {
    let opened = Open::new();
    let mut place = shared.get();
    let opened_at = AssertUnwindSafe(call.bound(open(&hosts, &endpoint, &mut place, &call, &seal))).catch_unwind().await;
    let (messages, lease) = match opened_at.unwrap_or_else(|panic| Err(Error::of_panic(panic.as_ref()))) {
        Ok(opened) => opened,
        Err(error) => return producer.end(Err(error.at_endpoint(&place))),
    };
    if let Some(location) = &place.location {
        let _ = shared.location.set(location.clone());
    }
    let runtime = lease.runtime().cloned();
    let reading = async move {
        let _open = opened;
        let max_message = hosts.config().max_message;
        let work = AssertUnwindSafe(call.bound(read(messages, max_message, &producer))).catch_unwind();
        let result = work.await.unwrap_or_else(|panic| Err(Error::of_panic(panic.as_ref())));
        // Whoever sees the end finds the place on the connection free.
        drop(lease);
        producer.end(result.map_err(|error| error.at_endpoint(&place)));
    };
    match runtime {
        Some(runtime) => drop(runtime.spawn(reading)),
        None => reading.await,
    }
}

async fn read(mut messages: Messages, max_message: usize, producer: &Producer) -> Result<()> {
    let mut decoder = Decoder::new(max_message);
    let mut events: VecDeque<Event> = VecDeque::new();
    loop {
        // Before each message: many that are small as received may be large once decoded.
        producer.room().await?;
        let Some(message) = messages.next().await? else { return Ok(()) };
        #[cfg(feature = "test-hooks")]
        crate::faults::panic_if_armed(crate::faults::Place::StreamMessage);
        decoder = decode(decoder, message, &mut events).await?;
        for event in events.drain(..) {
            match event {
                Event::Schema(schema) => producer.schema(schema),
                Event::Data(data) => producer.push(data),
            }
        }
    }
}

/// Decodes here what is quick, and on a thread of its own what is not: other streams share this one.
async fn decode(mut decoder: Decoder, message: FlightMessage, out: &mut VecDeque<Event>) -> Result<Decoder> {
    if !decoder.is_heavy(&message) {
        decoder.decode(message, out)?;
        return Ok(decoder);
    }
    let work = move || {
        #[cfg(feature = "test-hooks")]
        crate::faults::panic_if_armed(crate::faults::Place::DecodeTask);
        let mut events = VecDeque::new();
        decoder.decode(message, &mut events).map(|()| (decoder, events))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => {
            let (decoder, events) = done?;
            out.extend(events);
            Ok(decoder)
        }
        Err(failed) => Err(Error::of_task(failed)),
    }
}

/// Opens the stream at the first location that answers.
async fn open(
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
    for location in &endpoint.location {
        place.location = Some(location.uri.clone());
        let attempt = match Location::parse(&location.uri, &hosts.config().address) {
            Ok(location) => open_at(hosts, &location, ticket, call, seal).await,
            Err(error) => Err(error),
        };
        match attempt {
            Ok(opened) => return Ok(opened),
            Err(error) if may_try_next(error.code()) => failures.push(error.at_endpoint(place)),
            Err(error) => return Err(error),
        }
    }
    Err(all_failed(failures))
}

/// Whether another location may do better: where the server was not reached, or said that it cannot serve now.
fn may_try_next(code: Code) -> bool {
    matches!(
        code,
        Code::ConnectionFailed | Code::ConnectionLost | Code::Tls | Code::Unavailable | Code::UntrustedLocation | Code::StreamReset
    ) || code == Code::InvalidData
}

fn all_failed(mut failures: Vec<Error>) -> Error {
    if failures.len() <= 1 {
        return failures.pop().unwrap_or_else(|| Error::data("an endpoint has no location"));
    }
    let tried: Vec<String> = failures.iter().map(ToString::to_string).collect();
    let last = failures.pop();
    let code = last.as_ref().map_or(Code::Unavailable, Error::code);
    let error = Error::new(code, format!("none of an endpoint's locations could be read: {}", tried.join("; ")));
    match last.as_ref().and_then(Error::hint) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

async fn open_at(hosts: &Arc<Hosts>, location: &Location, ticket: &Ticket, call: &Call, seal: &SlabSeal) -> Result<(Messages, Lease)> {
    let (headers, lease) = hosts.data(location, call).await?;
    let reader = FrameReader::new(hosts.config().max_message, SlabWriter::sealed_by(seal.clone()));
    let messages = Messages::open(lease.connection(), headers, ticket, reader).await?;
    Ok((messages, lease))
}
