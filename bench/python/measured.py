"""What every Python client of the bench does alike: the command line, the meter, the line of JSON."""

import argparse
import ctypes
import json

import pyarrow.compute as pc

from meter import Meter


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--uri", required=True)
    parser.add_argument("--shape", required=True)
    parser.add_argument("--rows", required=True, type=int)
    parser.add_argument("--bytes", required=True, type=int)
    parser.add_argument("--warmup-bytes", required=True, type=int)
    parser.add_argument("--mode", required=True, choices=["stream", "table"])
    return parser.parse_args()


def run(options, stream, table):
    """Reads the warm-up and checks it, reads the query twice and measures both, prints the result.

    ``stream(query)`` yields batches, ``table(query)`` returns a table.
    """
    warmup = f"{options.shape} {options.rows} {options.warmup_bytes}"
    query = f"{options.shape} {options.rows} {options.bytes}"
    read = read_stream if options.mode == "stream" else read_table
    source = stream if options.mode == "stream" else table
    checked = tally(stream(warmup) if options.mode == "stream" else table(warmup).to_batches())
    first, _ = metered(read, source, query)
    cost, rows = metered(read, source, query)
    print(json.dumps({"mode": options.mode, "rows": rows, **cost, "first": first, "longestEventLoopDelayMs": None, "warmup": checked}))


def read_stream(stream, query):
    return sum(touched(batch) for batch in stream(query)), None


def touched(batch):
    """What is looked at in a batch: its number of rows, and one value of its first column."""
    if not batch.column(0)[batch.num_rows - 1].is_valid:
        raise ValueError("an id is missing")
    return batch.num_rows


def read_table(table, query):
    result = table(query)
    return result.num_rows, result


def metered(read, source, query):
    meter = Meter()
    # What was read is let go after the measurement.
    rows, _result = read(source, query)
    return meter.end(), rows


def tally(batches):
    rows, checksum = 0, 0
    for batch in batches:
        rows += batch.num_rows
        # Wraps around at 64 bits, as the sum in the other clients does.
        checksum += pc.sum(batch.column(0)).as_py()
    return {"rows": rows, "checksum": str(ctypes.c_int64(checksum).value)}
