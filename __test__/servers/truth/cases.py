"""Cases: a name, and the stream that is served under it."""

import json
import os
import re
from dataclasses import dataclass, field

import pyarrow as pa

from composites import composites
from leaves import leaves
from makers import always, never, sometimes
from neutral import describe_schema, values
from random_types import random_makers

ROWS = 11
RANDOM_TYPES = 60


@dataclass(frozen=True)
class Case:
    name: str
    schema: pa.Schema
    batches: list
    options: pa.ipc.IpcWriteOptions = field(default_factory=pa.ipc.IpcWriteOptions)
    app_metadata: list = None

    def expected(self):
        return {
            "name": self.name,
            "schema": describe_schema(self.schema),
            "batches": [
                {"rows": batch.num_rows, "columns": [values(column) for column in batch.columns]} for batch in self.batches
            ],
            "appMetadata": self.app_metadata and [note and note.hex() for note in self.app_metadata],
        }

    def write(self, folder):
        """Leaves the expected values and the stream itself in a folder, and returns the name of the two files."""
        stem = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")
        (folder / f"{stem}.json").write_text(json.dumps(self.expected()), "utf-8")
        with pa.ipc.new_stream(folder / f"{stem}.arrows", self.schema) as writer:
            for batch in self.batches:
                writer.write_batch(batch)
        return stem


def every_type():
    yield from leaves()
    yield from composites()
    first = int(os.environ.get("FLIGHTSQL_TRUTH_SEED", "0"))
    yield from random_makers(range(first, first + RANDOM_TYPES))


def column_case(name, *arrays, nullable=True):
    """`nullable=False` holds for types that can do without nulls."""
    has_nulls = any(value is None for array in arrays for value in values(array))
    nullable = nullable or has_nulls or arrays[0].type == pa.null()
    schema = pa.schema([pa.field("value", arrays[0].type, nullable=nullable)])
    return Case(name, schema, [pa.record_batch([array], schema=schema) for array in arrays])


def forms_of_every_type():
    for name, maker in every_type():
        yield column_case(f"{name} / with nulls", maker(ROWS, sometimes))
        yield column_case(f"{name} / without nulls", maker(ROWS, never), nullable=False)
        yield column_case(f"{name} / all null", maker(ROWS, always))
        yield column_case(f"{name} / empty", maker(0, never))
        # An odd offset: bitmaps cannot be cut at a byte.
        yield column_case(f"{name} / sliced", maker(ROWS + 5, sometimes).slice(3, ROWS))
        yield column_case(f"{name} / several batches", maker(4, sometimes), maker(0, never), maker(7, never))


def every_type_at_once(name, rows, **options):
    makers = dict(every_type())
    # Its child grows by half with each level.
    del makers["twelve lists deep"]
    batches = [pa.record_batch([maker(count, sometimes) for maker in makers.values()], names=list(makers)) for count in rows]
    return Case(name, batches[0].schema, batches, pa.ipc.IpcWriteOptions(**options))
