"""Every Arrow type without children, each with the values at which clients go wrong."""

from decimal import Decimal

import pyarrow as pa

from makers import leaf

INT32_RANGE = [-(2**31), -1, 0, 1, 2**31 - 1]
INT64_RANGE = [-(2**63), -(2**53) - 1, -1, 0, 1, 2**53 + 1, 2**63 - 1]
# Around the epoch, before it, with every digit of a nanosecond, and where a JavaScript Date ends.
INSTANTS = [0, -1, 1, 1_704_164_645_123_456_789, -1_704_164_645_123_456_789, 951_782_399, -62_135_596_800]
DATE_LIMIT_MS = 8_640_000_000_000_000

TEXT = ["", "a", "héllo", "twelve bytes", "thirteen byte", "日本語テキスト", "😀 past the basic plane", "nul\0inside", "x" * 300]
BYTES = [b"", b"\x00", b"\xff\xfe", b"twelve bytes", b"thirteen byte", bytes(range(256)), b"\x80" * 300]

# Zeros of both signs, infinities, quiet and signalling NaN with a payload, the least and the greatest magnitudes.
FLOAT_BITS = {
    16: [0x0000, 0x8000, 0x3C00, 0xC100, 0x0001, 0x03FF, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0x7D01],
    32: [0x00000000, 0x80000000, 0x3F800000, 0x3DCCCCCD, 0x00000001, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7FA00001],
    64: [
        0x0000000000000000, 0x8000000000000000, 0x3FF0000000000000, 0x3FB999999999999A, 0x0000000000000001,
        0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0x7FF4000000000001,
    ],
}  # fmt: skip


def decimals(type_):
    precision, scale = type_.precision, type_.scale
    greatest = 10**precision - 1
    unscaled = [0, 1, -1, 12345, -456, greatest, -greatest, greatest // 7]
    fitting = [value for value in unscaled if abs(value) <= greatest]
    return pa.array([exact(value, scale) for value in fitting], type_)


def exact(unscaled, scale):
    # From text: arithmetic would round to the 28 digits of Python's decimal context.
    return Decimal(f"{unscaled}E{-scale}")


def seconds_or_finer(unit):
    return [instant // 1000 for instant in INSTANTS] if unit == "s" else INSTANTS


def stored(type_, words, storage=pa.int64()):
    """Values by their stored words, for types that Python's own cannot hold exactly."""
    return pa.array(words, storage).view(type_)


def integers():
    yield pa.int8(), pa.array([-128, -1, 0, 1, 127], pa.int8())
    yield pa.int16(), pa.array([-(2**15), -1, 0, 1, 2**15 - 1], pa.int16())
    yield pa.int32(), pa.array(INT32_RANGE, pa.int32())
    yield pa.int64(), pa.array(INT64_RANGE, pa.int64())
    for bits in (8, 16, 32, 64):
        type_ = getattr(pa, f"uint{bits}")()
        yield type_, pa.array([0, 1, 2 ** (bits - 1), 2**bits - 1], type_)


def floats():
    for bits, words in FLOAT_BITS.items():
        storage = getattr(pa, f"uint{bits}")()
        yield getattr(pa, f"float{bits}")(), stored(getattr(pa, f"float{bits}")(), words, storage)


def decimal_types():
    yield from [pa.decimal32(9, 2), pa.decimal32(1, 0), pa.decimal32(9, 9), pa.decimal32(5, -3)]
    yield from [pa.decimal64(18, 4), pa.decimal64(18, 0), pa.decimal64(10, -5)]
    yield from [pa.decimal128(38, 0), pa.decimal128(38, 10), pa.decimal128(38, 38), pa.decimal128(5, -2)]
    yield from [pa.decimal256(76, 0), pa.decimal256(76, 38), pa.decimal256(76, 76), pa.decimal256(40, -6)]


def dates_and_times():
    days = [*INT32_RANGE, 19_723, -719_162, DATE_LIMIT_MS // 86_400_000, -DATE_LIMIT_MS // 86_400_000 - 1]
    yield pa.date32(), stored(pa.date32(), days, pa.int32())
    yield pa.date64(), stored(pa.date64(), [day * 86_400_000 for day in days])
    yield pa.time32("s"), stored(pa.time32("s"), [0, 1, 86_399], pa.int32())
    yield pa.time32("ms"), stored(pa.time32("ms"), [0, 1, 45_296_789, 86_399_999], pa.int32())
    yield pa.time64("us"), stored(pa.time64("us"), [0, 1, 45_296_789_012, 86_399_999_999])
    yield pa.time64("ns"), stored(pa.time64("ns"), [0, 1, 45_296_789_012_345, 86_399_999_999_999])
    for unit in ("s", "ms", "us", "ns"):
        for zone in (None, "UTC", "+05:30", "America/New_York"):
            # Seconds beyond this, which no other unit can count, are a case of streams.py.
            limits = [2**63 // 1000, -(2**63) // 1000 + 1] if unit == "s" else INT64_RANGE
            yield pa.timestamp(unit, zone), stored(pa.timestamp(unit, zone), [*seconds_or_finer(unit), *limits])
        yield pa.duration(unit), stored(pa.duration(unit), INT64_RANGE)
    spans = [(0, 0, 0), (1, 2, 3), (-1, -2, -3), (2**31 - 1, -(2**31), 2**63 - 1), (14, 31, -(2**63))]
    yield pa.month_day_nano_interval(), pa.array(spans, pa.month_day_nano_interval())


def text_and_bytes():
    for type_ in (pa.string(), pa.large_string(), pa.string_view()):
        yield type_, pa.array(TEXT, type_)
    for type_ in (pa.binary(), pa.large_binary(), pa.binary_view()):
        yield type_, pa.array(BYTES, type_)
    for width in (1, 3, 16, 0):
        yield pa.binary(width), pa.array([bytes([row]) * width for row in (0, 1, 127, 128, 255)], pa.binary(width))


def leaves():
    """Maker by type name."""
    yield "null", leaf(pa.nulls(1))
    yield "bool", leaf(pa.array([True, False, False, True, True]))
    for group in (integers(), floats(), dates_and_times(), text_and_bytes()):
        for type_, samples in group:
            yield str(type_), leaf(samples)
    for type_ in decimal_types():
        yield str(type_), leaf(decimals(type_))
