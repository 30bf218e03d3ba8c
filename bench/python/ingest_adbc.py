"""ADBC's Flight SQL driver (Go) through its DB-API: `adbc_ingest` of a reader of record batches."""

import adbc_driver_flightsql.dbapi
import pyarrow as pa

from ingesting import parse_arguments, run


def main():
    options = parse_arguments()
    with adbc_driver_flightsql.dbapi.connect(options.uri, autocommit=True) as connection:

        def ingest(table, batch, times):
            with connection.cursor() as cursor:
                reader = pa.RecordBatchReader.from_batches(batch.schema, (batch for _ in range(times)))
                return cursor.adbc_ingest(table, reader, mode="append")

        run(options, ingest)


if __name__ == "__main__":
    main()
