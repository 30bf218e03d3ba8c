"""ADBC's Flight SQL driver (Go) through its DB-API: `fetch_record_batch`, or `fetch_arrow_table`."""

import adbc_driver_flightsql.dbapi
from adbc_driver_flightsql import DatabaseOptions

from measured import parse_arguments, run


def main():
    options = parse_arguments()
    # Beyond its default of 16 MiB no batch of the bench goes; a server's owner would raise it all the same.
    limits = {DatabaseOptions.WITH_MAX_MSG_SIZE.value: str(1 << 30)}
    with adbc_driver_flightsql.dbapi.connect(options.uri, db_kwargs=limits, autocommit=True) as connection:

        def stream(query):
            with connection.cursor() as cursor:
                cursor.execute(query)
                yield from cursor.fetch_record_batch()

        def table(query):
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetch_arrow_table()

        run(options, stream, table)


if __name__ == "__main__":
    main()
