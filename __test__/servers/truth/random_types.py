"""Types nested in one another at random, the same ones for the same seed."""

import random

import pyarrow as pa

from leaves import leaves
from makers import (
    dense_union_of,
    dictionary_of,
    fixed_size_list_of,
    list_of,
    list_view_of,
    map_of,
    run_end_encoded_of,
    sparse_union_of,
    struct_of,
)

INDEX_TYPES = [pa.int8(), pa.uint16(), pa.int32(), pa.int64(), pa.uint64()]
RUN_END_TYPES = [pa.int16(), pa.int32(), pa.int64()]


def random_makers(seeds):
    for seed in seeds:
        yield f"random type {seed}", random_maker(random.Random(seed), 4)


def random_leaf(chance, nullable=True):
    return chance.choice([maker for name, maker in leaves() if nullable or name != "null"])


def random_maker(chance, depth, encoded=False):
    """`encoded` is set below a dictionary or runs, whose values are not encoded once more."""
    if depth == 0 or chance.random() < 0.15:
        return random_leaf(chance)

    def child():
        return random_maker(chance, depth - 1)

    def children():
        return {f"f{index}": child() for index in range(chance.randint(1, 3))}

    def union(constructor):
        makers = children()
        return constructor(chance.sample(range(128), len(makers)), **makers)

    def value():
        return random_maker(chance, depth - 1, encoded=True)

    choices = [
        lambda: list_of(child(), chance.choice([pa.list_, pa.large_list])),
        lambda: list_view_of(child(), chance.choice([pa.list_view, pa.large_list_view])),
        lambda: fixed_size_list_of(child(), chance.randint(1, 3)),
        lambda: struct_of(**children()),
        lambda: map_of(random_leaf(chance, nullable=False), child()),
        lambda: union(dense_union_of),
        lambda: union(sparse_union_of),
    ]
    if not encoded:
        choices.append(lambda: dictionary_of(value(), chance.choice(INDEX_TYPES), null_value=chance.random() < 0.5))
        choices.append(lambda: run_end_encoded_of(value(), chance.choice(RUN_END_TYPES)))
    return chance.choice(choices)()
