"""A connection of ADBC's Flight SQL driver, and the calls that the programs make of it."""

import adbc_driver_flightsql.dbapi
import pyarrow

HEADER = "adbc.flight.sql.rpc.call_header."


def connect(port, autocommit=True, **options):
    return adbc_driver_flightsql.dbapi.connect(f"grpc+tcp://127.0.0.1:{port}", db_kwargs=options, autocommit=autocommit)


def rows(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def changed(connection, sql):
    """How many rows an update changed, run as one: `cursor.execute` runs everything as a query."""
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_sql_query(sql)
        return cursor.adbc_statement.execute_update()


def table(connection, sql, **options):
    """A result in Arrow; `options` are those of the statement."""
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**options)
        cursor.execute(sql)
        return cursor.fetch_arrow_table()


def schema_of(schema):
    return [[field.name, str(field.type)] for field in schema]


def record_batch(**columns):
    return pyarrow.RecordBatch.from_pydict(columns)
