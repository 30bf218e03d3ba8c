//! What a client asks for: the table, and what is to be done where there is one, or none.

use arrow_flight::sql::{CommandStatementIngest, TableExistsOption, TableNotExistOption};
use tonic::Status;

use crate::server::auth::Caller;
use crate::server::metadata;
use crate::server::transactions::NamedTransaction;

/// What is done if there is no such table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfMissing {
    Create,
    Fail,
}

/// What is done if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfExists {
    Fail,
    Append,
    Replace,
}

/// Where rows go.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) table: String,
    pub(super) if_missing: IfMissing,
    pub(super) if_exists: IfExists,
    pub(super) transaction: Option<NamedTransaction>,
}

impl Target {
    /// Checks a command. Its `options` are those of other servers, of which this one has none: they change nothing.
    pub(super) fn of(command: CommandStatementIngest, caller: Caller) -> Result<Self, Status> {
        let CommandStatementIngest { table_definition_options, table, schema, catalog, temporary, transaction_id, options: _ } = command;
        // A temporary table belongs to one connection, and here those go from one client to the next. That of a transaction
        // does not, but ends with it, while Flight SQL lets the table last as long as the session.
        if temporary {
            return Err(Status::unimplemented(
                "the embedded server has no temporary tables, as its connections go from one client to the next; ingest into a table \
                 and drop it, or roll its transaction back",
            ));
        }
        if table.is_empty() || table.contains('\0') {
            return Err(Status::invalid_argument(format!("the table to ingest into is called {table:?}, which is no name")));
        }
        if let Some(catalog) = catalog.filter(|catalog| !catalog.is_empty() && catalog != metadata::CATALOG) {
            return Err(Status::not_found(format!(
                "there is no catalog {catalog:?}; the embedded server has one, {:?}",
                metadata::CATALOG
            )));
        }
        if let Some(schema) = schema.filter(|schema| schema != metadata::DB_SCHEMA) {
            return Err(Status::not_found(format!("there is no schema {schema:?}; the embedded server has none but the empty one")));
        }
        let options = table_definition_options.unwrap_or_default();
        let if_missing = match TableNotExistOption::try_from(options.if_not_exist) {
            Ok(TableNotExistOption::Create) => IfMissing::Create,
            Ok(TableNotExistOption::Fail) => IfMissing::Fail,
            // The protocol has servers refuse what is not specified.
            _ => return Err(unspecified("if_not_exist", options.if_not_exist, "1 (CREATE) or 2 (FAIL)")),
        };
        let if_exists = match TableExistsOption::try_from(options.if_exists) {
            Ok(TableExistsOption::Fail) => IfExists::Fail,
            Ok(TableExistsOption::Append) => IfExists::Append,
            Ok(TableExistsOption::Replace) => IfExists::Replace,
            _ => return Err(unspecified("if_exists", options.if_exists, "1 (FAIL), 2 (APPEND) or 3 (REPLACE)")),
        };
        Ok(Self { table, if_missing, if_exists, transaction: NamedTransaction::given(transaction_id, caller) })
    }
}

fn unspecified(option: &str, given: i32, right: &str) -> Status {
    Status::invalid_argument(format!("{option} of the table_definition_options is {given}; it must be {right}"))
}
