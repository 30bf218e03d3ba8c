//! The upload under a [`super::put::NativePut`], one call of it at a time.

use arrow_flight::PutResult;
use tokio_util::sync::CancellationToken;

use super::boundary::{BATCH, DICTIONARY};
use crate::arrow::outgoing::{Arrays, IpcStream, LentMessage, OutgoingMessage, OutgoingSchema};
use crate::error::{Acknowledged, Code, Error, Progress};
use crate::flight::put::{Put, Upload};
use crate::sql::client::Client;
use crate::sql::prepared::{Binding, Bound};
use crate::transport::call::Call;

/// The most of a message, as far as rows can be told apart: servers refuse more than 4 MiB where nobody has told them otherwise.
const MESSAGE_LIMIT: usize = 3 << 20;

pub(super) enum State {
    /// For Arrow IPC, until its schema is there.
    Awaiting(Box<Awaiting>),
    Open(Put, Option<Box<IpcStream>>),
    /// Why it could not be begun, or broke off; said to whoever asks.
    Failed(Error),
    Closed,
}

/// How far an upload has come that failed. A server that answers before the end says by that how much it took.
pub(super) fn acknowledged(put: &Put) -> Progress {
    let counts = Bound::of(put.answered(), Binding::Update).ok().and_then(|bound| bound.count);
    Progress { acknowledged: Some(Acknowledged(counts.and_then(|count| u64::try_from(count).ok()))), ..put.progress() }
}

/// Begins the call, given what it begins with.
pub(super) type Begin = Box<dyn FnOnce(&Client, Upload, Call) -> Put + Send>;

/// What is kept until there is a schema.
pub(super) struct Awaiting {
    pub(super) stream: IpcStream,
    pub(super) client: Client,
    pub(super) begin: Begin,
    pub(super) upload: Upload,
    pub(super) call: Call,
}

impl State {
    fn failure(&self) -> Error {
        match self {
            Self::Failed(error) => error.replicate(),
            _ => Error::new(Code::Closed, "what was to be sent has been sent, or given up"),
        }
    }

    /// Closes this by an error.
    fn failed(&mut self, error: Error) -> Error {
        *self = Self::Failed(error.replicate());
        error
    }

    /// Sends messages; what fails closes this, and says how far the server had come.
    pub(super) async fn send(&mut self, messages: crate::Result<Vec<OutgoingMessage>>) -> crate::Result<()> {
        let Self::Open(put, _) = self else { return Err(self.failure()) };
        let sending = async {
            for message in messages? {
                put.send(compressed(message).await?).await?;
            }
            Ok(())
        };
        let result = sending.await.map_err(|error: Error| error.after(acknowledged(put)));
        result.map_err(|error| self.failed(error))
    }

    /// Waits until what a message has left was sent.
    pub(super) async fn drained(&mut self, rest: CancellationToken) -> crate::Result<()> {
        let Self::Open(put, _) = self else { return Err(self.failure()) };
        let result = put.drained(rest).await.map_err(|error| error.after(acknowledged(put)));
        result.map_err(|error| self.failed(error))
    }

    /// Sends what a part of an IPC stream completes.
    pub(super) async fn send_ipc(&mut self, bytes: Vec<u8>) -> crate::Result<()> {
        let mut messages = Vec::new();
        let fed = match self {
            Self::Awaiting(awaiting) => awaiting.stream.feed(&bytes, MESSAGE_LIMIT, &mut messages),
            Self::Open(_, Some(stream)) => stream.feed(&bytes, MESSAGE_LIMIT, &mut messages),
            _ => return Err(self.failure()),
        };
        self.after_ipc(fed, messages).await
    }

    /// Sends what was read of an IPC stream, unless that failed.
    async fn after_ipc(&mut self, read: crate::Result<()>, messages: Vec<OutgoingMessage>) -> crate::Result<()> {
        if let Err(error) = read {
            return match self {
                Self::Open(_, _) => self.send(Err(error)).await,
                _ => Err(self.failed(error)),
            };
        }
        self.begin_ipc();
        if messages.is_empty() { Ok(()) } else { self.send(Ok(messages)).await }
    }

    /// Begins the call, once there is a schema to begin it with.
    fn begin_ipc(&mut self) {
        if !matches!(self, Self::Awaiting(awaiting) if awaiting.stream.schema().is_some()) {
            return;
        }
        if let Self::Awaiting(awaiting) = std::mem::replace(self, Self::Closed) {
            let Awaiting { stream, client, begin, upload, call } = *awaiting;
            let upload = Upload { schema: stream.schema().map(OutgoingSchema::message), ..upload };
            *self = Self::Open(begin(&client, upload, call), Some(Box::new(stream)));
        }
    }

    /// Ends the upload, and returns the server's answers.
    pub(super) async fn finish(&mut self) -> crate::Result<Vec<PutResult>> {
        let mut messages = Vec::new();
        let ended = match self {
            Self::Awaiting(awaiting) => awaiting.stream.finish(MESSAGE_LIMIT, &mut messages),
            Self::Open(_, Some(stream)) => stream.finish(MESSAGE_LIMIT, &mut messages),
            _ => Ok(()),
        };
        self.after_ipc(ended, messages).await?;
        match std::mem::replace(self, Self::Closed) {
            Self::Open(mut put, _) => {
                put.finish().await.map_err(|error| error.after(acknowledged(&put))).map_err(|error| self.failed(error))
            }
            Self::Awaiting(_) => Err(self.failed(Error::data("the bytes end before the schema of an Arrow IPC stream"))),
            Self::Failed(error) => Err(self.failed(error)),
            Self::Closed => Err(self.failure()),
        }
    }
}

/// A message as it is sent. Compression takes a while, in which the threads of connections do something else.
async fn compressed(message: OutgoingMessage) -> crate::Result<OutgoingMessage> {
    if !message.is_to_be_compressed() {
        return Ok(message);
    }
    tokio::task::spawn_blocking(|| message.compressed()).await.unwrap_or_else(|failed| Err(Error::of_task(failed)))
}

/// The messages of a batch that words describe, which lie where the caller has them; `None` where they cannot, or it is no batch.
pub(super) fn lent<'a>(schema: &OutgoingSchema, words: &'a [f64], buffers: &'a [&'a [u8]]) -> crate::Result<Option<Vec<LentMessage<'a>>>> {
    match words {
        [kind, rows, words @ ..] if *kind == f64::from(BATCH) => {
            schema.lent_batch(*rows as usize, &mut Arrays::new(words, buffers), MESSAGE_LIMIT)
        }
        _ => Ok(None),
    }
}

/// What a message that words describe is sent as.
pub(super) fn encode(schema: Option<&OutgoingSchema>, words: &[f64], buffers: &[&[u8]]) -> crate::Result<Vec<OutgoingMessage>> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let described = || Error::data("a message was described that is neither a batch nor a dictionary");
    let schema = schema.ok_or_else(|| Error::data("a message was described without a schema"))?;
    match words {
        [kind, rows, words @ ..] if *kind == f64::from(BATCH) => {
            schema.batch(*rows as usize, &mut Arrays::new(words, buffers), MESSAGE_LIMIT)
        }
        [kind, slot, is_delta, words @ ..] if *kind == f64::from(DICTIONARY) => {
            schema.dictionary(*slot as usize, *is_delta != 0.0, &mut Arrays::new(words, buffers), MESSAGE_LIMIT)
        }
        _ => Err(described()),
    }
}
