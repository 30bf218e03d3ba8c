"""flightsql-dbapi: SQLAlchemy by its dialect, which is called after DataFusion."""

import flightsql.sqlalchemy  # registers the dialect
import sqlalchemy
from sqlalchemy import Column, Integer, MetaData, Table, Text

from steps import Steps, refusal, settings

steps = Steps()
port = settings()["port"]

FEATURES = "feature-sqlalchemy-prepared-statements=on&feature-sqlalchemy-primary-keys=on"


def engine(features=FEATURES):
    return sqlalchemy.create_engine(f"datafusion+flightsql://127.0.0.1:{port}?insecure=true&{features}")


def notes(metadata):
    return Table("notes", metadata, Column("id", Integer, primary_key=True), Column("text", Text))


@steps.step("a table is made")
def _(db):
    metadata = MetaData()
    notes(metadata)
    metadata.create_all(db.engine)
    return sqlalchemy.inspect(db.engine).has_table("notes")


@steps.step("rows are inserted, one and many")
def _(db):
    table = notes(MetaData())
    db.execute(table.insert().values(id=1, text="größer 漢 🦆"))
    db.execute(table.insert(), [{"id": 2, "text": "b"}, {"id": 3, "text": "c"}])
    return db.execute(sqlalchemy.select(table).order_by(table.c.id)).fetchall()


@steps.step("expressions with parameters")
def _(db):
    table = notes(MetaData())
    chosen = sqlalchemy.select(table.c.text).where(table.c.id.in_([1, 3]), table.c.text != "x").order_by(table.c.id.desc()).limit(1)
    return db.execute(chosen).fetchall()


@steps.step("rows are updated and deleted")
def _(db):
    table = notes(MetaData())
    db.execute(table.update().where(table.c.id == 2).values(text="changed"))
    db.execute(table.delete().where(table.c.id == 3))
    return db.execute(sqlalchemy.select(table).where(table.c.id > 1)).fetchall()


@steps.step("a table is reflected, with its types and its primary key")
def _(db):
    table = Table("notes", MetaData(), autoload_with=db.engine)
    return [(column.name, str(column.type), column.primary_key) for column in table.columns]


@steps.step("names are found out")
def _(db):
    inspector = sqlalchemy.inspect(db.engine)
    return ["notes" in inspector.get_table_names(), inspector.get_schema_names(), inspector.has_table("none")]


@steps.step("parameters written into the statement, where prepared ones are not asked for")
def _(db):
    literal = engine("feature-none=on")
    table = notes(MetaData())
    with literal.connect() as connection:
        return connection.execute(sqlalchemy.select(table.c.text).where(table.c.id == 1)).fetchall()


@steps.step("what is wrong comes in the server's words, and the connection goes on")
def _(db):
    return [refusal(lambda: db.execute(sqlalchemy.text("SELECT * FROM missing"))), db.execute(sqlalchemy.text("SELECT 1 AS one")).fetchall()]


@steps.step("a table is dropped")
def _(db):
    notes(metadata := MetaData())
    metadata.drop_all(db.engine)
    return sqlalchemy.inspect(db.engine).has_table("notes")


steps.run(engine().connect())
