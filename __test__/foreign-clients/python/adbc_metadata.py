"""ADBC: what there is on the server."""

import adbc_driver_flightsql

from adbc import changed, connect, rows, schema_of
from steps import Steps, refusal, settings

steps = Steps()
port = settings()["port"]

OPTION = "adbc.flight.sql.session.option."
ERASE = "adbc.flight.sql.session.optionerase."


def objects(db, **options):
    return db.adbc_get_objects(**options).read_all().to_pylist()


def tables(db, **options):
    return [
        table
        for catalog in objects(db, **options)
        for db_schema in catalog["catalog_db_schemas"]
        for table in db_schema["db_schema_tables"]
    ]


@steps.step("catalogs")
def _(db):
    return [catalog["catalog_name"] for catalog in objects(db, depth="catalogs")]


@steps.step("the schemas of a catalog")
def _(db):
    [catalog] = objects(db, depth="db_schemas")
    return [catalog["catalog_name"], [db_schema["db_schema_name"] for db_schema in catalog["catalog_db_schemas"]]]


@steps.step("tables by the pattern of their name")
def _(db):
    changed(db, "CREATE TABLE meta_parent (a INTEGER PRIMARY KEY, b REAL, name TEXT)")
    changed(db, "CREATE TABLE meta_child (id INTEGER PRIMARY KEY, pa INTEGER, pb REAL)")
    return [(table["table_name"], table["table_type"]) for table in tables(db, depth="tables", table_name_filter="meta%")]


@steps.step("tables by their type")
def _(db):
    changed(db, "CREATE VIEW meta_view AS SELECT name FROM meta_parent")
    found = tables(db, depth="tables", table_name_filter="meta%", table_types_filter=["view"])
    return [(table["table_name"], table["table_type"]) for table in found]


@steps.step("tables of a catalog and a schema, and of those that are not there")
def _(db):
    named = [table["table_name"] for table in tables(db, depth="tables", catalog_filter="main", table_name_filter="meta_child")]
    return [named, objects(db, depth="tables", catalog_filter="no such catalog")]


@steps.step("the columns of a table, with their types and places")
def _(db):
    [table] = tables(db, depth="columns", table_name_filter="meta_parent")
    return [(column["column_name"], column["ordinal_position"], column["xdbc_data_type"]) for column in table["table_columns"]]


@steps.step("columns by the pattern of their name")
def _(db):
    [table] = tables(db, depth="columns", table_name_filter="meta_child", column_name_filter="p_")
    return [column["column_name"] for column in table["table_columns"]]


@steps.step("the types that columns were declared with")
def _(db):
    [table] = tables(db, depth="columns", table_name_filter="meta_parent")
    return [column["xdbc_type_name"] for column in table["table_columns"]]


@steps.step("the schema of a table")
def _(db):
    return schema_of(db.adbc_get_table_schema("meta_parent"))


@steps.step("the schema of a table that is not there is refused")
def _(db):
    return refusal(lambda: db.adbc_get_table_schema("no such table"))


@steps.step("the types of tables")
def _(db):
    return db.adbc_get_table_types()


@steps.step("what the server says of itself")
def _(db):
    info = db.adbc_get_info()
    return [info["vendor_name"], info["vendor_version"], info["vendor_arrow_version"]]


@steps.step("options of the session, before any is set")
def _(db):
    return db.adbc_connection.get_option("adbc.flight.sql.session.options")


@steps.step("options of the session, set and read and erased")
def _(db):
    cookies = {adbc_driver_flightsql.DatabaseOptions.WITH_COOKIE_MIDDLEWARE.value: "true"}
    with connect(port, **cookies) as session:
        connection = session.adbc_connection
        session.adbc_current_catalog = "main"
        connection.set_options(**{OPTION + "count": 5})
        before = [session.adbc_current_catalog, connection.get_option_int(OPTION + "count")]
        connection.set_options(**{ERASE + "count": ""})
        return [before, connection.get_option("adbc.flight.sql.session.options"), rows(session, "SELECT 1 AS one")]


steps.run(connect(port))
