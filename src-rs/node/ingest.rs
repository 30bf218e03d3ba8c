//! What an ingest is told.

use arrow_flight::sql::{CommandStatementIngest, TableDefinitionOptions, TableExistsOption, TableNotExistOption};
use napi::Result;
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;

use super::options::invalid;
use super::transaction::id_of;

/// See `docs/internals/boundary.md`.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeIngest {
    pub table: String,
    pub catalog: Option<String>,
    pub db_schema: Option<String>,
    pub temporary: bool,
    pub transaction: Option<Buffer>,
    /// `create`, `append`, `replace` or `create_append`.
    pub mode: String,
    /// name, value, name, value…
    pub options: Vec<String>,
}

impl NativeIngest {
    pub(super) fn resolve(self) -> Result<CommandStatementIngest> {
        let (if_not_exist, if_exists) = match self.mode.as_str() {
            "create" => (TableNotExistOption::Create, TableExistsOption::Fail),
            "append" => (TableNotExistOption::Fail, TableExistsOption::Append),
            "replace" => (TableNotExistOption::Create, TableExistsOption::Replace),
            "create_append" => (TableNotExistOption::Create, TableExistsOption::Append),
            other => return Err(invalid(format!("'{other}' is no mode of an ingest"))),
        };
        Ok(CommandStatementIngest {
            table_definition_options: Some(TableDefinitionOptions { if_not_exist: if_not_exist.into(), if_exists: if_exists.into() }),
            table: self.table,
            schema: self.db_schema,
            catalog: self.catalog,
            temporary: self.temporary,
            transaction_id: self.transaction.as_deref().map(id_of),
            options: self.options.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect(),
        })
    }
}
