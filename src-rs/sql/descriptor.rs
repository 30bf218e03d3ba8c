//! Commands as Flight carries them.

use arrow_flight::FlightDescriptor;
use arrow_flight::sql::Command;
use prost::Message;

/// The descriptor of a command: without the `Any` around it servers refuse it.
pub(super) fn of_command(command: Command) -> FlightDescriptor {
    FlightDescriptor::new_cmd(command.into_any().encode_to_vec())
}
