"""Batches of the same columns whose schemas differ in what may be null."""

import pyarrow as pa

STRICT = {
    "plain": [1, 2],
    "word": ["a", "b"],
    "pair": [{"x": 1, "y": "p"}, {"x": 2, "y": "q"}],
    "list": [[{"x": 1, "y": "p"}], []],
    "triple": [[1, 2, 3], [4, 5, 6]],
    "map": [[("k", 1)], [("l", 2), ("m", 3)]],
    "key": (["a", "b"], [1, 0]),
    "row": ([{"x": 1, "y": "p"}, {"x": 2, "y": "q"}], [0, 1]),
}
LOOSE = {
    "plain": [None, 4],
    "word": ["c", None],
    "pair": [None, {"x": None, "y": "r"}],
    "list": [[None, {"x": 3, "y": None}], None],
    "triple": [[None, 8, 9], None],
    "map": [None, [("n", None)]],
    "key": (["c", None], [1, None]),
    "row": ([{"x": None, "y": "r"}, None], [0, 1]),
}


def schema_of(nullable):
    """A column of each way to nest; nothing in it may be null unless `nullable`, and the keys of maps never."""

    def number(name):
        return pa.field(name, pa.int64(), nullable)

    pair = pa.struct([number("x"), pa.field("y", pa.string(), nullable)])
    types = {
        "plain": pa.int64(),
        "word": pa.string(),
        "pair": pair,
        "list": pa.list_(pa.field("item", pair, nullable)),
        "triple": pa.list_(number("item"), 3),
        "map": pa.map_(pa.string(), number("value")),
        "key": pa.dictionary(pa.int8(), pa.string()),
        "row": pa.dictionary(pa.int8(), pair),
    }
    return pa.schema([pa.field(name, type_, nullable) for name, type_ in types.items()])


def batch(values, nullable):
    schema = schema_of(nullable)
    return pa.record_batch([array(values[field.name], field.type) for field in schema], schema=schema)


def array(values, type_):
    if not pa.types.is_dictionary(type_):
        return pa.array(values, type_)
    dictionary, indices = values
    return pa.DictionaryArray.from_arrays(pa.array(indices, type_.index_type), pa.array(dictionary, type_.value_type))


def strict_and_loose(order):
    """A batch without nulls and one with some, each under the schema that is right for it, and both under one for all rows."""
    batches = [batch(STRICT, nullable=False), batch(LOOSE, nullable=True)][::order]
    return batches, [batch(STRICT, nullable=True), batch(LOOSE, nullable=True)][::order]
