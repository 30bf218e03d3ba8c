"""Every Arrow type with children, and the types nested in one another."""

import pyarrow as pa

from leaves import TEXT
from makers import (
    dense_union_of,
    dictionary_of,
    extension_of,
    fixed_size_list_of,
    leaf,
    list_of,
    list_view_of,
    map_of,
    never,
    run_end_encoded_of,
    sparse_union_of,
    struct_of,
)


def integer(type_):
    return leaf(pa.array([3, 1, 4, 15, 92, 65, 35], type_))


text, views = leaf(pa.array(TEXT)), leaf(pa.array(TEXT, pa.string_view()))
int8, int32, int64 = (integer(type_) for type_ in (pa.int8(), pa.int32(), pa.int64()))
names = leaf(pa.array(["north", "east", "south", "west", "somewhere else entirely"]))
money = leaf(pa.array(["0.01", "-123456789.99", "5"]).cast(pa.decimal128(18, 2)))
instants = leaf(pa.array([1_704_164_645_123_456_789, -1], pa.int64()).view(pa.timestamp("ns", "UTC")))
noted = pa.field("element", pa.int32(), nullable=False, metadata={"unit": "µm"})


def single():
    yield "list<int32>", list_of(int32)
    yield "list<named child with metadata>", lambda count, null_at: list_of(int32, field=noted)(count, never)
    yield "large_list<utf8>", list_of(text, pa.large_list)
    yield "fixed_size_list<int16>[3]", fixed_size_list_of(integer(pa.int16()), 3)
    yield "fixed_size_list<int8>[0]", fixed_size_list_of(int8, 0)
    yield "list_view<int64>", list_view_of(int64)
    yield "large_list_view<utf8>", list_view_of(text, pa.large_list_view)
    yield "struct<int64, utf8>", struct_of(number=int64, word=text)
    yield "struct<>", struct_of()
    yield "struct<same name twice>", same_name_twice
    yield "map<utf8, int32>", map_of(names, int32)
    yield "map<int64, utf8>", map_of(int64, text)
    yield "map<utf8, int32> sorted", map_of(names, int32, keys_sorted=True)
    yield "dense_union<int64, utf8>", dense_union_of([0, 1], number=int64, word=text)
    yield "dense_union with codes 5, 100, 127", dense_union_of([5, 100, 127], number=int8, word=names, sum=money)
    yield "sparse_union<int64, utf8>", sparse_union_of([0, 1], number=int64, word=text)
    yield "sparse_union with codes 7, 3", sparse_union_of([7, 3], flag=leaf(pa.array([True, False])), word=names)


def same_name_twice(count, null_at):
    fields = [pa.field("twin", pa.int64()), pa.field("twin", pa.string())]
    return pa.StructArray.from_arrays([int64(count, null_at), text(count, null_at)], fields=fields)


def dictionaries():
    for bits in (8, 16, 32, 64):
        for type_ in (getattr(pa, f"int{bits}")(), getattr(pa, f"uint{bits}")()):
            yield f"dictionary<{type_}, utf8>", dictionary_of(names, type_)
    yield "dictionary<int8, utf8> ordered", dictionary_of(names, pa.int8(), ordered=True)
    yield "dictionary<int32, int64>", dictionary_of(int64)
    yield "dictionary<int16, utf8_view>", dictionary_of(views, pa.int16())
    yield "dictionary<int32, decimal128>", dictionary_of(money, size=3)
    yield "dictionary<int32, utf8> with a null value", dictionary_of(names, null_value=True)
    yield "dictionary<int32, list<int32>>", dictionary_of(list_of(int32))
    yield "dictionary<int32, list_view<int32>>", dictionary_of(list_view_of(int32))
    yield "dictionary<int8, run_end_encoded>", dictionary_of(run_end_encoded_of(text), pa.int8())
    yield "dictionary<int32, struct<dictionary>>", dictionary_of(struct_of(place=dictionary_of(names, pa.int8())))
    yield "dictionary<int64, struct<dictionary<int64>>>", dictionary_of(
        struct_of(place=dictionary_of(names, pa.int64())), pa.int64()
    )


def run_ends():
    for type_ in (pa.int16(), pa.int32(), pa.int64()):
        yield f"run_end_encoded<{type_}, utf8>", run_end_encoded_of(text, type_)
    yield "run_end_encoded<int32, int64>", run_end_encoded_of(int64)
    yield "run_end_encoded<int32, bool>", run_end_encoded_of(leaf(pa.array([True, False])))
    yield "run_end_encoded<int32, utf8_view>", run_end_encoded_of(views)
    yield "run_end_encoded<int32, struct>", run_end_encoded_of(struct_of(number=int64, word=text))
    yield "run_end_encoded<int32, list<int32>>", run_end_encoded_of(list_of(int32))
    yield "run_end_encoded<int32, dictionary>", run_end_encoded_of(dictionary_of(names, pa.int8()))
    yield "run_end_encoded<int32, null>", run_end_encoded_of(leaf(pa.nulls(1)))


