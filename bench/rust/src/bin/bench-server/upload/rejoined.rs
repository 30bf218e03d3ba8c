//! A request whose beginning was looked at.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::body::Incoming;

pub struct Rejoined {
    first: Option<Bytes>,
    rest: Incoming,
}

impl Rejoined {
    pub fn new(first: Bytes, rest: Incoming) -> Self {
        Rejoined { first: Some(first).filter(|bytes| !bytes.is_empty()), rest }
    }
}

impl Body for Rejoined {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.first.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }
}
