//! Starting and stopping a server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use futures::TryStreamExt;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tonic::codec::CompressionEncoding;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::auth::Authenticator;
use super::auth_layer::AuthLayer;
use super::expiring::Expiring;
use super::keys::Keys;
use super::lingering::Lingering;
use super::open_calls::OpenCallsLayer;
use super::options::ServerOptions;
use super::polling::PolledQueries;
use super::prepared::PreparedStatements;
use super::queries::Queries;
use super::results::{KeptResults, WaitingResults};
use super::service::Service;
use super::sessions::{SessionLayer, Sessions};
use super::sql_info;
use super::sqlite::Database;
use super::state::State;
use super::stats::{Counters, ServerStats};
use super::transactions::{InUse, Transactions};
use super::uploads::EndingLayer;
use crate::error::{Code, Error, Result};

/// Statements that compute at the same time; more wait. One whose client does not read needs no thread.
const MAX_COMPUTING: usize = 64;

/// What a client may send before it waits: as much as a batch or two of an upload. Responses go by the client's own
/// windows and frame size.
const STREAM_WINDOW: u32 = 8 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 32 * 1024 * 1024;
const FRAME: u32 = 1024 * 1024;

/// Calls that a client may begin and give up before the server has looked at them. hyper's 20 guards public servers
/// against floods; here it would end the connection of a client that aborts a few dozen calls at once.
const MAX_PENDING_RESETS: usize = 1024;

const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// How often results that nobody fetched are looked after.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(1);

/// A Flight SQL server in this process, with threads of its own. It stops when it is dropped.
#[derive(Debug)]
pub struct EmbeddedServer {
    address: SocketAddr,
    stop_timeout: Duration,
    running: Mutex<Option<Running>>,
}

struct Running {
    runtime: Runtime,
    state: Arc<State>,
    stopping: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

impl EmbeddedServer {
    /// Opens the database, runs its init SQL, and binds the address; a server that is returned can be called.
    ///
    /// May be awaited on any executor. An error is `INVALID_OPTION` for an option that cannot be, init SQL that
    /// fails included, and `IO_ERROR` for a database or an address that cannot be had.
    pub async fn start(options: ServerOptions) -> Result<Self> {
        options.check()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(std::thread::available_parallelism().map_or(2, |cores| cores.get().min(4)))
            .max_blocking_threads(MAX_COMPUTING)
            .thread_name("flightsql-server")
            .enable_all()
            .build()
            .map_err(|error| Error::new(Code::Io, format!("the server's threads could not be started: {error}")).with_cause(error))?;
        let runtime = DropInBackground(Some(runtime));
        let Some(handle) = runtime.0.as_ref().map(|runtime| runtime.handle().clone()) else {
            return Err(Error::new(Code::Panic, "the server's threads are gone before it started"));
        };
        let stop_timeout = options.stop_timeout;
        let (stopping, is_stopping) = watch::channel(false);
        let opened = handle.spawn(open(options, is_stopping)).await;
        let (listener, state) =
            opened.unwrap_or_else(|error| Err(Error::new(Code::Panic, format!("the server failed while it started: {error}"))))?;
        let address = listener.local_addr().map_err(unbound)?;
        handle.spawn(expire(Arc::clone(&state)));
        let serving = handle.spawn(serve(listener, Arc::clone(&state)));
        let Some(runtime) = runtime.take() else {
            return Err(Error::new(Code::Panic, "the server's threads are gone before it started"));
        };
        let running = Running { runtime, state, stopping, serving };
        Ok(Self { address, stop_timeout, running: Mutex::new(Some(running)) })
    }

    /// The address that the server listens on, with the port that it was given.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What the server is busy with; all zeros once it is stopped.
    pub fn stats(&self) -> ServerStats {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map_or_else(ServerStats::default, |running| running.state.stats())
    }

    /// Stops the server: no new call is accepted, streams under way end with `UNAVAILABLE`, statements that run are
    /// interrupted, and the database is closed.
    ///
    /// Takes no longer than twice `stop_timeout`: what has not ended by then is left to end by itself, its
    /// connections closed. Stopping again does nothing. May be awaited on any executor.
    pub async fn stop(&self) {
        let Some(running) = self.take() else {
            return;
        };
        running.announce();
        let Running { runtime, state, serving, .. } = running;
        let timeout = self.stop_timeout;
        let results = Arc::clone(&state);
        // Ends statements, which may take a while: not on the thread that asks, and nobody waits for it longer than for the rest.
        runtime.spawn_blocking(move || results.clear());
        let ended = runtime.spawn(async move {
            // Either every call has ended, or the rest ends with the runtime.
            let _ = tokio::time::timeout(timeout, serving).await;
        });
        let _ = ended.await;
        // Waiting for threads blocks, and an executor's thread must not.
        let (sender, closed) = oneshot::channel();
        let closer = std::thread::Builder::new().name("flightsql-server-stop".to_owned()).spawn(move || {
            runtime.shutdown_timeout(timeout);
            drop(state);
            let _ = sender.send(());
        });
        if closer.is_ok() {
            let _ = closed.await;
        }
    }

