//! DoPut: messages go up, answers come down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use arrow_flight::{FlightData, FlightDescriptor, PutResult};
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::answers::Answers;
use super::flight_data::{framed, head};
use super::line::Line;
use super::waiting::{Entrance, Waiting, waiting};
use crate::arrow::outgoing::{LentMessage, OutgoingMessage};
use crate::error::{Code, Error, Progress, Result};
use crate::transport::address::Location;
use crate::transport::call::Call;
use crate::transport::hosts::Hosts;
use crate::transport::http2::{Sending, SentHere};

const PATH: &str = "/arrow.flight.protocol.FlightService/DoPut";

/// Answers that wait to be taken. A server that sends more waits too.
const ANSWERS: usize = 64;

/// The most answers that are collected: a server of Flight SQL sends one.
const MOST_ANSWERS: usize = 1 << 16;

/// A DoPut under way. The server takes it as whole only after [`Put::finish`]: dropped before, its stream is reset.
#[derive(Debug)]
pub struct Put {
    messages: Entrance,
    answers: mpsc::Receiver<PutResult>,
    collected: Vec<PutResult>,
    end: AbortOnDropHandle<Result<()>>,
    /// `end` has said this.
    ended: Option<Result<()>>,
    /// How many messages were given to be sent.
    given: u64,
    sent: Arc<Sent>,
    line: Line,
    /// It ends when its answers do, which are read elsewhere.
    is_exchange: bool,
}

/// What an upload begins with, beside the command.
#[derive(Debug, Default)]
pub struct Upload {
    /// The schema of what follows, if there is one.
    pub schema: Option<OutgoingMessage>,
    /// Counts what is sent.
    pub sent: Arc<Sent>,
    /// Fires when the call is over.
    pub over: CancellationToken,
}

/// What the connection has taken of batches and their rows, which is no less than what the server has.
#[derive(Debug, Default)]
pub struct Sent {
    messages: AtomicU64,
    batches: AtomicU64,
    rows: AtomicU64,
}

impl Sent {
    /// One more message. Dictionaries and metadata are no batches.
    fn count(&self, rows: u64) {
        self.messages.fetch_add(1, Relaxed);
        self.batches.fetch_add(u64::from(rows > 0), Relaxed);
        self.rows.fetch_add(rows, Relaxed);
    }

    pub fn progress(&self) -> Progress {
        Progress { batches: self.batches.load(Relaxed), rows: self.rows.load(Relaxed), acknowledged: None }
    }
}

#[derive(Debug)]
pub(super) enum Up {
    Message(FlightData, u64),
    /// Nothing more comes. Without it the stream was given up.
    End,
}

impl Put {
    /// Begins a DoPut whose first message brings `descriptor` and the schema. Must be called within a tokio runtime.
    pub fn start(hosts: Arc<Hosts>, descriptor: FlightDescriptor, upload: Upload, call: Call) -> Self {
        let (messages, waiting) = waiting();
        let (answered, answers) = mpsc::channel(ANSWERS);
        let over = upload.over.clone();
        let (first, sent) = first_of(descriptor, upload);
        let line = Line::default();
        let going = Going { first, waiting, line: line.clone(), sent: Arc::clone(&sent) };
        let work = async move {
            let _over = over.drop_guard();
            call.bound(run(&hosts, going, answered, &call)).await
        };
        let end = AbortOnDropHandle::new(tokio::spawn(work));
        Self { messages, answers, collected: Vec::new(), end, ended: None, given: 0, sent, line, is_exchange: false }
    }

    /// What goes up in an exchange, whose answers are read elsewhere.
    pub(super) fn without_answers(first: FlightData, sent: Arc<Sent>) -> (Self, Going) {
        let (messages, waiting) = waiting();
        let line = Line::default();
        let going = Going { first, waiting, line: line.clone(), sent: Arc::clone(&sent) };
        let (_, answers) = mpsc::channel(1);
        let end = AbortOnDropHandle::new(tokio::spawn(std::future::ready(Ok(()))));
        (Self { messages, answers, collected: Vec::new(), end, ended: None, given: 0, sent, line, is_exchange: true }, going)
    }

