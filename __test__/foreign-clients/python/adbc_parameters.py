"""ADBC: parameters of queries and of updates."""

import datetime
import decimal

import pyarrow

from adbc import changed, connect, record_batch, rows, schema_of
from steps import Steps, refusal, settings

steps = Steps()

INSERT = "INSERT INTO bound VALUES (?, ?, ?, ?)"


def inserted(db, values):
    """What a row is after it was bound and stored."""
    rows(db, INSERT, values)
    return rows(db, "SELECT * FROM bound WHERE id = ?", (values[0],))


def prepared(db, sql, batch):
    """The rows of a query that is run once for each row of a record batch."""
    with db.cursor() as cursor:
        statement = cursor.adbc_statement
        statement.set_sql_query(sql)
        statement.prepare()
        statement.bind_stream(pyarrow.RecordBatchReader.from_batches(batch.schema, [batch]))
        stream, _ = statement.execute_query()
        return [tuple(row.values()) for row in pyarrow.RecordBatchReader.from_stream(stream).read_all().to_pylist()]


@steps.step("an integer, text, a float and bytes are stored as they are")
def _(db):
    changed(db, "CREATE TABLE bound (id INTEGER PRIMARY KEY, name TEXT, weight REAL, bytes BLOB)")
    return inserted(db, (1, "größer 漢 🦆", 0.1, b"\x00\xff"))


@steps.step("nulls are stored as nulls")
def _(db):
    rows(db, INSERT, (2, None, None, None))
    return rows(db, "SELECT name IS NULL, weight IS NULL, bytes IS NULL FROM bound WHERE id = 2")


@steps.step("64-bit integers at both ends")
def _(db):
    return inserted(db, (2**63 - 1, "most", 0.0, b"x")) + inserted(db, (-(2**63), "least", 0.0, b"x"))


@steps.step("empty text and zero are values")
def _(db):
    rows(db, INSERT, (3, "", 0.0, b"x"))
    return rows(db, "SELECT name = '', weight = 0 FROM bound WHERE id = ?", (3,))


@steps.step("empty bytes are no null")
def _(db):
    rows(db, INSERT, (4, None, None, b""))
    return rows(db, "SELECT typeof(bytes), length(bytes) FROM bound WHERE id = 4")


@steps.step("text and bytes of a megabyte")
def _(db):
    rows(db, INSERT, (5, "é" * 2**20, 0.0, b"\x01" * 2**20))
    return rows(db, "SELECT length(name), length(bytes) FROM bound WHERE id = 5")


@steps.step("booleans are one and zero")
def _(db):
    return rows(db, "SELECT COUNT(*) AS n FROM bound WHERE id = 1 AND ? = 1 AND ? = 0", (True, False))


@steps.step("a list is as good as a tuple, one value as good as many")
def _(db):
    return rows(db, "SELECT id FROM bound WHERE id = ?", [1])


@steps.step("values that are selected themselves")
def _(db):
    return rows(db, "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e", (7, "text", 0.5, b"\x01", None))


@steps.step("parameters that are numbered, one of them used twice")
def _(db):
    return rows(db, "SELECT id FROM bound WHERE id = ?1 AND ?1 < ?2", (1, 2))


@steps.step("parameters by their names, whatever the order of the columns")
def _(db):
    return prepared(db, "SELECT :name AS name, :id AS id", record_batch(id=[1], name=["n"]))


@steps.step("many rows at once, and how many there were")
def _(db):
    changed(db, "CREATE TABLE many (id INTEGER, name TEXT)")
    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO many VALUES (?, ?)", [(i, None if i % 3 == 0 else f"n{i}") for i in range(1000)])
        return [cursor.rowcount, rows(db, "SELECT COUNT(*), COUNT(name), SUM(id) FROM many")]


@steps.step("many rows whose first is all null")
def _(db):
    changed(db, "CREATE TABLE sparse (id INTEGER, name TEXT)")
    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO sparse VALUES (?, ?)", [(None, None), (1, "a")])
        return [cursor.rowcount, rows(db, "SELECT COUNT(*), COUNT(id), COUNT(name) FROM sparse")]


@steps.step("a row that fails undoes those before it")
def _(db):
    with db.cursor() as cursor:
        error = refusal(lambda: cursor.executemany(INSERT, [(100, "a", 0.0, b"x"), (100, "b", 0.0, b"x")]))
    return [rows(db, "SELECT COUNT(*) FROM bound WHERE id = 100"), error]


@steps.step("record batches of narrow integers, large text, dictionaries, and nulls")
def _(db):
    changed(db, "CREATE TABLE arrow (a INTEGER, b TEXT, c TEXT, d REAL)")
    batch = pyarrow.RecordBatch.from_arrays(
        [
            pyarrow.array([1, None, -3], pyarrow.int8()),
            pyarrow.array(["x", None, ""], pyarrow.large_utf8()),
            pyarrow.array(["p", "q", "p"]).dictionary_encode(),
            pyarrow.array([0.5, None, -1.5], pyarrow.float32()),
        ],
        names=["a", "b", "c", "d"],
    )
    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO arrow VALUES (?, ?, ?, ?)", batch)
        return [cursor.rowcount, rows(db, "SELECT * FROM arrow")]


@steps.step("decimals, dates and times are text that sorts and compares")
def _(db):
    changed(db, "CREATE TABLE times (price DECIMAL(12,2), day DATE, moment TIMESTAMP)")
    day, moment = datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 13, 14, 15, 123456)
    rows(db, "INSERT INTO times VALUES (?, ?, ?)", (decimal.Decimal("12.50"), day, moment))
    return rows(db, "SELECT price, day, moment FROM times WHERE day = ?", (day,))


@steps.step("a query that is run for several rows gives the rows of all, in their order")
def _(db):
    return prepared(db, "SELECT id, name FROM many WHERE id = ?", record_batch(id=[4, 2, 4]))


@steps.step("a prepared statement with other values each time")
def _(db):
    with db.cursor() as cursor:
        found = []
        for id in (1, 2, 4):
            cursor.execute("SELECT name FROM many WHERE id = ?", (id,))
            found += cursor.fetchall()
        return found


@steps.step("the schema of the parameters")
def _(db):
    with db.cursor() as cursor:
        return schema_of(cursor.adbc_prepare("SELECT id FROM bound WHERE id = ? AND name = :name"))


@steps.step("too few values and too many are refused, with both numbers")
def _(db):
    sql = "SELECT id FROM bound WHERE id = ? AND name = ?"
    return [refusal(lambda: rows(db, sql, (1,))), refusal(lambda: rows(db, sql, (1, "a", 2)))]


@steps.step("after what was refused the connection is as it was")
def _(db):
    return rows(db, "SELECT id FROM bound WHERE id = ?", (1,))


steps.run(connect(settings()["port"]))
