//! One endpoint's stream: a task that reads it into a queue, and the handle of whoever consumes it.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::FutureExt;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::do_get::Messages;
use super::exchange::Exchange;
use super::frames::FlightMessage;
use super::locations::open;
use super::memory::{self, SlabSeal};
use super::queue::{Budget, Consumer, Producer, queue};
use super::renewal::KeptEndpoint;
use crate::arrow::decoder::{Decoder, Event};
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::error::{EndpointRef, Error, Result};
use crate::transport::call::Call;
use crate::transport::hosts::Hosts;

/// Memory that nobody needs for this long is given back.
const KEPT_IDLE: Duration = Duration::from_secs(5);

static OPEN_STREAMS: AtomicUsize = AtomicUsize::new(0);

/// Whether a task looks after the memory that is kept.
static IS_KEPT: AtomicBool = AtomicBool::new(false);

/// Streams that are being read, over the whole process.
pub fn open_streams() -> usize {
    OPEN_STREAMS.load(SeqCst)
}

/// What a stream is opened by.
pub(super) enum Source {
    Endpoint(KeptEndpoint),
    Exchange(Box<Exchange>),
}

/// An endpoint being read. Dropping it resets the stream.
#[derive(Debug)]
pub struct EndpointStream {
    consumer: Consumer,
    place: SharedPlace,
    _cancel: DropGuard,
}

impl EndpointStream {
    /// Begins to read `source`, the `index`th of its result. Must be called within a tokio runtime.
    pub(super) fn open(hosts: Arc<Hosts>, budget: Arc<Budget>, source: Source, index: usize, call: &Call) -> Self {
        let seal = SlabSeal::default();
        let (producer, consumer) = queue(budget, seal.clone());
        let token = call.cancellation.child_token();
        let call = Call { cancellation: token.clone(), ..call.clone() };
        let place = SharedPlace { index, location: Arc::default() };
        tokio::spawn(run(hosts, source, place.clone(), call, seal, producer));
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

    /// See [`Consumer::ready`].
    pub async fn ready(&self) {
        self.consumer.ready().await;
    }

    /// See [`Consumer::knows_schema`].
    pub async fn knows_schema(&self) {
        self.consumer.knows_schema().await;
    }

    /// See [`Consumer::is_complete`].
    pub fn is_complete(&self) -> bool {
        self.consumer.is_complete()
    }

    /// See [`Consumer::ended_or_beyond`] and [`Consumer::whole`].
    pub async fn whole(&self, limit: usize) -> Option<Vec<Decoded>> {
        self.consumer.ended_or_beyond(limit).await;
        self.consumer.whole(limit)
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
async fn run(hosts: Arc<Hosts>, source: Source, shared: SharedPlace, call: Call, seal: SlabSeal, producer: Producer) {
    let opened = Open::new();
    let mut place = shared.get();
    let opening = async {
        Ok(match source {
            Source::Endpoint(mut endpoint) => {
                let newest = endpoint.newest().await;
                (open(&hosts, &newest, &mut place, &call, &seal).await?, Some(endpoint))
            }
            Source::Exchange(exchange) => (exchange.open(&hosts, &call, &seal).await?, None),
        })
    };
    let opened_at = AssertUnwindSafe(call.bound(opening)).catch_unwind().await;
    let ((messages, lease), kept) = match opened_at.unwrap_or_else(|panic| Err(Error::of_panic(panic.as_ref()))) {
        Ok(opened) => opened,
        Err(error) => return producer.end(Err(error.at_endpoint(&place))),
    };
    if let Some(location) = &place.location {
        let _ = shared.location.set(location.clone());
    }
    let runtime = lease.runtime().cloned();
    let reading = async move {
        let _open = opened;
        // Renewed until all of it is here: servers may let go of what expires while it is being read.
        let _kept = kept;
        let max_message = hosts.max_message(&call);
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
