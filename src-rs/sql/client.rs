//! The client: a cheap handle on the servers of one configuration.

use std::sync::Arc;

use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_flight::{FlightDescriptor, FlightEndpoint, FlightInfo};

use crate::error::{Error, Result};
use crate::flight::exchange::Exchange;
use crate::flight::put::{Put, Upload};
use crate::flight::queue::Budget;
use crate::flight::reading::ReadOptions;
use crate::flight::result::ResultStream;
use crate::transport::call::{Call, CallService};
use crate::transport::config::ClientConfig;
use crate::transport::hosts::Hosts;

/// A Flight SQL client. Clones share its connections.
#[derive(Clone)]
pub struct Client {
    hosts: Arc<Hosts>,
    budget: Arc<Budget>,
    reading: ReadOptions,
}

impl Client {
    /// A client that connects on its first call.
    ///
    /// # Errors
    /// `TLS_ERROR` where certificates cannot be read.
    pub fn new(config: ClientConfig) -> Result<Self> {
        let budget = Budget::new(config.max_buffered);
        Ok(Self { hosts: Arc::new(Hosts::new(config)?), budget, reading: ReadOptions::default() })
    }

    /// The same client, reading results in another way.
    #[must_use]
    pub fn with_reading(self, reading: ReadOptions) -> Self {
        Self { reading, ..self }
    }

    /// How it reads results.
    pub fn reading(&self) -> ReadOptions {
        self.reading
    }

    /// Connects and authenticates now.
    ///
    /// # Errors
    /// Why that is not possible.
    pub async fn connect(&self, call: &Call) -> Result<()> {
        call.bound(self.hosts.connect(call)).await
    }

    /// Reads every endpoint of a result. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `INVALID_DATA` where the result has no endpoint and no schema; `CLOSED`.
    pub fn read(&self, info: FlightInfo, call: Call) -> Result<ResultStream> {
        self.hosts.check_open()?;
        ResultStream::open(Arc::clone(&self.hosts), Arc::clone(&self.budget), info, self.reading, call)
    }

    /// Reads one endpoint. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `CLOSED`.
    pub fn do_get(&self, endpoint: FlightEndpoint, index: usize, call: Call) -> Result<ResultStream> {
        self.hosts.check_open()?;
        Ok(ResultStream::of_endpoint(Arc::clone(&self.hosts), Arc::clone(&self.budget), endpoint, index, self.reading, call))
    }

    /// Begins an exchange: what is sent, and what is read meanwhile. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `CLOSED`.
    pub fn do_exchange(&self, descriptor: FlightDescriptor, upload: Upload, call: Call) -> Result<(Put, ResultStream)> {
        self.hosts.check_open()?;
        let (put, exchange) = Exchange::new(descriptor, upload);
        Ok((put, ResultStream::of_exchange(Arc::clone(&self.hosts), Arc::clone(&self.budget), exchange, self.reading, call)))
    }

    /// arrow-flight's client of Flight SQL, for one call.
    pub(super) async fn flight_sql(&self, call: &Call) -> Result<FlightSqlServiceClient<CallService>> {
        Ok(self.hosts.control(call).await?.flight_sql())
    }

    /// The generated client of plain Flight, for one call.
    pub(super) async fn flight(&self, call: &Call) -> Result<FlightServiceClient<CallService>> {
        Ok(self.hosts.control(call).await?.flight())
    }

    /// Begins a DoPut. Must be called within a tokio runtime.
    pub(super) fn put(&self, descriptor: FlightDescriptor, upload: Upload, call: Call) -> Put {
        Put::start(Arc::clone(&self.hosts), descriptor, upload, call)
    }

    /// How many connections are open or about to be.
    pub fn connections(&self) -> usize {
        self.hosts.connections()
    }

    /// Bytes decoded and not yet read, over all results of the client.
    pub fn buffered(&self) -> usize {
        self.budget.used()
    }

    /// Refuses further calls; connections close as what is under way on them ends.
    pub fn close(&self) {
        self.hosts.close();
    }
}

/// arrow-flight wraps statuses in its own errors.
pub(super) fn of_flight(error: FlightError) -> Error {
    match error {
        FlightError::Tonic(status) => Error::from_status(*status),
        other => Error::protocol(format!("the server's answer could not be read: {other}")),
    }
}