    /// Sends a message, as soon as there is room.
    ///
    /// # Errors
    /// Why the call is over.
    pub async fn send(&mut self, message: OutgoingMessage) -> Result<()> {
        self.given += 1;
        let bytes = message.bytes();
        self.put(up(message), bytes).await
    }

    /// Sends messages if there is room for all of them now; gives them back where that is not so, or where there is more to be said.
    ///
    /// # Errors
    /// The messages.
    pub fn send_now(&mut self, messages: Vec<OutgoingMessage>) -> std::result::Result<(), Vec<OutgoingMessage>> {
        if !self.takes_answers() {
            return Err(messages);
        }
        let mut rooms = Vec::with_capacity(messages.len());
        rooms.extend(messages.iter().map_while(|message| self.messages.free_room(message.bytes())));
        if rooms.len() < messages.len() || self.messages.is_closed() {
            return Err(messages);
        }
        for (message, room) in messages.into_iter().zip(rooms) {
            self.given += 1;
            // Closed meanwhile, it is told to the next one.
            self.messages.give(up(message), Some(room));
        }
        Ok(())
    }

    /// Whether messages can be sent from where they lie.
    pub fn sends_here(&self) -> bool {
        self.messages.is_empty() && self.line.idle().as_ref().is_some_and(Sending::sends_here)
    }

    /// Sends a message from this thread and from where it lies, as far as the socket takes it now; the rest is copied, and waited for by
    /// [`Put::drained`].
    pub fn send_here(&mut self, message: &LentMessage<'_>) -> SentHere {
        if !self.takes_answers() || self.messages.is_closed() || !self.messages.is_empty() {
            return SentHere::Busy;
        }
        let data = FlightData { data_header: Bytes::copy_from_slice(&message.header), ..FlightData::default() };
        let Ok(head) = head(&data, message.bytes) else { return SentHere::Busy };
        let sent = self.line.idle().as_mut().map_or(SentHere::Busy, |sending| sending.send_here(&head, &message.pieces()));
        if matches!(sent, SentHere::Whole | SentHere::InPart(_)) {
            self.given += 1;
            self.sent.count(message.rows as u64);
        }
        sent
    }

    /// Waits until what a message has left was sent too, no longer than the call goes on.
    ///
    /// # Errors
    /// Why the call is over.
    pub async fn drained(&mut self, rest: CancellationToken) -> Result<()> {
        loop {
            let answer = tokio::select! {
                biased;
                Some(answer) = self.answers.recv() => answer,
                () = self.messages.closed() => break,
                () = rest.cancelled() => return Ok(()),
            };
            self.collect(answer)?;
        }
        self.end().await?;
        Err(early())
    }

    /// Takes the answers that are there. What is wrong with them is said where a write is waited for: then this is `false`.
    fn takes_answers(&mut self) -> bool {
        while self.collected.len() < MOST_ANSWERS
            && let Ok(answer) = self.answers.try_recv()
        {
            self.collected.push(answer);
        }
        self.collected.len() < MOST_ANSWERS
    }

