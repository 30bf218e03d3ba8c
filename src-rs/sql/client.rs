//! The client: a cheap handle on the servers of one configuration.

use std::sync::Arc;

use arrow_flight::error::FlightError;
use arrow_flight::{FlightEndpoint, FlightInfo};

use crate::error::{Error, Result};
use crate::flight::queue::Budget;
use crate::flight::result::ResultStream;
use crate::transport::call::Call;
use crate::transport::config::ClientConfig;
use crate::transport::hosts::Hosts;

/// A Flight SQL client. Clones share its connections.
#[derive(Clone)]
pub struct Client {
    hosts: Arc<Hosts>,
    budget: Arc<Budget>,
}

impl Client {
    /// A client that connects on its first call.
    ///
    /// # Errors
    /// `TLS_ERROR` where certificates cannot be read.
    pub fn new(config: ClientConfig) -> Result<Self> {
        let budget = Budget::new(config.max_buffered);
        Ok(Self { hosts: Arc::new(Hosts::new(config)?), budget })
    }

    /// Connects and authenticates now.
    ///
    /// # Errors
    /// Why that is not possible.
    pub async fn connect(&self, call: &Call) -> Result<()> {
        call.bound(self.hosts.connect(call)).await
    }

    /// Asks the server to execute a query; the answer says where its result can be read.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn execute(&self, query: &str, call: &Call) -> Result<FlightInfo> {
        let work = async {
            let service = self.hosts.control(call).await?;
            let mut client = service.flight_sql(self.hosts.config().max_message);
            client.execute(query.to_owned(), None).await.map_err(of_flight)
        };
        call.bound(work).await
    }

    /// Reads every endpoint of a result. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `INVALID_DATA` where the result has no endpoint and no schema; `CLOSED`.
    pub fn read(&self, info: FlightInfo, call: Call) -> Result<ResultStream> {
        self.hosts.check_open()?;
        ResultStream::open(Arc::clone(&self.hosts), Arc::clone(&self.budget), info, call)
    }

    /// Reads one endpoint. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `CLOSED`.
    pub fn do_get(&self, endpoint: FlightEndpoint, index: usize, call: Call) -> Result<ResultStream> {
        self.hosts.check_open()?;
        Ok(ResultStream::of_endpoint(Arc::clone(&self.hosts), Arc::clone(&self.budget), endpoint, index, call))
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
fn of_flight(error: FlightError) -> Error {
    match error {
        FlightError::Tonic(status) => Error::from_status(*status),
        other => Error::protocol(format!("the server's answer could not be read: {other}")),
    }
}
