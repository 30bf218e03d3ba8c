//! A result: all endpoints of a FlightInfo, read several at a time, delivered in their order or in that of their arrival.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_flight::{FlightEndpoint, FlightInfo};
use futures::future::select_all;

use super::exchange::Exchange;
use super::queue::Budget;
use super::reading::ReadOptions;
use super::renewal::{KeptEndpoint, Renewer};
use super::standing::Standing;
use super::stream::{EndpointStream, SharedPlace, Source};
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::arrow::schema_check::{SchemaCheck, SchemaHolder};
use crate::error::{Code, EndpointRef, Error, Progress, Result};
use crate::transport::call::Call;
use crate::transport::hosts::Hosts;

/// What one call of [`ResultStream::next`] delivers: messages of one endpoint.
#[derive(Debug)]
pub struct Delivery {
    pub place: SharedPlace,
    pub messages: Vec<Decoded>,
}

/// Reads the endpoints of a result.
pub struct ResultStream {
    hosts: Arc<Hosts>,
    budget: Arc<Budget>,
    call: Call,
    concurrency: usize,
    /// Whether the stream in front is read to its end before another is.
    is_ordered: bool,
    waiting: VecDeque<(usize, Source)>,
    /// The one in front is delivered.
    open: VecDeque<OpenStream>,
    schema: SchemaHolder,
    progress: Progress,
    standing: Standing,
    has_delivered: bool,
    /// Why it ended before its end. Repeated to whoever asks.
    failure: Option<Error>,
}

struct OpenStream {
    stream: EndpointStream,
    /// Whether it has been held against the result's schema.
    is_checked: bool,
    /// Whether anything of it was delivered.
    has_begun: bool,
}

impl ResultStream {
    /// Begins to read every endpoint of `info`. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `INVALID_DATA` where the result has no endpoint and its schema cannot be read.
    pub fn open(hosts: Arc<Hosts>, budget: Arc<Budget>, info: FlightInfo, options: ReadOptions, call: Call) -> Result<Self> {
        let schema = match info.endpoint.len() {
            0 => SchemaHolder::without_streams(only_schema(&info)?),
            count => SchemaHolder::new(options.schema_check, announced(&info, options.schema_check)?.as_ref(), count > 1),
        };
        let options = ReadOptions { is_ordered: options.is_ordered || info.ordered, ..options };
        Ok(Self::new(hosts, budget, info.endpoint.into_iter().enumerate(), schema, options, call))
    }

    /// Begins to read one endpoint. Must be called within a tokio runtime.
    pub fn of_endpoint(
        hosts: Arc<Hosts>,
        budget: Arc<Budget>,
        endpoint: FlightEndpoint,
        index: usize,
        options: ReadOptions,
        call: Call,
    ) -> Self {
        Self::new(hosts, budget, [(index, endpoint)].into_iter(), SchemaHolder::new(options.schema_check, None, false), options, call)
    }

    fn new(
        hosts: Arc<Hosts>,
        budget: Arc<Budget>,
        endpoints: impl Iterator<Item = (usize, FlightEndpoint)>,
        schema: SchemaHolder,
        options: ReadOptions,
        call: Call,
    ) -> Self {
        let renewer = options.renews.then(|| Renewer::new(Arc::clone(&hosts), call.clone()));
        let keep = |endpoint| match &renewer {
            Some(renewer) => renewer.keep(endpoint),
            None => KeptEndpoint::Fixed(Box::new(endpoint)),
        };
        let waiting = endpoints.map(|(index, endpoint)| (index, Source::Endpoint(keep(endpoint)))).collect();
        Self::of_sources(hosts, budget, waiting, schema, options, call)
    }

    /// Begins to read what an exchange is answered with. Must be called within a tokio runtime.
    pub fn of_exchange(hosts: Arc<Hosts>, budget: Arc<Budget>, exchange: Exchange, options: ReadOptions, call: Call) -> Self {
        let waiting = VecDeque::from([(0, Source::Exchange(Box::new(exchange)))]);
        Self::of_sources(hosts, budget, waiting, SchemaHolder::new(options.schema_check, None, false), options, call)
    }

