//! What the server says about itself.
//!
//! It says everything that the specification has a code for but the versions of Substrait, which it does not know.

mod conversions;

use arrow_flight::sql::metadata::{SqlInfoData, SqlInfoDataBuilder};
use arrow_flight::sql::{
    SqlInfo, SqlNullOrdering, SqlOuterJoinsSupportLevel, SqlSupportedCaseSensitivity, SqlSupportedGroupBy,
    SqlSupportedResultSetConcurrency, SqlSupportedResultSetType, SqlSupportedSubqueries, SqlSupportedTransaction, SqlSupportedUnions,
    SqlTransactionIsolationLevel, SupportedSqlGrammar,
};

use super::options::ServerOptions;
use super::sqlite;
use crate::error::{Code, Error, Result};

/// SQLite's limits as it is built and set here.
const MAX_COLUMNS: i64 = 2000;
const MAX_TABLES_IN_JOIN: i64 = 64;
const MAX_STATEMENT_BYTES: i64 = 1_000_000_000;
const MAX_VALUE_BYTES: i64 = sqlite::MAX_VALUE_BYTES as i64;

/// Everything that `GetSqlInfo` answers with.
pub(super) fn describe(options: &ServerOptions) -> Result<SqlInfoData> {
    let read_only = options.read_only;
    let mut info = SqlInfoDataBuilder::new();
    info.append(SqlInfo::FlightSqlServerName, "flightsql embedded server");
    info.append(SqlInfo::FlightSqlServerVersion, env!("CARGO_PKG_VERSION"));
    info.append(SqlInfo::FlightSqlServerArrowVersion, "60.1.0");
    info.append(SqlInfo::FlightSqlServerReadOnly, read_only);
    info.append(SqlInfo::FlightSqlServerSql, true);
    info.append(SqlInfo::FlightSqlServerSubstrait, false);
    info.append(SqlInfo::FlightSqlServerTransaction, SqlSupportedTransaction::Savepoint as i32);
    info.append(SqlInfo::FlightSqlServerCancel, true);
    info.append(SqlInfo::FlightSqlServerBulkIngestion, !read_only);
    info.append(SqlInfo::FlightSqlServerIngestTransactionsSupported, !read_only);
    // 0 is no limit.
    info.append(SqlInfo::FlightSqlServerStatementTimeout, 0i32);
    // Of transactions that nobody uses, in milliseconds.
    let timeout = i32::try_from(options.transaction_timeout.as_millis()).unwrap_or(i32::MAX);
    info.append(SqlInfo::FlightSqlServerTransactionTimeout, timeout);
    names(&mut info, read_only);
    syntax(&mut info);
    result_sets(&mut info);
    limits(&mut info);
    info.build().map_err(|error| Error::new(Code::InvalidData, "the server's description could not be built").with_cause(error))
}

fn names(info: &mut SqlInfoDataBuilder, read_only: bool) {
    info.append(SqlInfo::SqlDdlCatalog, false);
    info.append(SqlInfo::SqlDdlSchema, false);
    info.append(SqlInfo::SqlDdlTable, !read_only);
    info.append(SqlInfo::SqlIdentifierCase, SqlSupportedCaseSensitivity::SqlCaseSensitivityCaseInsensitive as i64);
    info.append(SqlInfo::SqlIdentifierQuoteChar, "\"");
    info.append(SqlInfo::SqlQuotedIdentifierCase, SqlSupportedCaseSensitivity::SqlCaseSensitivityCaseInsensitive as i64);
    info.append(SqlInfo::SqlAllTablesAreSelectable, true);
    info.append(SqlInfo::SqlSearchStringEscape, "\\");
    info.append(SqlInfo::SqlExtraNameCharacters, "");
    info.append(SqlInfo::SqlSchemaTerm, "schema");
    info.append(SqlInfo::SqlProcedureTerm, "");
    info.append(SqlInfo::SqlCatalogTerm, "database");
    info.append(SqlInfo::SqlCatalogAtStart, true);
    info.append(SqlInfo::SqlKeywords, &KEYWORDS[..]);
    info.append(SqlInfo::SqlNumericFunctions, &NUMERIC_FUNCTIONS[..]);
    info.append(SqlInfo::SqlStringFunctions, &STRING_FUNCTIONS[..]);
    info.append(SqlInfo::SqlSystemFunctions, &SYSTEM_FUNCTIONS[..]);
    info.append(SqlInfo::SqlDatetimeFunctions, &DATETIME_FUNCTIONS[..]);
}

