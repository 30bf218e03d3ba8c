//! One connection for results: opened on its first call, and again when it was lost.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use h2::SendStream;
use h2::client::SendRequest;
use http::header::{CONTENT_TYPE, TE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::direct_io::DirectIo;
use super::driver::Driver;
use super::landings::Landings;
use super::part::Part;
use super::receiving::{Answer, Answering, Follower, Unanswered};
use super::sending::Sending;
use super::socket::OpenSocket;
use crate::error::{Code, Error, Result};
use crate::transport::address::Address;
use crate::transport::call::replace;
use crate::transport::connector::{Connector, Stream};
use crate::transport::failure;
use crate::transport::peer::Peer;
use crate::transport::windows::{MAX_FRAME, MAX_HEADERS, SEND_BUFFER, STREAM_WINDOW};

/// What the client calls itself.
const AGENT: &str = concat!("flightsql/", env!("CARGO_PKG_VERSION"));

/// A connection to one server.
pub struct Connection {
    connector: Connector,
    peer: Arc<Peer>,
    origin: Uri,
    setup: Setup,
    state: Mutex<State>,
}

/// How a connection is opened.
#[derive(Debug, Clone)]
pub struct Setup {
    pub connect_timeout: Duration,
    /// What all streams together may leave unread.
    pub window: u32,
    /// Where it is opened and stays; the caller's runtime where there is none.
    pub runtime: Option<Handle>,
}

enum State {
    Closed,
    Opening(Opening),
    Open(Http2),
}

/// Ends once for all who wait for it.
type Opening = Shared<BoxFuture<'static, std::result::Result<Http2, Arc<Error>>>>;

#[derive(Clone)]
struct Http2 {
    requests: SendRequest<Part>,
    landings: Arc<Landings>,
    driver: Weak<Driver>,
    /// Whether bytes go to the socket as they are.
    is_plain: bool,
}

/// A stream that was begun: where its request is sent, its response, and what drives it where bytes go to the socket as they are.
type Begun = (SendStream<Part>, Answering, Option<Weak<Driver>>);

/// The scheme and authority that a server is asked by.
///
/// # Errors
/// `INVALID_OPTION` where the host is not one.
fn origin(address: &Address) -> Result<Uri> {
    let scheme = if address.is_encrypted() { "https" } else { "http" };
    let authority = if address.is_unix() { "localhost".to_owned() } else { address.authority() };
    format!("{scheme}://{authority}").parse().map_err(|cause: http::uri::InvalidUri| {
        Error::new(Code::InvalidOption, format!("'{}' is not a host that can be connected to", address.host)).with_cause(cause)
    })
}

impl Connection {
    /// Opens nothing yet.
    ///
    /// # Errors
    /// `INVALID_OPTION` where the host is not one.
    pub fn new(connector: Connector, peer: Arc<Peer>, setup: Setup) -> Result<Self> {
        let origin = origin(&connector.address)?;
        Ok(Self { connector, peer, origin, setup, state: Mutex::new(State::Closed) })
    }

    /// Opens it, unless it is open.
    ///
    /// # Errors
    /// `CONNECTION_FAILED` or `TLS_ERROR`.
    pub async fn connect(&self) -> Result<()> {
        self.open().await.map(drop)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one gRPC request; resolves when the head of the response is there. Where the connection turns out to be lost before the server can have
    /// seen anything of it, it is sent over another one.
    ///
    /// # Errors
    /// What the server answered, if that is not gRPC, or why it could not be asked.
    pub async fn call(&self, path: &str, headers: &HeaderMap, message: Bytes) -> Result<Answer> {
        self.exchange(path, headers, message, |_| ()).await
    }

    /// The same for a short answer, whose bytes land nowhere.
    ///
    /// # Errors
    /// As of [`Self::call`].
    pub async fn ask(&self, path: &str, headers: &HeaderMap, message: Bytes) -> Result<Answer> {
        self.exchange(path, headers, message, Answering::leave).await
    }

    async fn exchange(&self, path: &str, headers: &HeaderMap, message: Bytes, prepare: impl Fn(&Answering)) -> Result<Answer> {
        let mut is_again = false;
        loop {
            let (mut body, answering, _) = self.start(path, headers).await?;
            prepare(&answering);
            // Where the stream has died meanwhile, the response says of what.
            let sent = body.send_data(Part::new(message.clone(), Bytes::new()), true);
            match answering.answer().await {
                Ok(answer) => {
                    if !answer.receiving.is_end() {
                        sent.map_err(|error| failure::of_h2(&error))?;
                    }
                    return Ok(answer);
                }
                Err(Unanswered { is_unseen, .. }) if is_unseen && !is_again => is_again = true,
                Err(Unanswered { error, .. }) => return Err(error),
            }
        }
    }

    /// Begins a gRPC request of any number of messages, whose answer may come before the last of them. It lands nowhere: h2 has its bytes.
    ///
    /// # Errors
    /// Why the server could not be asked.
    pub async fn begin(&self, path: &str, headers: &HeaderMap) -> Result<(Sending, Answering)> {
        let (sending, answering) = self.begin_landing(path, headers).await?;
        answering.leave();
        Ok((sending, answering))
    }

    /// The same for an answer that may be landed.
    ///
    /// # Errors
    /// Why the server could not be asked.
    pub async fn begin_landing(&self, path: &str, headers: &HeaderMap) -> Result<(Sending, Answering)> {
        let (body, answering, driver) = self.start(path, headers).await?;
        Ok((Sending::new(body, driver), answering))
    }

    async fn start(&self, path: &str, headers: &HeaderMap) -> Result<Begun> {
        let mut is_again = false;
        loop {
            let http2 = self.open().await?;
            match self.begin_on(&http2, path, headers).await? {
                Ok(begun) => return Ok(begun),
                Err(error) => {
                    // It was lost since it was last used, and nothing was sent.
                    self.lose(&http2);
                    if is_again {
                        return Err(failure::of_h2(&error));
                    }
                    is_again = true;
                }
            }
        }
    }

    async fn begin_on(&self, http2: &Http2, path: &str, headers: &HeaderMap) -> Result<std::result::Result<Begun, h2::Error>> {
        let mut requests = match http2.requests.clone().ready().await {
            Ok(requests) => requests,
            Err(error) => return Ok(Err(error)),
        };
        let mut request = self.request(path, headers)?;
        let exchange = self.peer.begin(path, request.headers_mut());
        let begun = http2.landings.follow(|| {
            let (response, body) = requests.send_request(request, false)?;
            let stream = body.stream_id().as_u32();
            Ok::<_, h2::Error>(((response, body), stream))
        });
        Ok(begun.map(|((response, body), stream)| {
            let followed = Follower::new(Arc::clone(&http2.landings), stream);
            let driver = http2.is_plain.then(|| Weak::clone(&http2.driver));
            (body, Answering::new(followed, exchange, response), driver)
        }))
    }

    fn request(&self, path: &str, headers: &HeaderMap) -> Result<Request<()>> {
        let uri = format!("{}{path}", self.origin.to_string().trim_end_matches('/'));
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/grpc"))
            .header(TE, HeaderValue::from_static("trailers"))
            .header(USER_AGENT, HeaderValue::from_static(AGENT))
            .body(())
            .map_err(|cause| Error::protocol("the request could not be built").with_cause(cause))?;
        replace(request.headers_mut(), headers);
        Ok(request)
    }

    async fn open(&self) -> Result<Http2> {
        let opening = {
            let mut state = self.state();
            let under_way = match &*state {
                State::Open(http2) => return Ok(http2.clone()),
                // One that failed, and whose callers did not wait for that, says nothing of now.
                State::Opening(opening) => Some(opening.clone()).filter(|opening| !matches!(opening.clone().now_or_never(), Some(Err(_)))),
                State::Closed => None,
            };
            under_way.unwrap_or_else(|| {
                let opening = self.begin_opening();
                *state = State::Opening(opening.clone());
                opening
            })
        };
        let opened = opening.clone().await;
        let mut state = self.state();
        if matches!(&*state, State::Opening(current) if current.ptr_eq(&opening)) {
            *state = match &opened {
                Ok(http2) => State::Open(http2.clone()),
                Err(_) => State::Closed,
            };
        }
        opened.map_err(|error| error.replicate())
    }

    fn begin_opening(&self) -> Opening {
        let opening = open(self.connector.clone(), self.setup.clone());
        // A socket belongs to the runtime that it was opened on.
        let task = match &self.setup.runtime {
            Some(runtime) => runtime.spawn(opening),
            None => tokio::spawn(opening),
        };
        let opened = async move {
            let opened = task.await.unwrap_or_else(|failed| Err(Error::of_task(failed)));
            opened.map_err(Arc::new)
        };
        opened.boxed().shared()
    }

    fn lose(&self, lost: &Http2) {
        let mut state = self.state();
        if matches!(&*state, State::Open(current) if Arc::ptr_eq(&current.landings, &lost.landings)) {
            *state = State::Closed;
        }
    }
}

/// Resolves once the server has begun to speak HTTP/2: a peer that takes connections and says nothing is none that a call should wait for.
async fn open(connector: Connector, setup: Setup) -> Result<Http2> {
    tokio::time::timeout(setup.connect_timeout, begin(connector, &setup)).await.map_err(|_| failure::connect_timed_out())?
}

async fn begin(connector: Connector, setup: &Setup) -> Result<Http2> {
    let socket = connector.connect().await?;
    let is_plain = !matches!(socket, Stream::Tls(_));
    let landings = Arc::<Landings>::default();
    let socket = DirectIo::new(OpenSocket::new(socket), Arc::clone(&landings));
    let (requests, connection) = h2::client::Builder::new()
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(setup.window)
        .max_frame_size(MAX_FRAME)
        .max_header_list_size(MAX_HEADERS)
        .max_send_buffer_size(SEND_BUFFER)
        .handshake(socket)
        .await
        .map_err(|error| failure::of_h2(&error))?;
    let driver = Arc::new(Driver::new(connection));
    let weak = Arc::downgrade(&driver);
    let mut task = AbortOnDropHandle::new(tokio::spawn(async move { poll_fn(|context| driver.poll(context)).await }));
    tokio::select! {
        () = landings.greeted() => {}
        ended = &mut task => {
            let ended = ended.map_err(Error::of_task)?;
            return Err(ended.map_or_else(|error| failure::of_h2(&error), |()| failure::closed_at_once()));
        }
    }
    // Why it ends from here on is told to its streams; it ends well when nobody can begin another.
    drop(task.detach());
    Ok(Http2 { requests, landings, driver: weak, is_plain })
}

#[cfg(test)]
#[path = "connection_test.rs"]
mod tests;
