//! Lets no call through to the service that is not accepted, and tells bearer tokens to those who named a password.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::auth::{Accepted, Authenticator, Caller};

/// The header that the older handshake's token comes back in; base64, as its name says.
const OLD_TOKEN: &str = "auth-token-bin";

/// The one call that may come without credentials: it can carry them in its messages.
const HANDSHAKE: &str = "/arrow.flight.protocol.FlightService/Handshake";

#[derive(Clone)]
pub(super) struct AuthLayer(pub(super) Arc<Authenticator>);

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService { inner, authenticator: Arc::clone(&self.0) }
    }
}

#[derive(Clone)]
pub(super) struct AuthService<S> {
    inner: S,
    authenticator: Arc<Authenticator>,
}

impl<S> Service<Request<Body>> for AuthService<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Send,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let accepted = match check(&self.authenticator, &request) {
            Ok(accepted) => accepted,
            Err(status) => return Box::pin(async move { Ok(status.into_http()) }),
        };
        request.extensions_mut().insert(accepted.caller);
        match accepted.token {
            None => Box::pin(self.inner.call(request)),
            Some(token) => {
                let response = self.inner.call(request);
                Box::pin(async move {
                    let mut response = response.await?;
                    if let Ok(value) = HeaderValue::try_from(format!("Bearer {token}")) {
                        response.headers_mut().insert(AUTHORIZATION, value);
                    }
                    Ok(response)
                })
            }
        }
    }
}

fn check(authenticator: &Authenticator, request: &Request<Body>) -> Result<Accepted, Status> {
    if let Some(header) = request.headers().get(AUTHORIZATION) {
        return match authenticator.check_header(header.as_bytes()) {
            // Whoever is not asked for credentials may bring any.
            Err(_) if authenticator.is_open() => Ok(Accepted::plain(Caller::Anyone)),
            decided => decided,
        };
    }
    if authenticator.is_open() || request.uri().path() == HANDSHAKE {
        return Ok(Accepted::plain(Caller::Anyone));
    }
    match request.headers().get(OLD_TOKEN).map(|header| decode_token(header.as_bytes())) {
        Some(token) => authenticator.check_bearer(&token).map(Accepted::plain),
        None => Err(Status::unauthenticated("this server asks for credentials: an authorization header, or a handshake")),
    }
}

fn decode_token(header: &[u8]) -> Vec<u8> {
    use base64::Engine;
    let engine = &base64::engine::general_purpose::STANDARD_NO_PAD;
    let unpadded: Vec<u8> = header.iter().copied().filter(|byte| *byte != b'=').collect();
    engine.decode(unpadded).unwrap_or_default()
}
