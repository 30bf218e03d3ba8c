//! Looks up the session that a call names, and refuses the call if that is over.

use std::future::Ready;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::Either;
use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer, Service};

use super::{Named, Sessions, answers, cookie};
use crate::server::auth::Caller;

/// The calls that are let through with a session that is over: a login does not need one, and among the actions is
/// the one that begins one.
const LET_THROUGH: [&str; 2] = ["/arrow.flight.protocol.FlightService/Handshake", "/arrow.flight.protocol.FlightService/DoAction"];

/// Stands behind the layer that says who calls.
#[derive(Clone)]
pub(in super::super) struct SessionLayer(pub(in super::super) Arc<Sessions>);

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService { inner, sessions: Arc::clone(&self.0) }
    }
}

#[derive(Clone)]
pub(in super::super) struct SessionService<S> {
    inner: S,
    sessions: Arc<Sessions>,
}

impl<S> Service<Request<Body>> for SessionService<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response<Body>, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(cookie) = cookie::of(request.headers()) {
            let caller = Caller::of(request.extensions());
            let named = self.sessions.find(cookie, caller).map_or(Named::Dead, Named::Live);
            if named == Named::Dead && !LET_THROUGH.contains(&request.uri().path()) {
                return Either::Right(std::future::ready(Ok(answers::gone().into_http())));
            }
            request.extensions_mut().insert(named);
        }
        Either::Left(self.inner.call(request))
    }
}
