"""The bench's three shapes, by the arithmetic of rust/src/shapes.rs: every server sends the same values."""

import pyarrow as pa

BATCH_ROWS = (1_024, 8_192, 65_536)
CITIES = ["Berlin", "Nairobi", "Lima", "Osaka", "Toronto", "Oslo", "Perth", "Valencia"]
CATEGORIES = [f"category-{category:03}" for category in range(64)]


def ident(row):
    return row * 2_654_435_761 + 7


def noise(row):
    return ident(row) & 0xFFFF_FFFF


def price(row):
    return (noise(row) % 1_000_000) / 100


def microseconds(row):
    return 1_700_000_000_000_000 + row * 1_000_003


def column(kind, rows, value, null=lambda row: False):
    return pa.array([None if null(row) else value(row) for row in range(rows)], kind)


def numeric(rows):
    return {
        "id": column(pa.int64(), rows, ident),
        "price": column(pa.float64(), rows, price),
        "quantity": column(pa.int32(), rows, lambda row: noise(row) >> 16),
        "at": column(pa.timestamp("us", "UTC"), rows, microseconds),
    }


def mixed(rows):
    return {
        "id": column(pa.int64(), rows, ident),
        "name": column(pa.utf8(), rows, lambda row: f"customer-{noise(row) % 100_000}", lambda row: row % 10 == 3),
        "price": column(pa.float64(), rows, price, lambda row: row % 7 == 2),
        "active": column(pa.bool_(), rows, lambda row: noise(row) & 1 == 1),
        "city": column(pa.utf8(), rows, lambda row: CITIES[(noise(row) >> 8) % len(CITIES)]),
        "at": column(pa.timestamp("us", "UTC"), rows, microseconds, lambda row: row % 16 == 5),
    }


def label(row):
    if row % 3 == 0:
        return f"item-{noise(row) % 1_000}"
    return f"a longer description, number {noise(row) % 1_000_000}"


def views(rows):
    # Decimals are made from their unscaled value: 18 digits, 2 of them after the point.
    unscaled = [noise(row) - (1 << 31) for row in range(rows)]
    raw = b"".join(value.to_bytes(16, "little", signed=True) for value in unscaled)
    keys = column(pa.int32(), rows, lambda row: (noise(row) >> 10) % len(CATEGORIES))
    return {
        "id": column(pa.int64(), rows, ident),
        "label": column(pa.string_view(), rows, label),
        "amount": pa.Array.from_buffers(pa.decimal128(18, 2), rows, [None, pa.py_buffer(raw)]),
        "category": pa.DictionaryArray.from_arrays(keys, pa.array(CATEGORIES)),
    }


SHAPES = {"numeric": numeric, "mixed": mixed, "views": views}


def batch(shape, rows):
    return pa.RecordBatch.from_pydict(SHAPES[shape](rows))
