"""ADBC: what a query gives of columns that were declared with types which SQLite itself does not have."""

from adbc import changed, connect, rows, schema_of, table
from steps import Steps, settings

steps = Steps()


@steps.step("values of the types that columns are declared with")
def _(db):
    changed(db, "CREATE TABLE typed (yes BOOLEAN, price DECIMAL(12,2), day DATE, hour TIME, moment TIMESTAMP, small SMALLINT)")
    changed(db, "INSERT INTO typed VALUES (1, '12.50', '2024-02-29', '13:14:15.5', '2024-02-29 13:14:15.123456', -5)")
    return rows(db, "SELECT * FROM typed")


@steps.step("nulls of every declared type")
def _(db):
    changed(db, "INSERT INTO typed DEFAULT VALUES")
    return rows(db, "SELECT * FROM typed WHERE small IS NULL")


@steps.step("the types of declared columns in Arrow")
def _(db):
    return schema_of(table(db, "SELECT * FROM typed").schema)


steps.run(connect(settings()["port"]))