class Tagged(pa.ExtensionType):
    """An extension type that no reader knows."""

    def __init__(self, storage=pa.string()):
        super().__init__(storage, "example.tagged")

    def __arrow_ext_serialize__(self):
        return b'{"tag": "\xc3\xa9"}'

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        return cls(storage_type)


def extensions():
    uuids = leaf(pa.array([bytes(range(16)), b"\xff" * 16], pa.binary(16)))
    documents = leaf(pa.array(['{"a": 1}', "null", "[]"]))
    yield "extension arrow.uuid", extension_of(pa.uuid(), uuids)
    yield "extension arrow.json", extension_of(pa.json_(), documents)
    yield "extension arrow.bool8", extension_of(pa.bool8(), leaf(pa.array([0, 1, -1], pa.int8())))
    yield "extension arrow.opaque", extension_of(pa.opaque(pa.binary(), "geometry", "elsewhere"), leaf(pa.array([b"\x01"])))
    tensor = pa.fixed_shape_tensor(pa.int32(), [2, 2])
    yield "extension arrow.fixed_shape_tensor", extension_of(tensor, fixed_size_list_of(int32, 4))
    yield "extension example.tagged", extension_of(Tagged(), text)
    yield "list<extension arrow.uuid>", list_of(extension_of(pa.uuid(), uuids))
    yield "struct<extension arrow.json>", struct_of(document=extension_of(pa.json_(), documents))
    yield "extension over dictionary", extension_of(
        Tagged(pa.dictionary(pa.int32(), pa.string())), dictionary_of(names)
    )
    yield "extension over list_view", extension_of(Tagged(pa.list_view(pa.int32())), list_view_of(int32))


def nested():
    tokens = dictionary_of(names, pa.int8())
    runs = run_end_encoded_of(text)
    yield "list<struct<dictionary>>", list_of(struct_of(place=tokens, number=int64))
    yield "list<dictionary>", list_of(tokens)
    yield "list<dictionary<int64>>", list_of(dictionary_of(names, pa.int64()))
    yield "list<list<list<utf8>>>", list_of(list_of(list_of(text)))
    yield "list<utf8_view>", list_of(views)
    yield "list<timestamp>", list_of(instants)
    yield "list<decimal128>", list_of(money)
    yield "large_list<map<utf8, list<int32>>>", list_of(map_of(names, list_of(int32)), pa.large_list)
    yield "list_view<run_end_encoded>", list_view_of(runs)
    yield "list_view<list_view<utf8>>", list_view_of(list_view_of(text))
    yield "list_view<dictionary<int64>>", list_view_of(dictionary_of(names, pa.int64()))
    yield "list_view<struct<list_view, run_end_encoded>>", list_view_of(struct_of(inner=list_view_of(int32), runs=runs))
    yield "struct<list_view>", struct_of(items=list_view_of(int64), number=int32)
    yield "struct<run_end_encoded>", struct_of(runs=runs)
    yield "struct<struct<struct<utf8_view>>>", struct_of(a=struct_of(b=struct_of(c=views)))
    yield "map<utf8, list<int32>>", map_of(names, list_of(int32))
    yield "map<utf8, large_list_view<utf8>>", map_of(names, list_view_of(text, pa.large_list_view))
    yield "run_end_encoded<int32, map<utf8, list_view<int32>>>", run_end_encoded_of(map_of(names, list_view_of(int32)))
    yield "list_view<map<utf8, run_end_encoded>>", list_view_of(map_of(names, runs))
    yield "map<dictionary, run_end_encoded>", map_of(tokens, runs)
    yield "fixed_size_list<dictionary>[2]", fixed_size_list_of(tokens, 2)
    yield "fixed_size_list<list_view>[2]", fixed_size_list_of(list_view_of(int8), 2)
    yield "dense_union<struct, list, dictionary, run_end_encoded>", dense_union_of(
        [0, 1, 2, 3], record=struct_of(number=int64), items=list_of(text), place=tokens, runs=runs
    )
    yield "sparse_union<struct, list_view, dictionary<int64>>", sparse_union_of(
        [0, 1, 2], record=struct_of(number=int64), items=list_view_of(int32), place=dictionary_of(names, pa.int64())
    )
    yield "dense_union<sparse_union, null>", dense_union_of(
        [4, 9], inner=sparse_union_of([0, 1], number=int8, word=names), nothing=leaf(pa.nulls(1))
    )
    yield "list<dense_union>", list_of(dense_union_of([0, 1], number=int64, word=text))
    yield "twelve lists deep", deep(12)


def deep(levels):
    maker = int32
    for _ in range(levels):
        maker = list_of(maker)
    return maker


def composites():
    for group in (single(), dictionaries(), run_ends(), extensions(), nested()):
        yield from group
