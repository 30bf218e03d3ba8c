"""Compares what the client wrote with what a truth server sent.

Each line on standard input is a request: {"kind": "ipc" | "parquet", "actual": path, "expected": path of the .json,
"source": path of the .arrows}; each line of the answer is {"difference": null} or {"difference": text}.
"""

import json
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as parquet

from neutral import describe_schema, values
from normalised import normalised_schema
from parquet_form import parquet_schema, parquet_value

# pyarrow reads these, and compares whole tables of them, but has no class for their arrays.
WITHOUT_A_CLASS = ("interval_months", "interval_day_time")


def ipc_difference(request):
    with open(request["actual"], "rb") as file:
        reader = pa.ipc.open_stream(file)
        schema, actual = describe_schema(reader.schema), reader.read_all()
        if file.read(1):
            return "there are bytes after the end of the stream"
    actual.validate(full=True)
    expected = read_json(request["expected"])
    difference = schema_difference(schema, normalised_schema(expected["schema"]))
    if difference:
        return difference
    if any(kind in json.dumps(schema) for kind in WITHOUT_A_CLASS):
        source = pa.ipc.open_stream(request["source"]).read_all()
        return None if actual.equals(source) else "the tables differ"
    return values_difference(actual.num_rows, [values_of(column) for column in actual.columns], expected)


def parquet_difference(request):
    # As a file, not as a data set, which has no two columns of one name.
    file = parquet.ParquetFile(request["actual"])
    actual, expected = file.read(), read_json(request["expected"])
    actual.validate(full=True)
    schema = describe_schema(actual.schema)
    difference = schema_difference(parquet_schema(schema), parquet_schema(expected["schema"]))
    if difference:
        return difference
    columns = [in_parquet_form(field, values_of(column)) for field, column in zip(schema["fields"], actual.columns)]
    for batch in filter(None, expected["batches"]):
        fields = expected["schema"]["fields"]
        batch["columns"] = [in_parquet_form(field, column) for field, column in zip(fields, batch["columns"])]
    return values_difference(file.metadata.num_rows, columns, expected)


def in_parquet_form(field, column):
    return [parquet_value(field["type"], value) for value in column]


def read_json(path):
    return json.loads(pathlib.Path(path).read_text("utf-8"))


def values_of(column):
    return [value for chunk in column.chunks for value in values(chunk)]


def schema_difference(actual, expected):
    for got, wanted in zip(actual["fields"], expected["fields"]):
        if got != wanted:
            return f"a field is {got}, expected {wanted}"
    return None if actual == expected else f"the schema is {actual}, expected {expected}"


def values_difference(rows, columns, expected):
    batches = [batch for batch in expected["batches"] if batch]
    expected_rows = sum(batch["rows"] for batch in batches)
    if rows != expected_rows:
        return f"there are {rows} rows, expected {expected_rows}"
    for index, field in enumerate(expected["schema"]["fields"]):
        wanted = [value for batch in batches for value in batch["columns"][index]]
        for row, (got, value) in enumerate(zip(columns[index], wanted, strict=True)):
            if got != value:
                return f"column {field['name']!r}, row {row}: {got!r}, expected {value!r}"
    return None


def main():
    kinds = {"ipc": ipc_difference, "parquet": parquet_difference}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            difference = kinds[request["kind"]](request)
        except Exception as error:  # A file that cannot be read is an answer, not the end of the checker.
            difference = f"{type(error).__name__}: {error}"
        print(json.dumps({"difference": difference}), flush=True)


if __name__ == "__main__":
    main()
