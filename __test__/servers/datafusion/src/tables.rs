//! What there is to query.

use datafusion::error::Result;
use datafusion::prelude::{SessionConfig, SessionContext};

const TABLES: [&str; 3] = [
    "CREATE TABLE t AS SELECT * FROM (VALUES
       (CAST(1 AS BIGINT), 'one', CAST(1.5 AS DOUBLE)), (2, 'größer', -0.25), (3, NULL, NULL)) AS rows (id, name, amount)",
    // The table that the servers of arrow-go and arrow-java have, too.
    "CREATE TABLE inttable AS SELECT * FROM (VALUES
       (CAST(1 AS BIGINT), 'one', CAST(1 AS BIGINT)), (2, 'zero', 0), (3, 'negative one', -1)) AS rows (id, keyname, value)",
    "CREATE TABLE big AS SELECT value AS id, value % 1000 AS remainder, concat('row ', value) AS name FROM generate_series(1, 1000000)",
];

/// A session with the tables `t`, `inttable` and `big`, in the catalog `datafusion` and its schema `public`.
pub async fn session() -> Result<SessionContext> {
    let session = SessionContext::new_with_config(SessionConfig::new().with_information_schema(true));
    for sql in TABLES {
        session.sql(sql).await?.collect().await?;
    }
    Ok(session)
}