    fn of_sources(
        hosts: Arc<Hosts>,
        budget: Arc<Budget>,
        waiting: VecDeque<(usize, Source)>,
        schema: SchemaHolder,
        options: ReadOptions,
        call: Call,
    ) -> Self {
        let mut stream = Self {
            hosts,
            budget,
            call,
            concurrency: options.concurrency.max(1),
            is_ordered: options.is_ordered,
            waiting,
            open: VecDeque::new(),
            schema,
            progress: Progress::default(),
            standing: Standing::default(),
            has_delivered: false,
            failure: None,
        };
        stream.open_more();
        stream
    }

    fn open_more(&mut self) {
        while self.open.len() < self.concurrency
            && let Some((index, source)) = self.waiting.pop_front()
        {
            let stream = EndpointStream::open(Arc::clone(&self.hosts), Arc::clone(&self.budget), source, index, &self.call);
            self.open.push_back(OpenStream { stream, is_checked: false, has_begun: false });
        }
        self.stand_at_front();
    }

    fn stand_at_front(&self) {
        if let Some(front) = self.open.front() {
            self.standing.reading(front.stream.place());
        }
    }

    /// The schema of the result: that of its first stream, with every field nullable where others may say otherwise.
    ///
    /// # Errors
    /// Why there is none; the result is over then.
    pub async fn schema(&mut self) -> Result<Arc<StreamSchema>> {
        if let Some(schema) = self.schema.schema() {
            return Ok(Arc::clone(schema));
        }
        self.check_failure()?;
        if !self.is_ordered && self.open.len() > 1 {
            let (.., at, _) = select_all(self.open.iter().map(|open| Box::pin(open.stream.knows_schema()))).await;
            self.bring_to_front(at);
        }
        self.check_schema().await.map_err(|error| self.failed(error))?;
        self.schema.schema().cloned().ok_or_else(|| Error::protocol("the result has no endpoint and no schema"))
    }

    /// The next messages; `None` at the end. `more` says whether a message may join those before it.
    ///
    /// # Errors
    /// Why the result failed, with the endpoint and how much had come; again with every further call.
    pub async fn next(&mut self, mut more: impl FnMut(&Decoded) -> bool) -> Result<Option<Delivery>> {
        self.check_failure()?;
        loop {
            self.choose().await;
            if !self.open.is_empty() {
                self.check_schema().await.map_err(|error| self.failed(error))?;
            }
            let Some(front) = self.open.front_mut() else { return Ok(None) };
            let messages = match front.stream.next(&mut more).await {
                Ok(messages) => messages,
                Err(error) => return Err(self.failed(error)),
            };
            if messages.is_empty() {
                self.open.pop_front();
                self.open_more();
                continue;
            }
            front.has_begun = true;
            self.has_delivered = true;
            let place = front.stream.place().clone();
            for message in &messages {
                if let Decoded::Batch { rows, .. } = message {
                    self.progress.batches += 1;
                    self.progress.rows += *rows as u64;
                }
            }
            return Ok(Some(Delivery { place, messages }));
        }
    }

    /// All of a result of one endpoint that is no more than `limit` bytes, with its schema, once it is there; `None` where it is something else, or
    /// is not right. It can be read all the same: whoever has this, has a copy of it that shares its memory. May be given up at any time.
    pub async fn whole(&mut self, limit: usize) -> Option<(Arc<StreamSchema>, Delivery)> {
        let front = self.open.front().filter(|_| self.open.len() == 1 && self.waiting.is_empty() && !self.has_delivered)?;
        let place = front.stream.place().clone();
        let messages = front.stream.whole(limit).await?;
        self.check_schema().await.ok()?;
        let schema = Arc::clone(self.schema.schema()?);
        Some((schema, Delivery { place, messages }))
    }

