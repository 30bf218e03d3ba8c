//! The stream of one `DoGet`: rows are read on a blocking thread, as far as the client takes them.

use std::pin::Pin;
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_flight::FlightData;
use arrow_schema::SchemaRef;
use futures::Stream;
use tokio::sync::{mpsc, watch};
use tonic::{Code, Status};

use super::encode::Encoder;
use super::kept::KeptRange;
use super::live::LiveRows;
use crate::server::queries::{self, Reading};
use crate::server::sqlite::Stopper;
use crate::server::stats::{Counters, Gauge, Total};

/// Messages that are ready before the client asks: one on its way while the next is made.
const READY: usize = 2;

/// Where the rows of a stream come from.
pub(in super::super) enum Rows {
    Live(Box<LiveRows>),
    Kept(KeptRange),
    /// All of them at once.
    Batch(RecordBatch),
}

impl Rows {
    fn schema(&self) -> SchemaRef {
        match self {
            Self::Live(live) => live.schema().clone(),
            Self::Kept(range) => range.schema().clone(),
            Self::Batch(batch) => batch.schema(),
        }
    }

    /// What stops the statement behind them, if there is one.
    pub(in super::super) fn stopper(&self) -> Stopper {
        match self {
            Self::Live(live) => live.stopper().clone(),
            Self::Kept(_) | Self::Batch(_) => Stopper::default(),
        }
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, Status> {
        match self {
            Self::Live(live) => live.next(),
            Self::Kept(range) => range.next(),
            Self::Batch(batch) => {
                let empty = batch.slice(0, 0);
                let batch = std::mem::replace(batch, empty);
                Ok((batch.num_rows() > 0).then_some(batch))
            }
        }
    }
}

type Item = Result<FlightData, Status>;

/// What a client reads. Dropping it, as happens when the client goes away, stops the statement behind it.
pub(in super::super) struct ResultStream {
    messages: mpsc::Receiver<Item>,
    stopper: Stopper,
    stopping: Pin<Box<dyn Future<Output = ()> + Send>>,
    sent_bytes: Total,
    is_over: bool,
}

impl ResultStream {
    /// Begins to send `rows`; ends early when `reading` is cancelled or `stopping` turns true.
    pub(in super::super) fn start(rows: Rows, reading: Option<Reading>, mut stopping: watch::Receiver<bool>, counters: Counters) -> Self {
        let (sender, messages) = mpsc::channel(READY);
        let stopper = rows.stopper();
        let work = Work { encoder: Encoder::new(), announced: false, rows, reading };
        tokio::spawn(pump(work, sender, counters.computing));
        let stopping = Box::pin(async move {
            // An error says that the server is gone altogether.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        });
        Self { messages, stopper, stopping, sent_bytes: counters.sent_bytes, is_over: false }
    }
}

impl Stream for ResultStream {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if self.stopping.as_mut().poll(context).is_ready() {
            self.is_over = true;
            self.stopper.stop();
            return Poll::Ready(Some(Err(Status::unavailable("the server is stopping"))));
        }
        let item = std::task::ready!(self.messages.poll_recv(context));
        if let Some(Ok(message)) = &item {
            self.sent_bytes.add(message.data_header.len() + message.data_body.len());
        }
        Poll::Ready(item)
    }
}

impl Drop for ResultStream {
    fn drop(&mut self) {
        self.stopper.stop();
    }
}

struct Work {
    rows: Rows,
    /// After the rows: it is over when their statement has ended.
    reading: Option<Reading>,
    encoder: Encoder,
    announced: bool,
}

impl Work {
    /// The next message, `None` at the end. Blocks.
    fn next(&mut self) -> Option<Item> {
        if !self.announced {
            self.announced = true;
            return Some(Ok(self.encoder.schema(&self.rows.schema())));
        }
        let batch = self.go_on().and_then(|()| self.rows.next()).transpose()?;
        let batch = batch.map_err(|status| match status.code() {
            // That it was stopped is no news; why is.
            Code::Cancelled => self.go_on().err().unwrap_or(status),
            _ => status,
        });
        Some(batch.and_then(|batch| self.encoder.batch(&batch)))
    }

    fn go_on(&self) -> Result<(), Status> {
        self.reading.as_ref().map_or(Ok(()), Reading::go_on)
    }

    /// Resolves when the query is cancelled, never if it cannot be.
    fn cancelled(&self) -> impl Future<Output = ()> + Send + use<> {
        let token = self.reading.as_ref().map(Reading::token);
        async move {
            match token {
                Some(token) => token.cancelled_owned().await,
                None => std::future::pending().await,
            }
        }
    }

    /// Sends until the client is not ready for more. No thread waits for a client: what could not be sent comes
    /// back with the work.
    fn send(mut self, sender: &mpsc::Sender<Item>) -> Option<(Self, Item)> {
        loop {
            let item = self.next()?;
            let failed = item.is_err();
            match sender.try_send(item) {
                Ok(()) if failed => return None,
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(item)) => return Some((self, item)),
                Err(mpsc::error::TrySendError::Closed(_)) => return None,
            }
        }
    }
}

async fn pump(mut work: Work, sender: mpsc::Sender<Item>, computing: Gauge) {
    loop {
        let (to, computing) = (sender.clone(), computing.clone());
        let sent = tokio::task::spawn_blocking(move || {
            let _counted = computing.count();
            work.send(&to)
        })
        .await;
        match sent {
            Ok(None) => return,
            Ok(Some((unsent, item))) => {
                let failed = item.is_err();
                let is_gone = tokio::select! {
                    sent = sender.send(item) => sent.is_err() || failed,
                    () = unsent.cancelled() => {
                        let _ = tokio::task::spawn_blocking(move || drop(unsent)).await;
                        // The statement has ended; why it did waits for the client.
                        let _ = sender.send(Err(queries::cancelled())).await;
                        return;
                    }
                };
                if is_gone {
                    // Ending a statement can take a moment, so it is left to a thread that may block.
                    tokio::task::spawn_blocking(move || drop(unsent));
                    return;
                }
                work = unsent;
            }
            Err(error) => {
                let _ = sender.send(Err(Status::internal(format!("reading the result failed: {error}")))).await;
                return;
            }
        }
    }
}
