"""Streams that are remarkable for their messages rather than for the types in them."""

import random

import pyarrow as pa

from cases import Case, every_type_at_once
from composites import names, text
from makers import dictionary_of, list_of, never, sometimes, struct_of

MIB = 1 << 20


def stream(name, *batches, schema=None, app_metadata=None, **options):
    schema = batches[0].schema if schema is None else schema
    return Case(name, schema, list(batches), pa.ipc.IpcWriteOptions(**options), app_metadata)


def batch(**columns):
    return pa.record_batch(list(columns.values()), names=list(columns))


def numbers(count, start=0):
    return batch(number=pa.array(range(start, start + count), pa.int64()))


def shapes():
    none = pa.schema([])
    yield stream("no columns, no batches", schema=none)
    yield stream("no columns, no rows", without_columns(0))
    yield stream("no columns, three rows", without_columns(3))
    yield stream("no columns, several batches", without_columns(3), without_columns(0), without_columns(2))
    yield stream("one column, no batches", schema=pa.schema([("number", pa.int64())]))
    yield stream("one column, one empty batch", numbers(0))
    yield stream("empty batches between others", numbers(0), numbers(3), numbers(0), numbers(0), numbers(2, 3), numbers(0))
    yield stream("two hundred small batches", *[numbers(7, 7 * index) for index in range(200)])
    twins = [pa.array([1, 2]), pa.array(["a", None]), pa.array([True, False])]
    yield stream("duplicate column names", pa.record_batch(twins, names=["twin", "twin", "twin"]))
    yield stream("names that are no identifiers", pa.record_batch(twins, names=["", "größe (µm)", "__proto__"]))
    yield stream("five hundred columns", pa.record_batch([pa.array([i, None, -i]) for i in range(500)], names=[f"c{i}" for i in range(500)]))
    yield stream("a row group of slices", *[numbers(100).slice(start, 9) for start in (0, 1, 7, 8, 63, 91)])
    far = pa.array([2**63 - 1, -(2**63), None], pa.int64()).view(pa.timestamp("s", "UTC"))
    yield stream("seconds out of the range of milliseconds", batch(instant=far))
    blocks = pa.array([chr(97 + row) * 20_000 for row in range(8)], pa.string_view())
    yield stream("views over several buffers", batch(block=blocks, word=text(8, sometimes).cast(pa.string_view())))


def without_columns(rows):
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))


def metadata():
    inner = pa.field("inner", pa.int32(), metadata={"deep": "yes"})
    fields = [
        pa.field("plain", pa.int64()),
        pa.field("documented", pa.string(), metadata={"comment": "größe in µm", "empty": ""}),
        pa.field("nested", pa.struct([inner])),
    ]
    schema = pa.schema(fields, metadata={"origin": "tests", "😀": "keys too"})
    arrays = [pa.array([1]), pa.array(["a"]), pa.array([{"inner": 5}], fields[2].type)]
    yield stream("schema and field metadata", pa.record_batch(arrays, schema=schema))
    notes = [b"first", None, b"\x00\xff", b"last"]
    yield stream("application metadata", *[numbers(3, 3 * index) for index in range(4)], app_metadata=notes)


def dictionaries():
    first, grown, other = pa.array(["a", "b"]), pa.array(["a", "b", "c"]), pa.array(["x", "y"])
    codes = pa.array([0, 1, None, 1], pa.int8())

    def keyed(dictionary, indices=codes):
        return batch(key=pa.DictionaryArray.from_arrays(indices, dictionary))

    longer = pa.array([2, 0, None], pa.int8())
    yield stream("dictionary delta", keyed(first), keyed(grown, longer), keyed(grown), emit_dictionary_deltas=True)
    yield stream("dictionary replacement", keyed(first), keyed(other), keyed(first))
    yield stream("dictionary grown without deltas", keyed(first), keyed(grown, longer))
    grown_often = [keyed(pa.array([str(n) for n in range(size)]), pa.array([size - 1, 0], pa.int16())) for size in range(1, 40)]
    yield stream("dictionary delta in every batch", *grown_often, emit_dictionary_deltas=True)
    wide = pa.array([0, 1, None, 1], pa.int64())
    wide_longer = pa.array([2, 0, None], pa.int64())
    yield stream("dictionary delta, 64-bit index", keyed(first, wide), keyed(grown, wide_longer), emit_dictionary_deltas=True)
    in_list = list_of(struct_of(place=dictionary_of(names)))(6, sometimes)
    in_other = list_of(struct_of(place=dictionary_of(text)))(6, sometimes)
    yield stream("nested dictionary replacement", batch(key=in_list), batch(key=in_other), batch(key=in_list))
    pair = [keyed(first).column(0), keyed(other).column(0)]
    swapped = pair[::-1]
    yield stream("two dictionaries replaced", batch(a=pair[0], b=pair[1]), batch(a=swapped[0], b=swapped[1]))


def encodings():
    for codec in ("lz4", "zstd"):
        yield every_type_at_once(f"every type at once, {codec}", [100, 0, 37], compression=codec)
        chance = random.Random(codec)
        noise = pa.array([chance.randbytes(100) for _ in range(500)])
        yield stream(f"repetitive and random, {codec}", batch(same=pa.array([7] * 500), noise=noise), compression=codec)
    yield every_type_at_once("every type at once", [100, 0, 37])
    yield stream("metadata version 4", numbers(5), metadata_version=pa.ipc.MetadataVersion.V4)


def large():
    """Messages beyond the limits at which gRPC stacks give up: 4, 16 and 64 MiB."""
    for size in (5, 17, 65):
        count = size * MIB // 8
        words = pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(random.Random(size).randbytes(count * 8))])
        yield stream(f"a message of {size} MiB", batch(word=words))


def streams():
    for group in (shapes(), metadata(), dictionaries(), encodings()):
        yield from group