    /// Says that nothing more comes, and returns the server's answers.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn finish(&mut self) -> Result<Vec<PutResult>> {
        match self.put(Up::End, 0).await {
            Ok(()) => {}
            // It answered early, and well: what it had to say counts.
            Err(_) if matches!(self.ended, Some(Ok(()))) => {}
            Err(error) => return Err(error),
        }
        if self.is_exchange {
            return Ok(Vec::new());
        }
        while let Some(answer) = self.answers.recv().await {
            self.collect(answer)?;
        }
        self.end().await?;
        if self.sent.messages.load(Relaxed) < self.given {
            return Err(early());
        }
        Ok(std::mem::take(&mut self.collected))
    }

    /// What the connection has taken.
    pub fn progress(&self) -> Progress {
        self.sent.progress()
    }

    /// What the server has answered so far.
    pub fn answered(&self) -> &[PutResult] {
        &self.collected
    }

    async fn put(&mut self, up: Up, bytes: usize) -> Result<()> {
        loop {
            // Answers are taken meanwhile: a server may wait for that before it takes more.
            let answer = tokio::select! {
                biased;
                Some(answer) = self.answers.recv() => answer,
                room = self.messages.room(bytes) => {
                    let is_given = room.is_some_and(|room| self.messages.give(up, Some(room)));
                    if is_given { return Ok(()) }
                    break;
                }
            };
            self.collect(answer)?;
        }
        self.end().await?;
        Err(early())
    }

    fn collect(&mut self, answer: PutResult) -> Result<()> {
        if self.collected.len() >= MOST_ANSWERS {
            return Err(Error::protocol(format!("the server sent more than {MOST_ANSWERS} answers to one upload")));
        }
        self.collected.push(answer);
        Ok(())
    }

    async fn end(&mut self) -> Result<()> {
        while let Ok(answer) = self.answers.try_recv() {
            self.collect(answer)?;
        }
        let ended = match self.ended.take() {
            Some(ended) => ended,
            None => (&mut self.end).await.unwrap_or_else(|failed| Err(Error::of_task(failed))),
        };
        self.ended = Some(match &ended {
            Ok(()) => Ok(()),
            Err(error) => Err(error.replicate()),
        });
        ended
    }
}

fn early() -> Error {
    Error::protocol("the server answered before everything was sent, and took no more of it")
}

async fn run(hosts: &Arc<Hosts>, going: Going, answered: mpsc::Sender<PutResult>, call: &Call) -> Result<()> {
    hosts.check_open()?;
    let (headers, lease) = hosts.data(&Location::Reuse, call).await?;
    let (sending, answering) = lease.connection().begin(PATH, &headers).await?;
    let answers = async {
        let mut answers = Answers::open(answering, hosts.max_message(call)).await?;
        while let Some(answer) = answers.next().await? {
            if answered.send(answer).await.is_err() {
                return Err(Error::cancelled());
            }
        }
        Ok(())
    };
    tokio::pin!(answers);
    tokio::select! {
        biased;
        answered = &mut answers => return answered,
        all = going.send_all(sending) => match all {
            Ok(()) => {}
            // Given up, or never to be sent: this side's own doing, of which the server knows nothing.
            Err(error) if !matches!(error.code(), Code::StreamReset | Code::ConnectionLost) => return Err(error),
            // The response says more of why, or that all is well: a server may have had enough.
            Err(_) => {}
        },
    }
    answers.await
}

/// What goes up: the first message, and those that wait behind it.
#[derive(Debug)]
pub(super) struct Going {
    first: FlightData,
    waiting: Waiting,
    line: Line,
    sent: Arc<Sent>,
}

impl Going {
    /// Sends it, to its end.
    ///
    /// # Errors
    /// What broke the stream; `CANCELLED_BY_CALLER` where it was given up.
    pub(super) async fn send_all(self, mut sending: Sending) -> Result<()> {
        let Self { first, mut waiting, line, sent } = self;
        sending.send(framed(first)?).await?;
        let line = line.open(sending);
        while let Some((up, _room)) = waiting.recv().await {
            let Some(mut sending) = line.take() else { break };
            let Up::Message(message, rows) = up else { return sending.end() };
            sending.send(framed(message)?).await?;
            sent.count(rows);
            line.give_back(sending);
        }
        Err(Error::cancelled())
    }
}

/// The first message of an upload, and what counts the rest.
pub(super) fn first_of(descriptor: FlightDescriptor, Upload { schema, sent, .. }: Upload) -> (FlightData, Arc<Sent>) {
    let mut first = flight_data(schema.unwrap_or_default());
    first.flight_descriptor = Some(descriptor);
    (first, sent)
}

fn up(message: OutgoingMessage) -> Up {
    let rows = message.rows as u64;
    Up::Message(flight_data(message), rows)
}

fn flight_data(message: OutgoingMessage) -> FlightData {
    FlightData {
        data_header: Bytes::from(message.header),
        data_body: Bytes::from(message.body),
        app_metadata: Bytes::from(message.app_metadata),
        ..FlightData::default()
    }
}

#[cfg(test)]
#[path = "put_test.rs"]
mod tests;
