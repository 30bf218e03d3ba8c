//! Notes whether an upload came to its end. tonic hands on a stream that was reset as one that ended well: whoever writes
//! what came would write a part for the whole.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Request;
use http_body::{Body as _, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

const DO_PUT: &str = "/arrow.flight.protocol.FlightService/DoPut";

/// Whether the client has ended its upload by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending(Arc<AtomicBool>);

impl Ending {
    pub(super) fn was_meant(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Looks at a body that brings nothing more. One that was reset has not reached the end of its stream.
    fn look(&self, body: &Body) {
        if body.is_end_stream() {
            self.0.store(true, Ordering::Release);
        }
    }
}

#[derive(Clone)]
pub(in super::super) struct EndingLayer;

impl<S> Layer<S> for EndingLayer {
    type Service = EndingService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EndingService(inner)
    }
}

#[derive(Clone)]
pub(in super::super) struct EndingService<S>(S);

impl<S: Service<Request<Body>>> Service<Request<Body>> for EndingService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if request.uri().path() == DO_PUT {
            let ending = Ending::default();
            // A body that is at its end already is not read at all.
            ending.look(request.body());
            request.extensions_mut().insert(ending.clone());
            request = request.map(|body| Body::new(Watched { body, ending }));
        }
        self.0.call(request)
    }
}

/// A request's body whose end is noted.
struct Watched {
    body: Body,
    ending: Ending,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() {
            self.ending.look(&self.body);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
