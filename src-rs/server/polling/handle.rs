//! What a client polls again with.

use arrow_flight::FlightDescriptor;
use arrow_flight::sql::{ProstMessageExt, TicketStatementQuery};
use prost::Message;

use crate::server::keys::Keys;

const PURPOSE: &str = "poll";

/// Names a polled query, signed when it is given out.
#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct PollHandle {
    #[prost(uint64, tag = "1")]
    pub(in super::super) query: u64,
    /// How many parts the client knows of. Kept here and not in the server, so that the same question can be asked
    /// twice when an answer was lost.
    #[prost(uint64, tag = "2")]
    pub(super) seen: u64,
}

impl PollHandle {
    pub(super) fn seal(&self, keys: &Keys) -> Vec<u8> {
        keys.sign(PURPOSE, &self.encode_to_vec())
    }

    /// The descriptor to poll again with.
    pub(super) fn descriptor(&self, keys: &Keys) -> FlightDescriptor {
        let command = TicketStatementQuery { statement_handle: self.seal(keys).into() };
        FlightDescriptor::new_cmd(command.as_any().encode_to_vec())
    }

    /// The handle as it came back, `None` if it is none of this server.
    pub(in super::super) fn open(sealed: &[u8], keys: &Keys) -> Option<Self> {
        Self::decode(keys.open(PURPOSE, sealed)?).ok()
    }
}
