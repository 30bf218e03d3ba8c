//! Counts the calls that have not ended: from their request to the end of their response.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::stats::{Counted, Gauge};

#[derive(Clone)]
pub(super) struct OpenCallsLayer(pub(super) Gauge);

impl<S> Layer<S> for OpenCallsLayer {
    type Service = OpenCallsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        OpenCallsService { inner, open: self.0.clone() }
    }
}

#[derive(Clone)]
pub(super) struct OpenCallsService<S> {
    inner: S,
    open: Gauge,
}

impl<S> Service<Request<Body>> for OpenCallsService<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let counted = self.open.count();
        let response = self.inner.call(request);
        Box::pin(async move { Ok(response.await?.map(|body| Body::new(OpenBody { body, counted: Some(counted) }))) })
    }
}

/// A response whose call is open until it has been handed on, or is given up.
struct OpenBody {
    body: Body,
    counted: Option<Counted>,
}

impl http_body::Body for OpenBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        // Before the client can know: whoever has read the last frame finds the call ended.
        if !matches!(&frame, Some(Ok(frame)) if frame.is_data()) {
            self.counted = None;
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
