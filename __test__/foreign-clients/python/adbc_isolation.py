"""ADBC: what a connection sees of another's transaction."""

from adbc import changed, connect, rows
from steps import Steps, settings

steps = Steps()
port = settings()["port"]


@steps.step("nobody else sees what is not committed")
def _(db):
    changed(db, "CREATE TABLE seen (id INTEGER)")
    with connect(port, autocommit=False) as transaction:
        rows(transaction, "INSERT INTO seen VALUES (?)", (1,))
        before = rows(db, "SELECT id FROM seen")
        transaction.commit()
        return [before, rows(db, "SELECT id FROM seen")]


@steps.step("a transaction reads what was there when it first read")
def _(db):
    with connect(port, autocommit=False) as transaction:
        before = rows(transaction, "SELECT id FROM seen")
        changed(db, "INSERT INTO seen VALUES (2)")
        within = rows(transaction, "SELECT id FROM seen")
        transaction.rollback()
        return [before, within, rows(transaction, "SELECT id FROM seen")]


# The driver does not end a transaction when its connection is closed, so that no update can follow this step.
@steps.step("what a connection did not commit before it was closed is not to be seen")
def _(db):
    with connect(port, autocommit=False) as transaction:
        rows(transaction, "INSERT INTO seen VALUES (?)", (3,))
    return rows(db, "SELECT id FROM seen WHERE id = 3")


steps.run(connect(port))
