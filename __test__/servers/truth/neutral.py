"""Arrow schemas and values as JSON that loses nothing and knows no Arrow library.

Integers, dates, times and durations are decimal text in the type's own unit, decimals are plain text with the scale
applied, floats are the hexadecimal bits of their width, binary is hexadecimal, lists are arrays, structs are arrays by
field position, maps are arrays of [key, value], union values are [type code, value]. Dictionary-encoded, run-end
encoded and extension values are the values that they stand for.
"""

import bisect
import struct

import pyarrow as pa

# A reader that knows no extension types sees what is on the wire: the storage type, and the metadata of its field.
for name in ("arrow.bool8", "arrow.fixed_shape_tensor", "arrow.json", "arrow.opaque", "arrow.uuid"):
    pa.unregister_extension_type(name)

KINDS = {
    pa.lib.Type_NA: "null",
    pa.lib.Type_BOOL: "bool",
    pa.lib.Type_HALF_FLOAT: "float16",
    pa.lib.Type_FLOAT: "float32",
    pa.lib.Type_DOUBLE: "float64",
    pa.lib.Type_DATE32: "date32",
    pa.lib.Type_DATE64: "date64",
    pa.lib.Type_TIME32: "time32",
    pa.lib.Type_TIME64: "time64",
    pa.lib.Type_TIMESTAMP: "timestamp",
    pa.lib.Type_DURATION: "duration",
    21: "interval_months",
    22: "interval_day_time",
    pa.lib.Type_INTERVAL_MONTH_DAY_NANO: "interval_month_day_nano",
    pa.lib.Type_STRING: "utf8",
    pa.lib.Type_LARGE_STRING: "large_utf8",
    pa.lib.Type_STRING_VIEW: "utf8_view",
    pa.lib.Type_BINARY: "binary",
    pa.lib.Type_LARGE_BINARY: "large_binary",
    pa.lib.Type_BINARY_VIEW: "binary_view",
    pa.lib.Type_FIXED_SIZE_BINARY: "fixed_size_binary",
    pa.lib.Type_LIST: "list",
    pa.lib.Type_LARGE_LIST: "large_list",
    pa.lib.Type_FIXED_SIZE_LIST: "fixed_size_list",
    pa.lib.Type_LIST_VIEW: "list_view",
    pa.lib.Type_LARGE_LIST_VIEW: "large_list_view",
    pa.lib.Type_STRUCT: "struct",
    pa.lib.Type_MAP: "map",
    pa.lib.Type_SPARSE_UNION: "sparse_union",
    pa.lib.Type_DENSE_UNION: "dense_union",
    pa.lib.Type_DICTIONARY: "dictionary",
    pa.lib.Type_RUN_END_ENCODED: "run_end_encoded",
}
for bits in (8, 16, 32, 64):
    KINDS[getattr(pa.lib, f"Type_INT{bits}")] = f"int{bits}"
    KINDS[getattr(pa.lib, f"Type_UINT{bits}")] = f"uint{bits}"
for bits in (32, 64, 128, 256):
    KINDS[getattr(pa.lib, f"Type_DECIMAL{bits}")] = f"decimal{bits}"

LISTS = ("list", "large_list", "list_view", "large_list_view")
UNIONS = ("sparse_union", "dense_union")


def kind_of(type_):
    return KINDS[type_.id]


def describe_schema(schema):
    schema = pa.ipc.read_schema(schema.serialize())
    return {"metadata": text_metadata(schema.metadata), "fields": [describe_field(field) for field in schema]}


def describe_field(field):
    metadata = text_metadata(field.metadata)
    return {"name": field.name, "nullable": field.nullable, "metadata": metadata, "type": describe_type(field.type)}


def text_metadata(metadata):
    return {key.decode(): value.decode() for key, value in (metadata or {}).items()}


