"""ADBC: whole tables put into the database."""

import pyarrow

from adbc import connect, rows, schema_of, table
from steps import Steps, refusal, settings

steps = Steps()
port = settings()["port"]

FEW = pyarrow.table({"id": [1, 2], "name": ["größer 漢 🦆", None]})
MORE = pyarrow.table({"id": [3], "name": ["c"]})
ALL = "SELECT * FROM put ORDER BY id"


def put(db, data, name="put", **options):
    """How many rows there were."""
    with db.cursor() as cursor:
        return cursor.adbc_ingest(name, data, **options)


@steps.step("create makes the table")
def _(db):
    return [put(db, FEW, mode="create"), rows(db, ALL)]


@steps.step("create of a table that is there is refused, and nothing is added")
def _(db):
    return [refusal(lambda: put(db, MORE, mode="create")), rows(db, ALL)]


@steps.step("append adds to the table")
def _(db):
    return [put(db, MORE, mode="append"), rows(db, ALL)]


@steps.step("append to a table that is not there is refused")
def _(db):
    return refusal(lambda: put(db, MORE, name="not_there", mode="append"))


@steps.step("replace leaves what is new alone")
def _(db):
    return [put(db, MORE, mode="replace"), rows(db, ALL)]


@steps.step("replace may change the columns")
def _(db):
    other = pyarrow.table({"id": [7], "weight": [0.5]})
    return [put(db, other, mode="replace"), rows(db, ALL)]


@steps.step("create_append makes the table, and adds to it the next time")
def _(db):
    counts = [put(db, FEW, name="grown", mode="create_append"), put(db, MORE, name="grown", mode="create_append")]
    return [counts, rows(db, "SELECT * FROM grown ORDER BY id")]


@steps.step("columns that the table lacks are refused, and nothing is added")
def _(db):
    other = pyarrow.table({"id": [9], "missing": ["x"]})
    return [refusal(lambda: put(db, other, name="grown", mode="append")), rows(db, "SELECT COUNT(*) FROM grown")]


@steps.step("columns are found by their names")
def _(db):
    turned = pyarrow.table({"name": ["t"], "id": [4]})
    return [put(db, turned, name="grown", mode="append"), rows(db, "SELECT * FROM grown WHERE id = 4")]


@steps.step("many rows in many batches")
def _(db):
    many = pyarrow.table({"i": range(100_000)})
    reader = pyarrow.RecordBatchReader.from_batches(many.schema, many.to_batches(max_chunksize=1000))
    return [put(db, reader, name="many", mode="create"), rows(db, "SELECT COUNT(*), SUM(i) FROM many")]


@steps.step("a table without rows is refused")
def _(db):
    return put(db, FEW.slice(0, 0), name="empty", mode="create")


@steps.step("a table comes back as it was put")
def _(db):
    data = pyarrow.table(
        {
            "i": pyarrow.array([2**63 - 1, -(2**63), None], pyarrow.int64()),
            "f": pyarrow.array([0.1, None, -0.5], pyarrow.float64()),
            "t": pyarrow.array(["", "é", None], pyarrow.utf8()),
            "b": pyarrow.array([b"", b"\x00\xff", None], pyarrow.binary()),
        }
    )
    put(db, data, name="back", mode="create")
    found = table(db, "SELECT * FROM back")
    return [schema_of(found.schema), found.to_pylist() == data.to_pylist()]


# The driver does not say with an ingest which transaction it is of.
@steps.step("what is put while a transaction is open is not part of it")
def _(db):
    with connect(port, autocommit=False) as transaction:
        put(transaction, FEW, name="apart", mode="create")
        transaction.rollback()
    return rows(db, "SELECT COUNT(*) FROM apart")


steps.run(connect(port))
