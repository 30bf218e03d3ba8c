//! What a server says of itself and of what it holds.

use std::convert::identity;
use std::sync::atomic::Ordering::Relaxed;

use arrow_flight::sql::{
    Command, CommandGetCatalogs, CommandGetCrossReference, CommandGetDbSchemas, CommandGetExportedKeys, CommandGetImportedKeys,
    CommandGetPrimaryKeys, CommandGetSqlInfo, CommandGetTableTypes, CommandGetTables, CommandGetXdbcTypeInfo,
};
use napi::Result;
use napi::bindgen_prelude::Env;
use napi_derive::napi;

use super::client::NativeClient;
use super::completion::{Refusal, promise};
use super::options::{NativeCall, invalid};
use super::query::Opened;
use super::runtime::runtime;
use super::values::Made;

/// See `docs/internals/boundary.md`.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeTableRef {
    pub catalog: Option<String>,
    pub db_schema: Option<String>,
    pub table: String,
}

/// See `docs/internals/boundary.md`.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeMetadataRequest {
    pub command: String,
    pub catalog: Option<String>,
    pub db_schema_filter_pattern: Option<String>,
    pub table_name_filter_pattern: Option<String>,
    pub table_types: Vec<String>,
    pub include_schema: bool,
    pub table: Option<NativeTableRef>,
    pub foreign_table: Option<NativeTableRef>,
    pub codes: Vec<u32>,
    pub data_type: Option<i32>,
}

impl NativeMetadataRequest {
    fn resolve(self) -> Result<Command> {
        let missing = || invalid(format!("{} needs a table", self.command));
        let Self { catalog, db_schema_filter_pattern, .. } = self;
        Ok(match self.command.as_str() {
            "catalogs" => Command::CommandGetCatalogs(CommandGetCatalogs {}),
            "dbSchemas" => Command::CommandGetDbSchemas(CommandGetDbSchemas { catalog, db_schema_filter_pattern }),
            "tables" => Command::CommandGetTables(CommandGetTables {
                catalog,
                db_schema_filter_pattern,
                table_name_filter_pattern: self.table_name_filter_pattern,
                table_types: self.table_types,
                include_schema: self.include_schema,
            }),
            "tableTypes" => Command::CommandGetTableTypes(CommandGetTableTypes {}),
            "primaryKeys" => {
                let NativeTableRef { catalog, db_schema, table } = self.table.ok_or_else(missing)?;
                Command::CommandGetPrimaryKeys(CommandGetPrimaryKeys { catalog, db_schema, table })
            }
            "exportedKeys" => {
                let NativeTableRef { catalog, db_schema, table } = self.table.ok_or_else(missing)?;
                Command::CommandGetExportedKeys(CommandGetExportedKeys { catalog, db_schema, table })
            }
            "importedKeys" => {
                let NativeTableRef { catalog, db_schema, table } = self.table.ok_or_else(missing)?;
                Command::CommandGetImportedKeys(CommandGetImportedKeys { catalog, db_schema, table })
            }
            "crossReference" => {
                let (primary, foreign) = self.table.zip(self.foreign_table).ok_or_else(missing)?;
                Command::CommandGetCrossReference(CommandGetCrossReference {
                    pk_catalog: primary.catalog,
                    pk_db_schema: primary.db_schema,
                    pk_table: primary.table,
                    fk_catalog: foreign.catalog,
                    fk_db_schema: foreign.db_schema,
                    fk_table: foreign.table,
                })
            }
            "sqlInfo" => Command::CommandGetSqlInfo(CommandGetSqlInfo { info: self.codes }),
            "xdbcTypeInfo" => Command::CommandGetXdbcTypeInfo(CommandGetXdbcTypeInfo { data_type: self.data_type }),
            other => return Err(invalid(format!("'{other}' is no metadata command"))),
        })
    }
}

#[napi]
impl NativeClient {
    /// Asks, and begins to read the answer. `[error, [reader, all of the answer | null]]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, [NativeReader, unknown] | null]>")]
    pub fn metadata(&self, env: Env, request: NativeMetadataRequest, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, command, home) = (call.reader(&self.client)?, call.resolve()?, request.resolve()?, self.home);
        let work = async move {
            let info = client.metadata(command, &call).await?;
            Ok(Opened::new(&client, info, call).await)
        };
        promise(&env, runtime(home), identity, work, move |js, opened| -> std::result::Result<_, Refusal> {
            Ok(js.array(&opened.into_reader(js, home)?)?)
        })
    }

    /// `[error, encapsulated IPC schema message]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn metadata_schema(&self, env: Env, request: NativeMetadataRequest, call: NativeCall) -> Result<Made> {
        self.schema(&env, request.resolve()?, &call)
    }

    pub(super) fn schema(&self, env: &Env, command: Command, call: &NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call) = (self.client.clone(), call.resolve()?);
        promise(env, runtime(self.home), identity, async move { client.schema(command, &call).await }, |js, schema| js.buffer(&schema))
    }
}
