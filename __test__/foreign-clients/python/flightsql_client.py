"""flightsql-dbapi: the client of Flight SQL below its DB-API, on pyarrow."""

import flightsql.flightsql_pb2 as pb
import pyarrow
from flightsql import TableRef

from flightsql_calls import client, flight_info, rows
from steps import Steps, refusal, settings

steps = Steps()


def listed(db, info, *columns):
    """Some columns of a metadata call, row by row."""
    found = [row for endpoint in info.endpoints for row in db.do_get(endpoint.ticket).read_all().to_pylist()]
    return [[row[column] for column in columns] for row in found]


def foreign(db, info):
    return listed(db, info, "pk_table_name", "pk_column_name", "fk_table_name", "fk_column_name")


@steps.step("an update tells how many rows it changed")
def _(db):
    db.execute_update("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, weight REAL)")
    return [
        db.execute_update("INSERT INTO items VALUES (1, 'a', 0.5), (2, NULL, NULL)"),
        db.execute_update("UPDATE items SET name = 'b' WHERE id > 100"),
    ]


@steps.step("a query has one endpoint, and its rows")
def _(db):
    info = db.execute("SELECT * FROM items ORDER BY id")
    return [len(info.endpoints), rows(db, info)]


@steps.step("a query has its schema before its rows are read")
def _(db):
    return [(field.name, str(field.type)) for field in db.execute("SELECT * FROM items").schema]


@steps.step("several endpoints, asked for by a header: every row once")
def _(db):
    many = client({**settings(), "metadata": {"x-flightsql-endpoints": "3"}})
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n"
    info = many.execute(count)
    return [len(info.endpoints), sorted(i for (i,) in rows(many, info))]


@steps.step("a ticket is read twice")
def _(db):
    info = db.execute("SELECT id FROM items ORDER BY id")
    return [rows(db, info), rows(db, info)]


@steps.step("a prepared statement runs with the record batch that was bound")
def _(db):
    with db.prepare("SELECT name FROM items WHERE id = ?") as statement:
        return [rows(db, statement.execute(pyarrow.RecordBatch.from_pydict({"id": [id]}))) for id in (1, 2)]


@steps.step("a prepared statement without parameters")
def _(db):
    with db.prepare("SELECT id FROM items ORDER BY id") as statement:
        return rows(db, statement.execute(None))


@steps.step("a prepared statement that was closed is gone")
def _(db):
    statement = db.prepare("SELECT id FROM items")
    statement.close()
    return refusal(lambda: flight_info(db, pb.CommandPreparedStatementQuery(prepared_statement_handle=statement.handle)))


@steps.step("catalogs, and the types of tables")
def _(db):
    return [rows(db, db.get_catalogs()), rows(db, db.get_table_types())]


@steps.step("schemas, by catalog and pattern")
def _(db):
    asked = ({}, {"catalog": "none"}, {"db_schema_filter_pattern": "x%"})
    return [rows(db, db.get_db_schemas(**options)) for options in asked]


@steps.step("tables, by type and pattern")
def _(db):
    db.execute_update("CREATE TABLE parts (id INTEGER PRIMARY KEY, item INTEGER REFERENCES items (id))")
    db.execute_update("CREATE VIEW named AS SELECT name FROM items")
    return [
        listed(db, db.get_tables(table_types=["table"], table_name_filter_pattern="%s"), "table_name", "table_type"),
        listed(db, db.get_tables(table_types=["view"]), "table_name", "table_type"),
        listed(db, db.get_tables(table_name_filter_pattern="none"), "table_name", "table_type"),
    ]


@steps.step("a table with its schema")
def _(db):
    [[name, schema]] = listed(db, db.get_tables(include_schema=True, table_name_filter_pattern="items"), "table_name", "table_schema")
    return [name, [(field.name, str(field.type)) for field in pyarrow.ipc.open_stream(schema).schema]]


@steps.step("primary, imported and exported keys, and those between two tables")
def _(db):
    items, parts = TableRef(table="items"), TableRef(table="parts")
    return [
        listed(db, db.get_primary_keys(items), "table_name", "column_name", "key_sequence"),
        foreign(db, db.get_imported_keys(parts)),
        foreign(db, db.get_exported_keys(items)),
        foreign(db, db.get_cross_reference(items, parts)),
        foreign(db, db.get_imported_keys(items)),
    ]


@steps.step("all types, and those of one number")
def _(db):
    def types(data_type):
        return [(name.lower(), number) for name, number in listed(db, db.get_xdbc_type_info(data_type), "type_name", "data_type")]

    every, integers = types(None), types(4)
    return [{"text", "integer", "double", "varchar"} <= {name for name, _ in every}, {number for _, number in integers}]


@steps.step("what the server says of itself: all of it, and one thing")
def _(db):
    return [len(rows(db, db.get_sql_info([]))) > 40, rows(db, db.get_sql_info([504]))]


steps.run(client(settings()))
