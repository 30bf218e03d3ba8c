//! What a server says of itself and of what it holds.

use arrow_flight::FlightInfo;
use arrow_flight::sql::Command;

use super::client::{Client, of_flight};
use super::descriptor::of_command;
use crate::error::{Error, Result};
use crate::transport::call::Call;

impl Client {
    /// Asks for metadata by one of the `CommandGet…`; the answer says where it can be read.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn metadata(&self, command: Command, call: &Call) -> Result<FlightInfo> {
        let work = async {
            let mut client = self.flight_sql(call).await?;
            let info = match command {
                Command::CommandGetCatalogs(_) => client.get_catalogs().await,
                Command::CommandGetDbSchemas(command) => client.get_db_schemas(command).await,
                Command::CommandGetTables(command) => client.get_tables(command).await,
                Command::CommandGetTableTypes(_) => client.get_table_types().await,
                Command::CommandGetPrimaryKeys(command) => client.get_primary_keys(command).await,
                Command::CommandGetExportedKeys(command) => client.get_exported_keys(command).await,
                Command::CommandGetImportedKeys(command) => client.get_imported_keys(command).await,
                Command::CommandGetCrossReference(command) => client.get_cross_reference(command).await,
                Command::CommandGetXdbcTypeInfo(command) => client.get_xdbc_type_info(command).await,
                // Its method for SqlInfo knows no codes of vendors.
                command => {
                    let answer = client.inner_mut().get_flight_info(of_command(command)).await;
                    return answer.map(tonic::Response::into_inner).map_err(Error::from_status);
                }
            };
            info.map_err(of_flight)
        };
        call.bound(work).await
    }
}
