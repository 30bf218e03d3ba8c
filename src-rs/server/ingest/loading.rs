//! An ingestion under way.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use tonic::Status;

use super::command::Target;
use super::destination::Destination;
use super::rows::Rows;
use super::table;
use crate::server::blocking;
use crate::server::scope::Scope;
use crate::server::sqlite::Stopper;
use crate::server::state::State;
use crate::server::uploads::Received;

/// Rows on their way into a table. Dropped, it undoes what it has written.
pub(super) struct Loading {
    /// Gone when it has ended.
    parts: Option<Parts>,
    stopper: Stopper,
}

struct Parts {
    /// Without columns there is nothing to write.
    rows: Option<Rows>,
    destination: Destination,
}

impl Loading {
    /// Sees to the table, and prepares what writes rows with the columns of `schema` into it. Blocks.
    pub(super) fn begin(scope: Scope, target: &Target, schema: Option<SchemaRef>) -> Result<Self, Status> {
        let stopper = Stopper::default();
        let destination = Destination::begin(scope)?;
        match prepare(&destination, target, &schema.unwrap_or_else(|| Arc::new(Schema::empty())), &stopper) {
            Ok(rows) => Ok(Self { parts: Some(Parts { rows, destination }), stopper }),
            Err(status) => Err(destination.undo(status)),
        }
    }

    /// Writes what has been received; whatever fails undoes all that was written before.
    pub(super) async fn write(mut self, state: &Arc<State>, received: Received) -> Result<Self, Status> {
        blocking::run_stopped_by(self.stopper.clone(), state, move |state, stopper| {
            match self.parts.as_mut().map(|parts| parts.write(&received, stopper)) {
                // Which interrupts the row that is being written.
                Some(Err(_)) if state.database.is_stopping() => Err(self.undo(Status::unavailable("the server is stopping"))),
                Some(Err(status)) => Err(self.undo(status)),
                _ => Ok(self),
            }
        })
        .await
    }

    /// Makes the rows last. Returns how many there are.
    pub(super) async fn finish(mut self, state: &Arc<State>) -> Result<i64, Status> {
        blocking::run_stopped_by(self.stopper.clone(), state, move |_, stopper| {
            if stopper.is_stopped() {
                return Err(self.undo(Status::cancelled("nobody waits for the rows to be written any more")));
            }
            let Some(Parts { rows, destination }) = self.parts.take() else {
                return Ok(0);
            };
            // An open statement would keep the transaction open.
            let written = rows.map_or(0, Rows::finish);
            destination.keep()?;
            Ok(i64::try_from(written).unwrap_or(i64::MAX))
        })
        .await
    }

    fn undo(&mut self, status: Status) -> Status {
        match self.parts.take() {
            Some(parts) => parts.undo(status),
            None => status,
        }
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        let Some(parts) = self.parts.take() else {
            return;
        };
        let given_up = Status::cancelled("the upload was given up");
        // Undoing blocks, and whoever gives up may be a thread that must not.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || drop(parts.undo(given_up)))),
            Err(_) => drop(parts.undo(given_up)),
        }
    }
}

impl Parts {
    fn write(&mut self, received: &Received, stopper: &Stopper) -> Result<(), Status> {
        let Some(rows) = &mut self.rows else {
            return Err(Status::invalid_argument("the upload has rows without columns"));
        };
        received.batches.iter().try_for_each(|batch| rows.write(batch, stopper))
    }

    /// Blocks.
    fn undo(self, status: Status) -> Status {
        // As above.
        if let Some(rows) = self.rows {
            rows.finish();
        }
        self.destination.undo(status)
    }
}

fn prepare(destination: &Destination, target: &Target, schema: &Schema, stopper: &Stopper) -> Result<Option<Rows>, Status> {
    super::sql::check_types(&target.table, schema)?;
    let columns = table::provide(destination, target, schema, stopper)?;
    if schema.fields().is_empty() {
        return Ok(None);
    }
    Rows::prepare(destination, &target.table, schema, columns.as_deref(), stopper).map(Some)
}
