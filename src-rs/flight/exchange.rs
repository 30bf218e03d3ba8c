//! DoExchange: messages go up while others come down, which are read like those of any stream.

use std::sync::Arc;

use arrow_flight::FlightDescriptor;
use tokio_util::task::AbortOnDropHandle;

use super::do_get::Messages;
use super::frames::FrameReader;
use super::memory::{SlabSeal, SlabWriter};
use super::put::{Going, Put, Upload, first_of};
use crate::error::Result;
use crate::transport::address::Location;
use crate::transport::call::Call;
use crate::transport::hosts::Hosts;
use crate::transport::pool::Lease;

const PATH: &str = "/arrow.flight.protocol.FlightService/DoExchange";

/// An exchange that is still to be opened: what its caller will send.
#[derive(Debug)]
pub struct Exchange(Going);

impl Exchange {
    /// The two ends of an exchange: what is sent, and what opens the stream that is read.
    pub fn new(descriptor: FlightDescriptor, upload: Upload) -> (Put, Self) {
        let (first, sent) = first_of(descriptor, upload);
        let (put, going) = Put::without_answers(first, sent);
        (put, Self(going))
    }

    /// Begins to send; resolves when the head of the response is there.
    ///
    /// # Errors
    /// What the server answered, or why it could not be asked.
    pub(super) async fn open(self, hosts: &Arc<Hosts>, call: &Call, seal: &SlabSeal) -> Result<(Messages, Lease)> {
        let (headers, lease) = hosts.data(&Location::Reuse, call).await?;
        let (sending, answering) = lease.connection().begin_landing(PATH, &headers).await?;
        // What breaks it the response says too.
        let sender = AbortOnDropHandle::new(tokio::spawn(self.0.send_all(sending)));
        let reader = FrameReader::new(hosts.max_message(call), SlabWriter::sealed_by(seal.clone()));
        let messages = Messages::of(answering.head().await?, reader, Some(sender))?;
        Ok((messages, lease))
    }
}