    fn take(&self) -> Option<Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        if let Some(running) = self.take() {
            running.announce();
            running.state.clear();
            running.runtime.shutdown_background();
        }
    }
}

impl Running {
    /// Tells everything that runs that the server stops.
    fn announce(&self) {
        self.stopping.send_replace(true);
        self.state.database.stop();
    }
}

/// A runtime must not be dropped where blocking is forbidden, which is where `start` runs.
struct DropInBackground(Option<Runtime>);

impl DropInBackground {
    fn take(mut self) -> Option<Runtime> {
        self.0.take()
    }
}

impl Drop for DropInBackground {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn open(options: ServerOptions, stopping: watch::Receiver<bool>) -> Result<(TcpListener, Arc<State>)> {
    // Bound first: a port that is taken is found out before a long script runs.
    let (options, addresses) = blocking(move || {
        let addresses = options.addresses()?;
        Ok((options, addresses))
    })
    .await?;
    let listener = TcpListener::bind(&addresses[..]).await.map_err(|error| {
        Error::new(Code::Io, format!("could not listen on {}:{}: {error}", options.host, options.port)).with_cause(error)
    })?;
    let (options, database) = blocking(move || {
        let database = Database::open(&options)?;
        Ok((options, database))
    })
    .await?;
    let keys = Keys::generate()?;
    let state = State {
        authenticator: Arc::new(Authenticator::new(&options, keys.clone())),
        kept: KeptResults::new(options.max_kept_bytes, options.kept_for),
        waiting: WaitingResults::default(),
        prepared: PreparedStatements::new(&options),
        ticket_bindings: Expiring::new(options.kept_for),
        queries: Queries::default(),
        polled: PolledQueries::new(options.kept_for),
        sessions: Arc::new(Sessions::new(options.max_sessions, options.session_idle_timeout, keys.clone())),
        transactions: Transactions::new(&options),
        counters: Counters::default(),
        sql_info: sql_info::describe(&options)?,
        database: Arc::new(database),
        keys,
        stopping,
        options,
    };
    Ok((listener, Arc::new(state)))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Error::new(Code::Panic, format!("the server failed while it started: {error}"))))
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut stopping = state.stopping.clone();
    let auth = AuthLayer(Arc::clone(&state.authenticator));
    let sessions = SessionLayer(Arc::clone(&state.sessions));
    let open_calls = OpenCallsLayer(state.counters.open_calls.clone());
    let max_message_bytes = state.options.max_message_bytes;
    // Replies are compressed for clients that offer to take them so, and for no others. The limit is for messages as they are unpacked.
    let service = FlightServiceServer::new(Service(state))
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Zstd)
        .send_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Zstd)
        .max_decoding_message_size(max_message_bytes);
    // A small call must not wait for the acknowledgement of the one before.
    // A client whose machine is gone is found out by its kernel, which answers even where the client is busy.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(TCP_KEEPALIVE)).map_ok(Lingering::new);
    let served = Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME)
        .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
        .layer(open_calls)
        .layer(auth)
        .layer(sessions)
        .layer(EndingLayer)
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, async move {
            // An error says that the server was dropped.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        });
    // What goes wrong on one connection ends that one; an accept that fails is tried again.
    let _ = served.await;
}

async fn expire(state: Arc<State>) {
    let mut stopping = state.stopping.clone();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EXPIRY_INTERVAL) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        state.polled.expire();
        state.kept.expire();
        state.prepared.expire();
        state.ticket_bindings.expire();
        state.sessions.expire();
        let expired = state.waiting.expired();
        if !expired.is_empty() {
            tokio::task::spawn_blocking(move || drop(expired));
        }
        let idle = state.transactions.idle();
        if !idle.is_empty() {
            tokio::task::spawn_blocking(move || idle.into_iter().for_each(InUse::abandon));
        }
    }
}

fn unbound(error: std::io::Error) -> Error {
    Error::new(Code::Io, format!("the server's address is not known: {error}")).with_cause(error)
}