fn syntax(info: &mut SqlInfoDataBuilder) {
    for (code, is_supported) in [
        (SqlInfo::SqlSupportsColumnAliasing, true),
        (SqlInfo::SqlNullPlusNullIsNull, true),
        (SqlInfo::SqlSupportsTableCorrelationNames, true),
        (SqlInfo::SqlSupportsDifferentTableCorrelationNames, false),
        (SqlInfo::SqlSupportsExpressionsInOrderBy, true),
        (SqlInfo::SqlSupportsOrderByUnrelated, true),
        (SqlInfo::SqlSupportsLikeEscapeClause, true),
        (SqlInfo::SqlSupportsNonNullableColumns, true),
        (SqlInfo::SqlSupportsIntegrityEnhancementFacility, true),
        (SqlInfo::SqlSelectForUpdateSupported, false),
        (SqlInfo::SqlStoredProceduresSupported, false),
        (SqlInfo::SqlCorrelatedSubqueriesSupported, true),
        (SqlInfo::SqlTransactionsSupported, true),
        (SqlInfo::SqlDataDefinitionCausesTransactionCommit, false),
        (SqlInfo::SqlDataDefinitionsInTransactionsIgnored, false),
        (SqlInfo::SqlBatchUpdatesSupported, false),
        (SqlInfo::SqlSavepointsSupported, true),
        (SqlInfo::SqlNamedParametersSupported, false),
        (SqlInfo::SqlLocatorsUpdateCopy, false),
        (SqlInfo::SqlStoredFunctionsUsingCallSyntaxSupported, false),
    ] {
        info.append(code, is_supported);
    }
    info.append(SqlInfo::SqlNullOrdering, SqlNullOrdering::SqlNullsSortedLow as i64);
    info.append(
        SqlInfo::SqlSupportedGroupBy,
        bits(&[SqlSupportedGroupBy::SqlGroupByUnrelated as u8, SqlSupportedGroupBy::SqlGroupByBeyondSelect as u8]),
    );
    info.append(
        SqlInfo::SqlSupportedGrammar,
        bits(&[SupportedSqlGrammar::SqlMinimumGrammar as u8, SupportedSqlGrammar::SqlCoreGrammar as u8]),
    );
    // ANSI92_ENTRY_SQL, whose name arrow-flight does not export.
    info.append(SqlInfo::SqlAnsi92SupportedLevel, bits(&[0]));
    info.append(
        SqlInfo::SqlOuterJoinsSupportLevel,
        bits(&[SqlOuterJoinsSupportLevel::SqlLimitedOuterJoins as u8, SqlOuterJoinsSupportLevel::SqlFullOuterJoins as u8]),
    );
    info.append(
        SqlInfo::SqlSupportedSubqueries,
        bits(&[
            SqlSupportedSubqueries::SqlSubqueriesInComparisons as u8,
            SqlSupportedSubqueries::SqlSubqueriesInExists as u8,
            SqlSupportedSubqueries::SqlSubqueriesInIns as u8,
        ]),
    );
    info.append(SqlInfo::SqlSupportedUnions, bits(&[SqlSupportedUnions::SqlUnion as u8, SqlSupportedUnions::SqlUnionAll as u8]));
    info.append(SqlInfo::SqlSupportsConvert, conversions::conversions());
    info.append(SqlInfo::SqlSchemasSupportedActions, 0i32);
    info.append(SqlInfo::SqlCatalogsSupportedActions, 0i32);
    info.append(SqlInfo::SqlSupportedPositionedCommands, 0i32);
    // A transaction reads one snapshot, and cannot write once another one has written since that was taken.
    let serializable = SqlTransactionIsolationLevel::SqlTransactionSerializable;
    info.append(SqlInfo::SqlDefaultTransactionIsolation, serializable as i64);
    info.append(SqlInfo::SqlSupportedTransactionsIsolationLevels, bits(&[serializable as u8]));
}

/// A result is read once, from its first row to its last, and changes nothing.
fn result_sets(info: &mut SqlInfoDataBuilder) {
    info.append(SqlInfo::SqlSupportedResultSetTypes, bits(&[SqlSupportedResultSetType::SqlResultSetTypeForwardOnly as u8]));
    info.append(
        SqlInfo::SqlSupportedConcurrenciesForResultSetForwardOnly,
        bits(&[SqlSupportedResultSetConcurrency::SqlResultSetConcurrencyReadOnly as u8]),
    );
    info.append(SqlInfo::SqlSupportedConcurrenciesForResultSetUnspecified, 0i32);
    info.append(SqlInfo::SqlSupportedConcurrenciesForResultSetScrollSensitive, 0i32);
    info.append(SqlInfo::SqlSupportedConcurrenciesForResultSetScrollInsensitive, 0i32);
}

