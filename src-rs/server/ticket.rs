//! Tickets: signed, and enough to read a result by, so that the server remembers nothing for most of them.

use arrow_flight::sql::{Any, Command, ProstMessageExt, TicketStatementQuery};
use arrow_flight::{FlightEndpoint, Ticket};
use prost::Message;
use tonic::Status;

use super::keys::Keys;
use super::results::{BatchShape, ResultColumns, ValueClass};

const PURPOSE: &str = "ticket";

/// What a ticket of a statement stands for.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StatementTicket {
    #[prost(oneof = "Source", tags = "1, 2")]
    pub(super) source: Option<Source>,
    /// Rows of a batch; 0 leaves it to the server.
    #[prost(uint64, tag = "3")]
    batch_rows: u64,
    /// The number of the query, which it is cancelled by.
    #[prost(uint64, tag = "4")]
    pub(super) query: u64,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Source {
    /// A query that runs when the ticket is redeemed.
    #[prost(message, tag = "1")]
    Query(QuerySource),
    /// Rows of a result that the server keeps.
    #[prost(message, tag = "2")]
    Kept(KeptSource),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct QuerySource {
    #[prost(string, tag = "1")]
    pub(super) sql: String,
    /// The number under which the query waits, begun; it runs anew if it does not wait any more.
    #[prost(uint64, tag = "2")]
    pub(super) waiting: u64,
    /// What the columns were announced as.
    #[prost(bytes = "vec", tag = "3")]
    pub(super) fingerprint: Vec<u8>,
    /// The classes of the columns that were typed by their values.
    #[prost(bytes = "vec", tag = "4")]
    classes: Vec<u8>,
    /// The values of its parameters, if it has any.
    #[prost(oneof = "Values", tags = "5, 6")]
    pub(super) values: Option<Values>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Values {
    /// Encoded, so that the server need not remember them.
    #[prost(bytes, tag = "5")]
    Carried(Vec<u8>),
    /// The number under which the server keeps them.
    #[prost(uint64, tag = "6")]
    Kept(u64),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct KeptSource {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(uint64, tag = "2")]
    pub(super) start: u64,
    #[prost(uint64, tag = "3")]
    pub(super) end: u64,
}

impl QuerySource {
    pub(super) fn new(sql: String, values: Option<Values>, waiting: u64, columns: &ResultColumns) -> Self {
        let classes = columns.value_classes().into_iter().map(|class| class as u8).collect();
        Self { sql, waiting, fingerprint: columns.fingerprint(), classes, values }
    }

    pub(super) fn classes(&self) -> Vec<ValueClass> {
        let class = |byte: &u8| match byte {
            1 => ValueClass::Integer,
            2 => ValueClass::Real,
            3 => ValueClass::Text,
            4 => ValueClass::Blob,
            _ => ValueClass::None,
        };
        self.classes.iter().map(class).collect()
    }
}

impl StatementTicket {
    pub(super) fn new(query: u64, source: Source, shape: BatchShape) -> Self {
        let batch_rows = if shape.exact { shape.rows as u64 } else { 0 };
        Self { source: Some(source), batch_rows, query }
    }

    pub(super) fn shape(&self) -> BatchShape {
        match usize::try_from(self.batch_rows) {
            Ok(rows) if rows > 0 => BatchShape::exactly(rows),
            _ => BatchShape::DEFAULT,
        }
    }

    /// The ticket as it goes to the client.
    pub(super) fn seal(&self, keys: &Keys) -> Ticket {
        let handle = keys.sign(PURPOSE, &self.encode_to_vec());
        let command = TicketStatementQuery { statement_handle: handle.into() };
        Ticket { ticket: command.as_any().encode_to_vec().into() }
    }

    /// The ticket of an endpoint that came back, `None` if it is a metadata command, which is its own ticket.
    pub(super) fn of_endpoint(endpoint: &FlightEndpoint, keys: &Keys) -> Result<Option<Self>, Status> {
        let unknown = |why: &str| Status::not_found(format!("the endpoint is none of this server: {why}"));
        let ticket = endpoint.ticket.as_ref().ok_or_else(|| unknown("it has no ticket"))?;
        match Any::decode(&ticket.ticket[..]).ok().and_then(|any| Command::try_from(any).ok()) {
            Some(Command::TicketStatementQuery(ticket)) => Self::open(&ticket, keys).map(Some).map_err(|status| unknown(status.message())),
            Some(Command::Unknown(_)) | None => Err(unknown("its ticket is none of Flight SQL")),
            Some(_) => Ok(None),
        }
    }

    /// The ticket as it came back.
    pub(super) fn open(command: &TicketStatementQuery, keys: &Keys) -> Result<Self, Status> {
        let foreign = || Status::invalid_argument("the ticket was not made by this server since it started, or was changed on the way");
        let content = keys.open(PURPOSE, &command.statement_handle).ok_or_else(foreign)?;
        Self::decode(content).map_err(|_| foreign())
    }
}
