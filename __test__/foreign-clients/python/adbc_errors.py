"""ADBC: what is wrong, in the server's words, and that nothing else comes of it."""

from adbc import changed, connect, rows
from steps import Steps, refusal, settings

steps = Steps()


def refused(db, sql, parameters=None):
    """The error of a statement, and whether the connection goes on after it."""
    error = refusal(lambda: rows(db, sql, parameters))
    if rows(db, "SELECT 1 AS one") != [(1,)]:
        raise AssertionError("the connection is not as it was")
    return error


@steps.step("SQL that is none says where")
def _(db):
    return refused(db, "SELEKT 1")


@steps.step("a table that is not there is named")
def _(db):
    return refused(db, "SELECT * FROM missing")


@steps.step("a column that is not there is named")
def _(db):
    changed(db, "CREATE TABLE errors (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''))")
    return refused(db, "SELECT missing FROM errors")


@steps.step("an update of a table that is not there is refused, with values too")
def _(db):
    return [refusal(lambda: changed(db, "DELETE FROM missing")), refused(db, "DELETE FROM missing WHERE id = ?", (1,))]


@steps.step("a key that is there twice is named, and nothing is stored")
def _(db):
    changed(db, "INSERT INTO errors VALUES (1, 'a')")
    return [refusal(lambda: changed(db, "INSERT INTO errors VALUES (2, 'b'), (1, 'c')")), rows(db, "SELECT id FROM errors")]


@steps.step("a null where none may be, and a value that a check forbids")
def _(db):
    return [refused(db, "INSERT INTO errors VALUES (3, NULL)"), refused(db, "INSERT INTO errors VALUES (?, ?)", (3, ""))]


@steps.step("an error in the middle of a result ends it")
def _(db):
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
    return refused(db, f"{count} SELECT abs(iif(i < 150000, i, -9223372036854775807 - 1)) AS i FROM n")


@steps.step("two statements at once are refused")
def _(db):
    return refused(db, "SELECT 1 AS one; SELECT 2 AS two")


steps.run(connect(settings()["port"]))
