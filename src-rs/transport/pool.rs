//! The connections to one server: one for short calls, and as many for results as are being read.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;

use super::address::Address;
use super::config::ClientConfig;
use super::connector::Connector;
use super::http2::{Connection, Setup};
use super::peer::Peer;
use super::tls::SharedTls;
use super::windows::{CALLS_WINDOW, RESULTS_WINDOW, STREAMS_PER_CONNECTION};
use super::workers::Worker;
use crate::error::Result;

/// Opens connections as they are needed and shares them.
pub struct Pool {
    address: Address,
    peer: Arc<Peer>,
    connector: Connector,
    config: Arc<ClientConfig>,
    control: Mutex<Option<Arc<Connection>>>,
    data: Mutex<Vec<DataConnection>>,
    /// Connections that are opened from here on are not kept for others.
    is_closed: AtomicBool,
}

#[derive(Clone)]
struct DataConnection {
    connection: Arc<Connection>,
    streams: Arc<AtomicUsize>,
    worker: Option<Worker>,
}

impl DataConnection {
    fn streams(&self) -> usize {
        self.streams.load(Relaxed)
    }

    /// Streams on its runtime, of whichever connection and client.
    fn load(&self) -> usize {
        self.worker.as_ref().map_or(0, Worker::streams)
    }

    fn has_room(&self) -> bool {
        self.streams() < STREAMS_PER_CONNECTION
    }
}

/// A place for one result on a connection, free again when it is dropped.
pub struct Lease(DataConnection);

impl Lease {
    fn new(connection: DataConnection) -> Self {
        connection.streams.fetch_add(1, Relaxed);
        if let Some(worker) = &connection.worker {
            worker.begin_stream();
        }
        Self(connection)
    }

    pub fn connection(&self) -> &Connection {
        &self.0.connection
    }

    /// The runtime that the connection is on, where it is not whichever it was opened on.
    pub fn runtime(&self) -> Option<&Handle> {
        self.0.worker.as_ref().map(Worker::handle)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Relaxed);
        if let Some(worker) = &self.0.worker {
            worker.end_stream();
        }
    }
}

impl Pool {
    /// Opens nothing yet. `tls` is what TLS connections of the client are set up with.
    ///
    /// # Errors
    /// `TLS_ERROR` where the certificates of the configuration cannot be read.
    pub fn new(address: Address, peer: Arc<Peer>, config: Arc<ClientConfig>, tls: &SharedTls) -> Result<Self> {
        let tls = if address.is_encrypted() { Some(tls.get(&config.tls)?) } else { None };
        // The name that a certificate is for is the client's own server's; others have theirs.
        let server_name = config.tls.server_name.clone().filter(|_| address.is_same(&config.address));
        let connector = Connector { address: address.clone(), tls, server_name };
        Ok(Self { address, peer, connector, config, control: Mutex::default(), data: Mutex::default(), is_closed: false.into() })
    }

    #[cfg(test)]
    pub fn server_name(&self) -> Option<&str> {
        self.connector.server_name.as_deref()
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What is sent there, and heard from there.
    pub fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// The connection of short calls, which never wait behind a result.
    ///
    /// # Errors
    /// `INVALID_OPTION` where the host is not one.
    pub fn control(&self) -> Result<Arc<Connection>> {
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = &*control {
            return Ok(Arc::clone(connection));
        }
        let connection = Arc::new(self.connection(CALLS_WINDOW, None)?);
        if !self.is_closed.load(Relaxed) {
            *control = Some(Arc::clone(&connection));
        }
        Ok(connection)
    }

    fn connection(&self, window: u32, runtime: Option<Handle>) -> Result<Connection> {
        Connection::new(
            self.connector.clone(),
            Arc::clone(&self.peer),
            Setup { connect_timeout: self.config.connect_timeout, window, runtime },
        )
    }

    /// A place on a connection with room for one more result.
    ///
    /// # Errors
    /// `INVALID_OPTION` where the host is not one.
    pub fn lease(&self) -> Result<Lease> {
        let mut data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match self.with_room(&data) {
            Some(connection) => connection.clone(),
            None => {
                let opened = self.open_data()?;
                if !self.is_closed.load(Relaxed) {
                    data.push(opened.clone());
                }
                opened
            }
        };
        let lease = Lease::new(connection);
        drop_idle(&mut data);
        Ok(lease)
    }

    /// The connection for one more result, if it should be one of these: one on the runtime with the fewest streams, or none where that has no room
    /// on any of them. Of several the fullest, so that the others can empty and be closed.
    fn with_room<'a>(&self, connections: &'a [DataConnection]) -> Option<&'a DataConnection> {
        let fewest = self.config.workers.fewest_streams();
        let fits = |connection: &&DataConnection| connection.has_room() && connection.load() <= fewest;
        connections.iter().filter(fits).max_by_key(|connection| connection.streams())
    }

    fn open_data(&self) -> Result<DataConnection> {
        let worker = self.config.workers.least_busy();
        let runtime = worker.as_ref().map(|worker| worker.handle().clone());
        let connection = self.connection(RESULTS_WINDOW, runtime)?;
        Ok(DataConnection { connection: Arc::new(connection), streams: Arc::default(), worker })
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        let control = usize::from(self.control.lock().unwrap_or_else(PoisonError::into_inner).is_some());
        control + self.data.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no result is being read over it.
    pub fn is_idle(&self) -> bool {
        self.data.lock().unwrap_or_else(PoisonError::into_inner).iter().all(|connection| connection.streams() == 0)
    }

    /// Closes every connection once what is under way on it has ended.
    pub fn close(&self) {
        // Read under the locks that are taken next.
        self.is_closed.store(true, Relaxed);
        self.control.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.data.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Keeps one idle connection for each runtime, for the next results.
fn drop_idle(connections: &mut Vec<DataConnection>) {
    let mut kept = Vec::new();
    connections.retain(|connection| {
        let runtime = connection.worker.as_ref().map(|worker| worker.handle().id());
        let is_idle = connection.streams() == 0;
        let stays = !is_idle || !kept.contains(&runtime);
        if is_idle {
            kept.push(runtime);
        }
        stays
    });
}

#[cfg(test)]
#[path = "pool_test.rs"]
mod tests;
