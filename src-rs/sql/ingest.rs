//! Ingest: rows into a table, which the server makes where it is told to.

use arrow_flight::sql::{Command, CommandStatementIngest};

use super::client::Client;
use super::descriptor::of_command;
use crate::flight::put::{Put, Upload};
use crate::transport::call::Call;

impl Client {
    /// Begins to send rows. The answer is that of an update. Must be called within a tokio runtime.
    pub fn ingest(&self, command: CommandStatementIngest, upload: Upload, call: Call) -> Put {
        self.put(of_command(Command::CommandStatementIngest(command)), upload, call)
    }
}
