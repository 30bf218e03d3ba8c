//! What a client's SQL may not do: reach files, change its connection, or begin transactions of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that tell about the database, and take the name of what they tell about.
const PRAGMAS_OF_A_NAME: [&str; 10] = [
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// Pragmas that tell about the database as long as they are given no value.
const PRAGMAS_WITHOUT_VALUE: [&str; 12] = [
    "application_id",
    "collation_list",
    "compile_options",
    // Full-text search looks at it before every query.
    "data_version",
    "database_list",
    "encoding",
    "function_list",
    "module_list",
    "page_count",
    "page_size",
    "schema_version",
    "user_version",
];

/// Decides for one connection what its statements may do.
#[derive(Debug, Clone, Default)]
pub(super) struct Authority(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// The server's own statements are being prepared.
    trusting: AtomicBool,
    /// Why the last statement was refused: SQLite itself only says "not authorized".
    refusal: Mutex<Option<String>>,
}

impl Authority {
    /// Closes a connection off from now on.
    pub(super) fn install(connection: &Connection) -> Result<Self, rusqlite::Error> {
        let authority = Self::default();
        let state = Arc::clone(&authority.0);
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            if state.trusting.load(Ordering::Relaxed) {
                return Authorization::Allow;
            }
            let Some(why) = refusal(&context.action) else {
                return Authorization::Allow;
            };
            *state.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
            Authorization::Deny
        }))?;
        Ok(authority)
    }

    /// Runs SQL of the server's own.
    pub(super) fn run_trusted(&self, connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
        self.0.trusting.store(true, Ordering::Relaxed);
        let result = connection.execute_batch(sql);
        self.0.trusting.store(false, Ordering::Relaxed);
        result
    }

    /// Why the last statement was refused, if that has not been asked yet.
    pub(super) fn take_refusal(&self) -> Option<String> {
        self.0.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn refusal(action: &AuthAction<'_>) -> Option<String> {
    match action {
        // VACUUM attaches too, and VACUUM INTO writes a file.
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            Some("ATTACH, DETACH and VACUUM are closed off in the embedded server".to_owned())
        }
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            Some("load_extension is closed off in the embedded server".to_owned())
        }
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            let actions = "BeginTransaction, EndTransaction, BeginSavepoint and EndSavepoint";
            Some(format!("a transaction cannot begin or end by SQL; call the actions {actions}"))
        }
        AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTrigger { .. } => {
            Some("a connection goes from one client to the next, so what is temporary would be gone at once".to_owned())
        }
        AuthAction::Pragma { pragma_name, pragma_value } if !only_tells(pragma_name, *pragma_value) => Some(format!(
            "PRAGMA {pragma_name} is closed off in the embedded server, which allows {}, and without a value {}",
            PRAGMAS_OF_A_NAME.join(", "),
            PRAGMAS_WITHOUT_VALUE.join(", ")
        )),
        _ => None,
    }
}

fn only_tells(pragma: &str, value: Option<&str>) -> bool {
    let is_in = |pragmas: &[&str]| pragmas.iter().any(|known| pragma.eq_ignore_ascii_case(known));
    is_in(&PRAGMAS_OF_A_NAME) || (value.is_none() && is_in(&PRAGMAS_WITHOUT_VALUE))
}
