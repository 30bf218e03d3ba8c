//! A response as tonic reads it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Frame;
use tonic::Status;

use super::receiving::Receiving;
use crate::error::Error;
use crate::transport::prefix::Watch;

/// The body of a response, and its trailers.
pub(super) struct Received {
    receiving: Receiving,
    step: Step,
    watch: Watch,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Data,
    Trailers,
    Done,
}

impl Received {
    pub(super) fn new(receiving: Receiving, max_message: usize) -> Self {
        let step = if receiving.is_end() { Step::Done } else { Step::Data };
        Self { receiving, step, watch: Watch::new(max_message) }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Frame<Bytes>>, Error>> {
        if self.step == Step::Data {
            if let Some(bytes) = ready!(self.receiving.poll_data(context))? {
                return Poll::Ready(self.watch.pass(&bytes).map(|()| Some(Frame::data(bytes))));
            }
            self.step = Step::Trailers;
        }
        if self.step == Step::Trailers {
            let trailers = ready!(self.receiving.poll_trailers(context))?;
            self.step = Step::Done;
            return Poll::Ready(Ok(trailers.map(Frame::trailers)));
        }
        Poll::Ready(Ok(None))
    }
}

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(self.poll(context));
        Poll::Ready(frame.map_err(|error| Status::from_error(Box::new(error))).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.step == Step::Done
    }
}