/// Numbers; 0 is no limit, or none that is known.
fn limits(info: &mut SqlInfoDataBuilder) {
    for (code, limit) in [
        (SqlInfo::SqlMaxBinaryLiteralLength, MAX_VALUE_BYTES),
        (SqlInfo::SqlMaxCharLiteralLength, MAX_VALUE_BYTES),
        (SqlInfo::SqlMaxColumnNameLength, 0),
        (SqlInfo::SqlMaxColumnsInGroupBy, MAX_COLUMNS),
        (SqlInfo::SqlMaxColumnsInIndex, MAX_COLUMNS),
        (SqlInfo::SqlMaxColumnsInOrderBy, MAX_COLUMNS),
        (SqlInfo::SqlMaxColumnsInSelect, MAX_COLUMNS),
        (SqlInfo::SqlMaxColumnsInTable, MAX_COLUMNS),
        (SqlInfo::SqlMaxConnections, 0),
        (SqlInfo::SqlMaxCursorNameLength, 0),
        (SqlInfo::SqlMaxIndexLength, MAX_VALUE_BYTES),
        (SqlInfo::SqlDbSchemaNameLength, 0),
        (SqlInfo::SqlMaxProcedureNameLength, 0),
        (SqlInfo::SqlMaxCatalogNameLength, 0),
        (SqlInfo::SqlMaxRowSize, MAX_VALUE_BYTES),
        (SqlInfo::SqlMaxStatementLength, MAX_STATEMENT_BYTES),
        (SqlInfo::SqlMaxStatements, 0),
        (SqlInfo::SqlMaxTableNameLength, 0),
        (SqlInfo::SqlMaxTablesInSelect, MAX_TABLES_IN_JOIN),
        (SqlInfo::SqlMaxUsernameLength, 0),
    ] {
        info.append(code, limit);
    }
    info.append(SqlInfo::SqlMaxRowSizeIncludesBlobs, true);
}

/// A bitmask with the bits of these numbers.
fn bits(numbers: &[u8]) -> i32 {
    numbers.iter().fold(0, |mask, number| mask | 1 << number)
}

/// SQLite's words that SQL:2003 does not reserve.
const KEYWORDS: [&str; 38] = [
    "ABORT",
    "ANALYZE",
    "ATTACH",
    "AUTOINCREMENT",
    "CONFLICT",
    "DATABASE",
    "DETACH",
    "EXPLAIN",
    "FAIL",
    "GENERATED",
    "GLOB",
    "IF",
    "IGNORE",
    "INDEX",
    "INDEXED",
    "INSTEAD",
    "ISNULL",
    "KEY",
    "LIMIT",
    "MATERIALIZED",
    "NOTHING",
    "NOTNULL",
    "OFFSET",
    "PLAN",
    "PRAGMA",
    "QUERY",
    "RAISE",
    "REGEXP",
    "REINDEX",
    "RENAME",
    "REPLACE",
    "RETURNING",
    "TEMP",
    "TEMPORARY",
    "VACUUM",
    "VIEW",
    "VIRTUAL",
    "WITHOUT",
];

const NUMERIC_FUNCTIONS: [&str; 12] = ["abs", "avg", "count", "max", "min", "random", "round", "sign", "sum", "total", "unhex", "zeroblob"];

const STRING_FUNCTIONS: [&str; 20] = [
    "char",
    "concat",
    "concat_ws",
    "format",
    "glob",
    "group_concat",
    "hex",
    "instr",
    "length",
    "like",
    "lower",
    "ltrim",
    "octet_length",
    "printf",
    "quote",
    "replace",
    "rtrim",
    "substr",
    "trim",
    "upper",
];

const SYSTEM_FUNCTIONS: [&str; 10] =
    ["changes", "coalesce", "ifnull", "iif", "last_insert_rowid", "nullif", "sqlite_version", "total_changes", "typeof", "unicode"];

const DATETIME_FUNCTIONS: [&str; 7] = ["date", "datetime", "julianday", "strftime", "time", "timediff", "unixepoch"];