    /// Whether it is known by now that nothing more comes: then [`Self::next`] has only the end to say.
    pub fn is_complete(&self) -> bool {
        self.failure.is_none() && self.waiting.is_empty() && self.open.iter().all(|open| open.is_checked && open.stream.is_complete())
    }

    /// Brings the stream to the front that has something to deliver. The one that delivered last is asked last, so that each gets its turn.
    async fn choose(&mut self) {
        let is_held = self.open.front().is_none_or(|front| front.has_begun && self.holds_dictionaries());
        if self.is_ordered || is_held || self.open.len() < 2 {
            return;
        }
        if self.has_delivered {
            self.open.rotate_left(1);
        }
        let (.., at, _) = select_all(self.open.iter().map(|open| Box::pin(open.stream.ready()))).await;
        self.bring_to_front(at);
    }

    fn bring_to_front(&mut self, at: usize) {
        self.open.rotate_left(at);
        self.stand_at_front();
    }

    /// Whether batches need the dictionaries that came before them: those of one stream mean nothing to another, which is why streams that have any are
    /// not mixed.
    fn holds_dictionaries(&self) -> bool {
        self.schema.schema().is_some_and(|schema| !schema.dictionaries.is_empty())
    }

    /// Refuses a result of which anything has been delivered, dictionaries included, to whoever needs all of it.
    ///
    /// # Errors
    /// `CLOSED`.
    pub fn check_unread(&self) -> Result<()> {
        if self.has_delivered { Err(Error::new(Code::Closed, "a part of the result was read in another way")) } else { Ok(()) }
    }

    /// How much has been delivered.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// The endpoint that is being read; `None` once there is no more.
    pub fn place(&self) -> Option<EndpointRef> {
        self.open.front().map(|open| open.stream.place().get())
    }

    /// Follows the reading from elsewhere.
    pub fn standing(&self) -> Standing {
        self.standing.clone()
    }

    /// Holds the stream in front against the result's schema.
    async fn check_schema(&mut self) -> Result<()> {
        let Some(front) = self.open.front_mut().filter(|front| !front.is_checked) else { return Ok(()) };
        let place = front.stream.place().clone();
        let located = |error: Error| error.at_endpoint(&place.get());
        let found = front.stream.schema().await?.ok_or_else(|| located(Error::protocol("the stream ended without a schema")))?;
        self.schema.hold(&found).map_err(located)?;
        front.is_checked = true;
        Ok(())
    }

    /// Ends the result: closes every stream, and adds to the error how far it had come.
    fn failed(&mut self, error: Error) -> Error {
        self.open.clear();
        self.waiting.clear();
        let error = error.after(self.progress);
        self.failure = Some(error.replicate());
        error
    }

    fn check_failure(&self) -> Result<()> {
        self.failure.as_ref().map_or(Ok(()), |failure| Err(failure.replicate()))
    }
}

/// The schema of a result without endpoints.
fn only_schema(info: &FlightInfo) -> Result<Arc<StreamSchema>> {
    if info.schema.is_empty() {
        return Err(Error::new(Code::InvalidData, "the server answered with no endpoint and no schema: there is nothing to read"));
    }
    StreamSchema::of_encapsulated(&info.schema).map(Arc::new)
}

/// The schema that streams are held against, where FlightInfo tells one that counts. Some servers that do not know it yet send one without columns,
/// or bytes that are none: only a strict check takes them at their word.
fn announced(info: &FlightInfo, check: SchemaCheck) -> Result<Option<StreamSchema>> {
    if info.schema.is_empty() || check == SchemaCheck::Off {
        return Ok(None);
    }
    match StreamSchema::of_encapsulated(&info.schema) {
        Ok(schema) => Ok(Some(schema).filter(|schema| check == SchemaCheck::Strict || !schema.fields.is_empty())),
        Err(error) if check == SchemaCheck::Strict => Err(error),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
#[path = "result_test.rs"]
mod tests;
