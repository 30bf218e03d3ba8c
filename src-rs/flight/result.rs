//! A result: all endpoints of a FlightInfo, read several at a time, delivered in their order.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_flight::{FlightEndpoint, FlightInfo};

use super::queue::Budget;
use super::standing::Standing;
use super::stream::{EndpointStream, SharedPlace};
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
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
    waiting: VecDeque<(usize, FlightEndpoint)>,
    open: VecDeque<EndpointStream>,
    /// From the first stream, or from FlightInfo where there is no endpoint. Nullable throughout where streams follow whose schemas are not
    /// known yet when it is handed on.
    schema: Option<Arc<StreamSchema>>,
    has_several_endpoints: bool,
    /// Whether the stream in front has been held against `schema`.
    is_checked: bool,
    progress: Progress,
    standing: Standing,
    has_delivered: bool,
    /// Why it ended before its end. Repeated to whoever asks.
    failure: Option<Error>,
}

impl ResultStream {
    /// Begins to read every endpoint of `info`. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `INVALID_DATA` where the result has no endpoint and its schema cannot be read.
    pub fn open(hosts: Arc<Hosts>, budget: Arc<Budget>, info: FlightInfo, call: Call) -> Result<Self> {
        let schema = if info.endpoint.is_empty() { info_schema(&info)? } else { None };
        let waiting = info.endpoint.into_iter().enumerate().collect();
        Ok(Self::new(hosts, budget, waiting, schema, call))
    }

    /// Begins to read one endpoint.
    pub fn of_endpoint(hosts: Arc<Hosts>, budget: Arc<Budget>, endpoint: FlightEndpoint, index: usize, call: Call) -> Self {
        Self::new(hosts, budget, VecDeque::from([(index, endpoint)]), None, call)
    }

    fn new(
        hosts: Arc<Hosts>,
        budget: Arc<Budget>,
        waiting: VecDeque<(usize, FlightEndpoint)>,
        schema: Option<Arc<StreamSchema>>,
        call: Call,
    ) -> Self {
        let has_several_endpoints = waiting.len() > 1;
        let mut stream = Self {
            hosts,
            budget,
            call,
            waiting,
            open: VecDeque::new(),
            schema,
            has_several_endpoints,
            is_checked: false,
            progress: Progress::default(),
            standing: Standing::default(),
            has_delivered: false,
            failure: None,
        };
        stream.open_more();
        stream
    }

    fn open_more(&mut self) {
        while self.open.len() < self.hosts.config().concurrency.max(1)
            && let Some((index, endpoint)) = self.waiting.pop_front()
        {
            self.open.push_back(EndpointStream::open(Arc::clone(&self.hosts), Arc::clone(&self.budget), endpoint, index, &self.call));
        }
        if let Some(front) = self.open.front() {
            self.standing.reading(front.place());
        }
    }

    /// The schema of the result: that of its first stream, with every field nullable where there are several endpoints.
    ///
    /// # Errors
    /// Why there is none; the result is over then.
    pub async fn schema(&mut self) -> Result<Arc<StreamSchema>> {
        if let Some(schema) = &self.schema {
            return Ok(Arc::clone(schema));
        }
        self.check_failure()?;
        self.check_schema().await.map_err(|error| self.failed(error))?;
        self.schema.clone().ok_or_else(|| Error::protocol("the result has no endpoint and no schema"))
    }

    /// The next messages; `None` at the end. `more` says whether a message may join those before it.
    ///
    /// # Errors
    /// Why the result failed, with the endpoint and how much had come; again with every further call.
    pub async fn next(&mut self, mut more: impl FnMut(&Decoded) -> bool) -> Result<Option<Delivery>> {
        self.check_failure()?;
        loop {
            if !self.open.is_empty() {
                self.check_schema().await.map_err(|error| self.failed(error))?;
            }
            let Some(stream) = self.open.front_mut() else { return Ok(None) };
            let messages = match stream.next(&mut more).await {
                Ok(messages) => messages,
                Err(error) => return Err(self.failed(error)),
            };
            if messages.is_empty() {
                self.open.pop_front();
                self.is_checked = false;
                self.open_more();
                continue;
            }
            self.has_delivered = true;
            let place = stream.place().clone();
            for message in &messages {
                if let Decoded::Batch { rows, .. } = message {
                    self.progress.batches += 1;
                    self.progress.rows += *rows as u64;
                }
            }
            return Ok(Some(Delivery { place, messages }));
        }
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
        self.open.front().map(|stream| stream.place().get())
    }

    /// Follows the reading from elsewhere.
    pub fn standing(&self) -> Standing {
        self.standing.clone()
    }

    /// Holds the stream in front against the result's schema.
    async fn check_schema(&mut self) -> Result<()> {
        if self.is_checked {
            return Ok(());
        }
        let Some(stream) = self.open.front_mut() else { return Ok(()) };
        let place = stream.place().clone();
        let found = stream.schema().await?.ok_or_else(|| Error::protocol("the stream ended without a schema").at_endpoint(&place.get()))?;
        match &self.schema {
            None => self.schema = Some(if self.has_several_endpoints { Arc::new(found.all_nullable()) } else { found }),
            Some(known) => known.check_compatible(&found).map_err(|error| error.at_endpoint(&place.get()))?,
        }
        self.is_checked = true;
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

fn info_schema(info: &FlightInfo) -> Result<Option<Arc<StreamSchema>>> {
    if info.schema.is_empty() {
        return Err(Error::new(Code::InvalidData, "the server answered with no endpoint and no schema: there is nothing to read"));
    }
    StreamSchema::of_encapsulated(&info.schema).map(Arc::new).map(Some)
}
