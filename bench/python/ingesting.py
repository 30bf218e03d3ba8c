"""What every Python client of the ingest does alike: the command line, the batch, the line of JSON."""

import argparse
import json

from meter import Meter
from shapes import batch as batch_of


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--uri", required=True)
    parser.add_argument("--shape", required=True)
    parser.add_argument("--rows", required=True, type=int)
    parser.add_argument("--batches", required=True, type=int)
    parser.add_argument("--warmup-batches", required=True, type=int)
    return parser.parse_args()


def run(options, ingest):
    """Sends what the server checks, then twice what it counts, and prints what the second time cost.

    ``ingest(table, batch, times)`` sends one batch again and again, and returns how many rows the server took.
    """
    batch = batch_of(options.shape, options.rows)
    checked = ingest(f"checked {options.shape} {options.rows}", batch, options.warmup_batches)
    first, _ = metered(ingest, batch, options.batches)
    cost, rows = metered(ingest, batch, options.batches)
    print(json.dumps({"rows": rows, **cost, "first": first, "checkedRows": checked}))


def metered(ingest, batch, times):
    meter = Meter()
    rows = ingest("counted", batch, times)
    return meter.end(), rows
