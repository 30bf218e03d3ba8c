//! How the text of a column is compared, which no statement tells.

use std::sync::Arc;

use super::connection::Stopper;
use super::database::Database;
use super::failure::SqliteFailure;

/// The collation of each of these columns of `table`; `None` where SQLite knows none, as in a view. Blocks.
pub(in super::super) fn collations(
    database: &Arc<Database>,
    table: &str,
    columns: &[&str],
    stopper: &Stopper,
) -> Result<Vec<Option<String>>, SqliteFailure> {
    let lease = database.lease(stopper)?;
    let collation = |column: &&str| {
        let (_, collation, ..) = lease.connection().column_metadata(Some("main"), table, column).ok()?;
        collation.map(|name| name.to_string_lossy().into_owned())
    };
    let collations = columns.iter().map(collation).collect();
    lease.give_back();
    Ok(collations)
}