def describe_type(type_):
    kind = kind_of(type_)
    described = {"kind": kind}
    if kind.startswith("decimal"):
        described.update(precision=type_.precision, scale=type_.scale)
    elif kind in ("time32", "time64", "duration"):
        described.update(unit=type_.unit)
    elif kind == "timestamp":
        described.update(unit=type_.unit, zone=type_.tz)
    elif kind == "fixed_size_binary":
        described.update(width=type_.byte_width)
    elif kind == "fixed_size_list":
        described.update(size=type_.list_size, children=[describe_field(type_.value_field)])
    elif kind in LISTS:
        described.update(children=[describe_field(type_.value_field)])
    elif kind == "map":
        described.update(
            keysSorted=type_.keys_sorted,
            children=[describe_field(type_.key_field), describe_field(type_.item_field)],
        )
    elif kind == "struct":
        described.update(children=[describe_field(field) for field in type_])
    elif kind in UNIONS:
        fields = [type_.field(index) for index in range(type_.num_fields)]
        described.update(codes=type_.type_codes, children=[describe_field(field) for field in fields])
    elif kind == "dictionary":
        value = pa.field("", type_.value_type)
        described.update(index=kind_of(type_.index_type), ordered=type_.ordered, value=describe_field(value)["type"])
    elif kind == "run_end_encoded":
        value = pa.field("", type_.value_type)
        # The flag of the run-end encoded field itself says nothing: nulls are among the values.
        described.update(runEnd=kind_of(type_.run_end_type), value=describe_field(value)["type"])
        described.update(valueNullable=type_.field(1).nullable)
    return described


def values(array):
    """The values of an array, one a row, null as None."""
    if isinstance(array, pa.ExtensionArray):
        return values(array.storage)
    kind = kind_of(array.type)
    if kind == "null":
        return [None] * len(array)
    if kind in UNIONS:
        return union_values(array, dense=kind == "dense_union")
    if kind == "run_end_encoded":
        return run_values(array)
    if kind == "dictionary":
        dictionary = values(array.dictionary)
        return [None if index is None else dictionary[index] for index in array.indices.to_pylist()]
    if kind == "struct":
        columns = [values(array.field(index)) for index in range(array.type.num_fields)]
        rows = [[column[row] for column in columns] for row in range(len(array))]
    elif kind == "map":
        entries = [list(entry) for entry in zip(values(array.keys), values(array.items))]
        rows = sliced_by_offsets(array, entries)
    elif kind in ("list", "large_list"):
        rows = sliced_by_offsets(array, values(array.values))
    elif kind in ("list_view", "large_list_view"):
        child = values(array.values)
        rows = [child[start : start + size] for start, size in zip(array.offsets.to_pylist(), array.sizes.to_pylist())]
    elif kind == "fixed_size_list":
        child, size = values(array.values), array.type.list_size
        starts = range(array.offset * size, (array.offset + len(array)) * size, size) if size else [0] * len(array)
        rows = [child[start : start + size] for start in starts]
    else:
        return [None if value is None else value for value in plain_values(array, kind)]
    return [row if valid else None for row, valid in zip(rows, array.is_valid().to_pylist())]


def sliced_by_offsets(array, child):
    offsets = array.offsets.to_pylist()
    return [child[start:end] for start, end in zip(offsets, offsets[1:])]


def run_values(array):
    ends, child = array.run_ends.to_pylist(), values(array.values)
    return [child[bisect.bisect_right(ends, array.offset + row)] for row in range(len(array))]


def union_values(array, dense):
    # UnionArray.type_codes and .offsets do not look at the array's own offset.
    start, buffers = array.offset, array.buffers()
    codes = memoryview(buffers[1]).cast("b")[start : start + len(array)] if len(array) else []
    children = {code: values(array.field(index)) for index, code in enumerate(array.type.type_codes)}
    if dense:
        offsets = memoryview(buffers[2]).cast("i")[start : start + len(array)] if len(array) else []
    else:
        offsets = range(len(array))
    return [[code, children[code][offset]] for code, offset in zip(codes, offsets)]


def plain_values(array, kind):
    if kind.startswith("float"):
        bits = int(kind.removeprefix("float"))
        words = array.view(getattr(pa, f"uint{bits}")()).to_pylist()
        return [word if word is None else f"{word:0{bits // 4}x}" for word in words]
    if kind.startswith("decimal"):
        return [value if value is None else format(value, "f") for value in array.to_pylist()]
    if kind == "interval_day_time":
        return unpacked(array, "<ii")
    if kind == "interval_month_day_nano":
        return unpacked(array, "<iiq")
    if "utf8" in kind or kind == "bool":
        return array.to_pylist()
    if "binary" in kind:
        return [value if value is None else value.hex() for value in array.to_pylist()]
    if kind in ("date32", "time32", "interval_months"):
        array = array.view(pa.int32())
    elif kind in ("date64", "time64", "timestamp", "duration"):
        array = array.view(pa.int64())
    return [value if value is None else str(value) for value in array.to_pylist()]


def unpacked(array, layout):
    packed = array.view(pa.binary(struct.calcsize(layout))).to_pylist()
    return [value if value is None else [str(part) for part in struct.unpack(layout, value)] for value in packed]
