//! The response to DoGet: the encoded frames, shared and not copied, then the status.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::{Body, Frame};

use crate::encoded::EncodedShape;
use crate::one_row::OneRow;

pub struct EncodedStream {
    shape: Arc<EncodedShape>,
    batch: Bytes,
    next_of_head: usize,
    batches_left: u64,
    status_sent: bool,
}

impl EncodedStream {
    pub fn new(shape: Arc<EncodedShape>, batches: u64) -> Self {
        let batch = shape.batch.clone();
        EncodedStream { shape, batch, next_of_head: 0, batches_left: batches, status_sent: false }
    }

    /// The result of a statement that was bound.
    pub fn one_row(template: Arc<EncodedShape>, row: OneRow) -> Self {
        EncodedStream { batch: row.batch(&template), ..EncodedStream::new(template, 1) }
    }

    fn next(&mut self) -> Option<Frame<Bytes>> {
        if let Some(frame) = self.shape.head.get(self.next_of_head) {
            self.next_of_head += 1;
            return Some(Frame::data(frame.clone()));
        }
        if self.batches_left > 0 {
            self.batches_left -= 1;
            return Some(Frame::data(self.batch.clone()));
        }
        if self.status_sent {
            return None;
        }
        self.status_sent = true;
        let status = HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
        Some(Frame::trailers(status))
    }
}

impl Body for EncodedStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.next().map(Ok))
    }
}
