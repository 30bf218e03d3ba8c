//! The type of columns that were declared with none: by their values.

use tonic::Code;

use super::{Fixture, columns, rows};

async fn check(fixture: &Fixture, sql: &str, types: &str, expected: &[&str]) {
    let batch = fixture.query(sql).await.unwrap_or_else(|status| panic!("{sql}: {status}"));
    assert_eq!(columns(&batch.schema()), types, "{sql}");
    assert_eq!(rows(&batch), expected, "{sql}");
}

#[tokio::test]
async fn an_expression_has_the_type_of_its_values() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE t (i INTEGER, r REAL, d DECIMAL(10,2), s TEXT, b BLOB);
         INSERT INTO t VALUES (1, 0.5, 1.25, 'x', X'01'), (2, NULL, 2.5, NULL, X'02');
         CREATE TABLE empty (i INTEGER, a);",
    )
    .await;
    for (sql, types, expected) in [
        ("SELECT 1 AS a, 2.5 AS b, 'x' AS c, X'FF' AS d", "a Int64, b Float64, c Utf8, d Binary", &["1|2.5|x|ff"][..]),
        ("SELECT count(*) AS n, sum(i) AS s, avg(i) AS a FROM t", "n Int64, s Int64, a Float64", &["2|3|1.5"]),
        ("SELECT sum(d) AS s, max(s) AS m FROM t", "s Float64, m Utf8", &["3.75|x"]),
        ("SELECT i + 1 AS n, r * 2 AS r, s || '!' AS s FROM t", "n Int64, r Float64, s Utf8", &["2|1.0|x!", "3|NULL|NULL"]),
        ("SELECT count(*) AS n FROM empty", "n Int64", &["0"]),
        ("SELECT 9223372036854775807 AS n", "n Int64", &["9223372036854775807"]),
        ("SELECT i, count(*) AS n FROM t GROUP BY i ORDER BY i", "i Int64, n Int64", &["1|1", "2|1"]),
        ("SELECT typeof(i) AS t FROM t LIMIT 1", "t Utf8", &["integer"]),
        ("EXPLAIN QUERY PLAN SELECT 1 AS x", "id Int64, parent Int64, notused Int64, detail Utf8", &["1|0|0|SCAN CONSTANT ROW"]),
    ] {
        check(&fixture, sql, types, expected).await;
    }
}

#[tokio::test]
async fn mixed_values_widen_so_that_every_value_is_kept() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a, b)").await;
    for (values, types, expected) in [
        ("(NULL, 1), (2, NULL)", "a Int64, b Int64", &["NULL|1", "2|NULL"][..]),
        ("(1, 1.5), (2.5, 2)", "a Float64, b Float64", &["1.0|1.5", "2.5|2.0"]),
        ("(1, 'x'), ('y', 2.5)", "a Utf8, b Utf8", &["1|x", "y|2.5"]),
        ("('x', 1), (X'FF', X'00')", "a Binary, b Binary", &["78|31", "ff|00"]),
        ("(NULL, NULL)", "a Utf8, b Utf8", &["NULL|NULL"]),
        ("(9007199254740993, 0.1), ('x', 'x')", "a Utf8, b Utf8", &["9007199254740993|0.1", "x|x"]),
    ] {
        fixture.update("DELETE FROM t").await.unwrap();
        fixture.update(&format!("INSERT INTO t VALUES {values}")).await.unwrap();
        check(&fixture, "SELECT a, b FROM t", types, expected).await;
    }
}

#[tokio::test]
async fn without_a_value_it_is_text() {
    let fixture = Fixture::with_sql("CREATE TABLE t (i INTEGER, a)").await;
    check(&fixture, "SELECT NULL AS n", "n Utf8", &["NULL"]).await;
    check(&fixture, "SELECT max(i) AS n FROM t", "n Utf8", &["NULL"]).await;
    check(&fixture, "SELECT i, a, i + 1 AS n FROM t", "i Int64, a Utf8, n Utf8", &[]).await;
}

#[tokio::test]
async fn a_name_can_ask_for_a_type() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE t (price DECIMAL(10,2), day TEXT);
         INSERT INTO t VALUES (0.1, '2024-02-29'), (0.2, '2024-03-01');",
    )
    .await;
    for (sql, types, expected) in [
        ("SELECT round(sum(price), 2) AS \"total [DECIMAL(20,2)]\" FROM t", "total Decimal128(20, 2)", &["0.30"][..]),
        ("SELECT max(day) AS \"last day [DATE]\" FROM t", "last day Date32", &["2024-03-01"]),
        ("SELECT i + 1 AS \"n [INTEGER]\" FROM (SELECT 1 AS i) WHERE i > 1", "n Int64", &[]),
        ("SELECT count(*) AS \"n [of all]\" FROM t", "n [of all] Int64", &["2"]),
    ] {
        check(&fixture, sql, types, expected).await;
    }
    let status = fixture.query("SELECT sum(price) AS \"total [DECIMAL(20,2)]\" FROM t").await.unwrap_err();
    assert!(status.message().contains("0.30000000000000004 does not fit decimal(20, 2)"), "{}", status.message());
}

#[tokio::test]
async fn a_later_value_of_a_wider_class_is_refused_with_its_place() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE t (a);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO t SELECT i FROM n;
         INSERT INTO t VALUES (1.5);",
    )
    .await
    .header("x-flightsql-batch-rows", 10);
    let status = fixture.query("SELECT a FROM t").await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(
        status.message().contains("column \"a\" (typed by the values of the first rows), row 51: 1.5 does not fit int64"),
        "{}",
        status.message()
    );
    // Text holds whatever comes.
    fixture.update("INSERT INTO t VALUES (2)").await.unwrap();
    fixture.update("UPDATE t SET a = 'x' WHERE a = 1").await.unwrap();
    let batch = fixture.query("SELECT a FROM t").await.unwrap();
    assert_eq!(rows(&batch)[49..], ["50", "1.5", "2"]);
}

#[tokio::test]
async fn an_integer_that_no_double_holds_is_refused_among_reals() {
    let fixture = Fixture::start().await;
    let status = fixture.query("SELECT 0.5 AS a UNION ALL SELECT 9007199254740993").await.unwrap_err();
    assert!(status.message().contains("row 2: 9007199254740993 does not fit float64"), "{}", status.message());
}
