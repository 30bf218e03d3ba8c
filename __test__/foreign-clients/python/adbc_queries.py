"""ADBC: what queries give."""

from adbc import HEADER, changed, connect, rows, schema_of, table
from steps import Steps, settings

steps = Steps()

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) SELECT i FROM n"
NUMBERS = "SELECT i FROM numbers ORDER BY i"


@steps.step("numbers, text and a null")
def _(db):
    return rows(db, "SELECT 1 AS one, -2.5 AS two, 'x' AS text, NULL AS empty")


@steps.step("64-bit integers at both ends")
def _(db):
    return rows(db, "SELECT 9223372036854775807 AS most, -9223372036854775807 - 1 AS least")


@steps.step("text: empty, with quotes, of every plane")
def _(db):
    return rows(db, "SELECT '' AS a, 'it''s \"so\"' AS b, 'größer 漢 🦆' AS c")


@steps.step("bytes: none, zero and 255")
def _(db):
    changed(db, "CREATE TABLE bytes (id INTEGER, value BLOB)")
    changed(db, "INSERT INTO bytes VALUES (1, x''), (2, x'00ff')")
    return rows(db, "SELECT value FROM bytes ORDER BY id")


@steps.step("bytes that a literal gives")
def _(db):
    return rows(db, "SELECT x'00ff' AS value")


@steps.step("a null among bytes is none")
def _(db):
    changed(db, "INSERT INTO bytes VALUES (3, NULL)")
    return rows(db, "SELECT value FROM bytes WHERE id = 3")


@steps.step("the types of columns in Arrow")
def _(db):
    changed(db, "CREATE TABLE plain (i INTEGER, f REAL, t TEXT, b BLOB)")
    changed(db, "INSERT INTO plain VALUES (1, 1.5, 'a', x'01')")
    return schema_of(table(db, "SELECT * FROM plain").schema)


@steps.step("a result without rows has its columns")
def _(db):
    found = table(db, "SELECT i, t FROM plain WHERE i > 1")
    return [found.num_rows, schema_of(found.schema)]


@steps.step("many rows, every one of them once")
def _(db):
    changed(db, "CREATE TABLE numbers (i INTEGER)")
    changed(db, f"INSERT INTO numbers {COUNT.format(100_000)}")
    found = table(db, NUMBERS)
    return [found.num_rows, found.column("i").to_pylist() == list(range(1, 100_001))]


@steps.step("row by row, a few at a time, and the rest")
def _(db):
    with db.cursor() as cursor:
        cursor.execute("SELECT i FROM numbers WHERE i <= 6 ORDER BY i")
        return [cursor.fetchone(), cursor.fetchmany(2), cursor.fetchall(), cursor.fetchone()]


@steps.step("several endpoints, asked for by a header: every row once")
def _(db):
    with db.cursor() as cursor:
        cursor.adbc_statement.set_options(**{HEADER + "x-flightsql-endpoints": "4"})
        partitions, _ = cursor.adbc_execute_partitions(NUMBERS)
    found = []
    for partition in partitions:
        with db.cursor() as cursor:
            cursor.adbc_read_partition(partition)
            found += cursor.fetch_arrow_table().column("i").to_pylist()
    return [len(partitions), sorted(found) == list(range(1, 100_001))]


@steps.step("several endpoints read as one result: every row once")
def _(db):
    found = table(db, NUMBERS, **{HEADER + "x-flightsql-endpoints": "4"})
    return sorted(found.column("i").to_pylist()) == list(range(1, 100_001))


@steps.step("batches of the size that a header asks for")
def _(db):
    found = table(db, "SELECT i FROM numbers WHERE i <= 25", **{HEADER + "x-flightsql-batch-rows": "10"})
    return [len(chunk) for chunk in found.column("i").chunks]


@steps.step("the schema of a query before it runs")
def _(db):
    with db.cursor() as cursor:
        return schema_of(cursor.adbc_execute_schema("SELECT i, t FROM plain"))


@steps.step("two results that are read by turns")
def _(db):
    with db.cursor() as one, db.cursor() as other:
        one.execute("SELECT i FROM numbers WHERE i <= 3 ORDER BY i")
        other.execute("SELECT -i FROM numbers WHERE i <= 3 ORDER BY i")
        return [(one.fetchone(), other.fetchone()) for _ in range(3)]


@steps.step("a result that is closed in its middle leaves the connection as it was")
def _(db):
    with db.cursor() as cursor:
        cursor.execute(NUMBERS)
        first = cursor.fetchone()
    return [first, rows(db, "SELECT COUNT(*) FROM numbers")]


steps.run(connect(settings()["port"]))
