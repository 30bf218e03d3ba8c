"""Described types and values in the form in which Parquet can hold them: what it cannot say, it says in another unit.

Parquet has dates of days, no seconds for times and timestamps, its own interval of 12 bytes, and no dictionaries but as a
way of storing values. Applied to what was sent and to what was read back, both are the same if nothing was lost.
"""

import struct

from normalised import LIST_OF_VIEW

MS_OF_DAY = 86_400_000
PLAIN_OF_VIEW = {"utf8_view": "utf8", "binary_view": "binary"}


def parquet_schema(schema):
    return {**schema, "fields": [parquet_field(field) for field in schema["fields"]]}


def parquet_field(field):
    nullable = field["nullable"] or field["type"].get("valueNullable", False)
    return {**field, "nullable": nullable, "type": parquet_type(field["type"])}


def parquet_type(type_):
    kind = type_["kind"]
    if kind == "run_end_encoded":
        return parquet_type(type_["value"])
    if kind == "dictionary":
        value = parquet_type(type_["value"])
        return {**value, "kind": PLAIN_OF_VIEW.get(value["kind"], value["kind"])}
    if kind == "date64":
        return {"kind": "date32"}
    if kind in ("timestamp", "time32") and type_["unit"] == "s":
        return {**type_, "unit": "ms"}
    if kind in ("interval_months", "interval_day_time"):
        return {"kind": "fixed_size_binary", "width": 12}
    changed = {**type_, "kind": LIST_OF_VIEW.get(kind, kind)}
    if "children" in type_:
        changed["children"] = [parquet_field(child) for child in type_["children"]]
    return changed


def parquet_value(type_, value):
    kind = type_["kind"]
    if kind in ("run_end_encoded", "dictionary"):
        return parquet_value(type_["value"], value)
    if value is None:
        return None
    if kind == "date64":
        return str(int(value) // MS_OF_DAY)
    if kind in ("timestamp", "time32") and type_["unit"] == "s":
        return str(int(value) * 1000)
    if kind == "interval_months":
        return struct.pack("<iii", int(value), 0, 0).hex()
    if kind == "interval_day_time":
        return struct.pack("<iii", 0, *map(int, value)).hex()
    children = [child["type"] for child in type_.get("children", [])]
    if kind == "struct":
        return [parquet_value(child, item) for child, item in zip(children, value)]
    if kind == "map":
        return [[parquet_value(child, item) for child, item in zip(children, entry)] for entry in value]
    if children:
        return [parquet_value(children[0], item) for item in value]
    return value
