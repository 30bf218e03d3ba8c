"""ADBC: what changes the database, and transactions."""

from adbc import changed, connect, rows
from steps import Steps, refusal, settings

steps = Steps()
port = settings()["port"]

COUNT = "SELECT COUNT(*) FROM changes"


def insert(connection, id, name="n"):
    rows(connection, "INSERT INTO changes VALUES (?, ?)", (id, name))


@steps.step("a table, an index and a view are made, altered and dropped")
def _(db):
    for sql in (
        "CREATE TABLE made (id INTEGER)",
        "CREATE INDEX made_id ON made (id)",
        "ALTER TABLE made ADD COLUMN name TEXT",
        "INSERT INTO made VALUES (1, 'a')",
        "CREATE VIEW seen AS SELECT name FROM made",
    ):
        changed(db, sql)
    found = rows(db, "SELECT * FROM seen")
    changed(db, "DROP VIEW seen")
    changed(db, "DROP TABLE made")
    return [found, refusal(lambda: rows(db, "SELECT * FROM made"))]


@steps.step("an update tells how many rows it changed")
def _(db):
    changed(db, "CREATE TABLE changes (id INTEGER PRIMARY KEY, name TEXT)")
    return [
        changed(db, "INSERT INTO changes VALUES (1, 'a'), (2, 'b'), (3, 'c')"),
        changed(db, "UPDATE changes SET name = 'd' WHERE id > 1"),
        changed(db, "UPDATE changes SET name = 'd' WHERE id > 100"),
        changed(db, "DELETE FROM changes WHERE id = 3"),
    ]


@steps.step("a statement that changes the database does so when it is run as a query, once")
def _(db):
    return [rows(db, "INSERT INTO changes VALUES (4, 'e')"), rows(db, COUNT)]


@steps.step("the rows that an update returns")
def _(db):
    return rows(db, "UPDATE changes SET name = 'r' WHERE id < 3 RETURNING id, name")


@steps.step("the rows that an update with parameters returns")
def _(db):
    return rows(db, "INSERT INTO changes VALUES (?, ?) RETURNING id, name", (5, "p"))


@steps.step("a transaction that is rolled back leaves nothing")
def _(db):
    with connect(port, autocommit=False) as transaction:
        insert(transaction, 10)
        within = rows(transaction, COUNT)
        transaction.rollback()
        return [within, rows(db, COUNT)]


@steps.step("a transaction that is committed stays")
def _(db):
    with connect(port, autocommit=False) as transaction:
        insert(transaction, 11)
        transaction.commit()
    return rows(db, "SELECT id FROM changes WHERE id = 11")


@steps.step("one transaction after another on a connection")
def _(db):
    with connect(port, autocommit=False) as transaction:
        insert(transaction, 12)
        transaction.commit()
        insert(transaction, 13)
        transaction.rollback()
        insert(transaction, 14)
        transaction.commit()
    return rows(db, "SELECT id FROM changes WHERE id IN (12, 13, 14) ORDER BY id")


@steps.step("updates, tables and many rows of a transaction are undone together")
def _(db):
    with connect(port, autocommit=False) as transaction:
        counts = [changed(transaction, "UPDATE changes SET name = 'u' WHERE id < 3")]
        changed(transaction, "CREATE TABLE passing (id INTEGER)")
        with transaction.cursor() as cursor:
            cursor.executemany("INSERT INTO passing VALUES (?)", [(1,), (2,)])
            counts.append(cursor.rowcount)
        transaction.rollback()
    return [counts, rows(db, "SELECT COUNT(*) FROM changes WHERE name = 'u'"), refusal(lambda: rows(db, "SELECT * FROM passing"))]


@steps.step("after an error a transaction can be rolled back, and the next one begun")
def _(db):
    with connect(port, autocommit=False) as transaction:
        insert(transaction, 16)
        error = refusal(lambda: insert(transaction, 1))
        transaction.rollback()
        insert(transaction, 17)
        transaction.commit()
    return [rows(db, "SELECT id FROM changes WHERE id IN (16, 17)"), error]


@steps.step("when a connection commits by itself again, what it did is committed")
def _(db):
    with connect(port, autocommit=False) as connection:
        insert(connection, 18)
        connection.adbc_connection.set_autocommit(True)
        insert(connection, 19)
    return rows(db, "SELECT id FROM changes WHERE id IN (18, 19) ORDER BY id")


steps.run(connect(port))
