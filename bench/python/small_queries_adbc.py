"""Small queries by ADBC's Flight SQL driver (Go), through its driver manager: without the DB-API, which would ask more of Python.

What is asked at once is asked by threads, each with a statement of its own on the one connection; the driver works without Python's lock.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import adbc_driver_flightsql
import adbc_driver_manager
import pyarrow as pa

from meter import Meter

ONE_ROW, ONE_ROW_ID = "numeric 1 1", 7
PREPARED = "numeric row ?"
PARAMETERS = pa.schema([("id", pa.int64())])


class Asker:
    """Asks one query after another."""

    def __init__(self, statement, kind):
        self.statement = statement
        self.binds = kind == "prepared"
        self.statement.set_sql_query(PREPARED if self.binds else ONE_ROW)
        if self.binds:
            self.statement.prepare()

    def ask(self, queries):
        took = []
        for ident in range(queries):
            began = time.perf_counter()
            if self.binds:
                parameters = pa.record_batch([pa.array([ident], pa.int64())], schema=PARAMETERS)
                self.statement.bind(parameters)
            stream, _ = self.statement.execute_query()
            table = pa.RecordBatchReader.from_stream(stream).read_all()
            took.append(time.perf_counter() - began)
            rows = table.column(0).to_pylist()
            if rows != [ident if self.binds else ONE_ROW_ID]:
                raise ValueError(f"the result has the ids {rows}")
        return took


def ask_all(askers, queries):
    """So many queries over all askers; the seconds of each."""
    each = -(-queries // len(askers))
    with ThreadPoolExecutor(len(askers)) as threads:
        took = threads.map(lambda asker: asker.ask(each), askers)
        return sorted(seconds for its in took for seconds in its)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--uri", required=True)
    parser.add_argument("--kind", required=True, choices=["query", "prepared"])
    parser.add_argument("--queries", required=True, type=int)
    parser.add_argument("--warmup", required=True, type=int)
    parser.add_argument("--at-once", required=True, type=int)
    options = parser.parse_args()
    with ExitStack() as opened:
        database = opened.enter_context(adbc_driver_flightsql.connect(options.uri))
        connection = opened.enter_context(adbc_driver_manager.AdbcConnection(database))
        statements = [opened.enter_context(adbc_driver_manager.AdbcStatement(connection)) for _ in range(options.at_once)]
        askers = [Asker(statement, options.kind) for statement in statements]
        ask_all(askers, options.warmup)
        meter = Meter()
        took = ask_all(askers, options.queries)
        cost = meter.end()
        median, p99 = (took[min(int(len(took) * part), len(took) - 1)] * 1e3 for part in (0.5, 0.99))
        figures = {"queries": len(took), "medianMs": median, "p99Ms": p99}
        print(json.dumps({**figures, "seconds": cost["seconds"], "cpuSeconds": cost["cpuSeconds"]}))


if __name__ == "__main__":
    main()
