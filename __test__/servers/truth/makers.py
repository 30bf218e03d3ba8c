"""Builders of arrays. A maker takes a row count and a predicate that says which rows are null, and returns the array."""

import itertools

import pyarrow as pa


def never(row):
    return False


def sometimes(row):
    return row % 4 == 1


def always(row):
    return True


def mask_of(count, null_at):
    rows = [null_at(row) for row in range(count)]
    return pa.array(rows) if any(rows) else None


def leaf(samples):
    """Repeats the samples, an array without nulls, to any length."""

    def make(count, null_at):
        # Concatenation, unlike take, knows every type.
        missing = pa.nulls(1, samples.type)
        rows = [missing if null_at(row) else samples.slice(row % len(samples), 1) for row in range(count)]
        return pa.concat_arrays(rows) if rows else samples.slice(0, 0)

    return make


def as_type(child, constructor, field):
    """The list type over a child's type, its child field named, nullable or documented as `field` says."""
    return constructor(field.with_type(child.type) if field else child.type)


def list_of(child_maker, constructor=pa.list_, field=None):
    def make(count, null_at):
        # Null rows keep their share of the child: a null list need not be an empty one.
        sizes = [(2, 0, 1, 3)[row % 4] for row in range(count)]
        offsets = list(itertools.accumulate(sizes, initial=0))
        child = child_maker(offsets[-1], null_at)
        type_ = as_type(child, constructor, field)
        large = constructor is pa.large_list
        class_, width = (pa.LargeListArray, pa.int64()) if large else (pa.ListArray, pa.int32())
        return class_.from_arrays(pa.array(offsets, width), child, type=type_, mask=mask_of(count, null_at))

    return make


def list_view_of(child_maker, constructor=pa.list_view):
    def make(count, null_at):
        # Views run backwards over the child and overlap, as no list can.
        sizes = [(2, 0, 1, 3)[row % 4] for row in range(count)]
        offsets = [max(0, count - row - 1) for row in range(count)]
        child = child_maker(count + 3, null_at)
        large = constructor is pa.large_list_view
        class_, width = (pa.LargeListViewArray, pa.int64()) if large else (pa.ListViewArray, pa.int32())
        starts, lengths = pa.array(offsets, width), pa.array(sizes, width)
        return class_.from_arrays(starts, lengths, child, mask=mask_of(count, null_at))

    return make


def fixed_size_list_of(child_maker, size):
    def make(count, null_at):
        child = child_maker(count * size, null_at)
        if size == 0:
            rows = [None if null_at(row) else [] for row in range(count)]
            return pa.array(rows, pa.list_(child.type, 0))
        return pa.FixedSizeListArray.from_arrays(child, size, mask=mask_of(count, null_at))

    return make


def struct_of(**makers):
    def make(count, null_at):
        if not makers:
            return pa.array([None if null_at(row) else {} for row in range(count)], pa.struct([]))
        children = [maker(count, null_at) for maker in makers.values()]
        return pa.StructArray.from_arrays(children, names=list(makers), mask=mask_of(count, null_at))

    return make


def map_of(key_maker, item_maker, keys_sorted=False):
    def make(count, null_at):
        sizes = [(2, 0, 1, 3)[row % 4] for row in range(count)]
        offsets = list(itertools.accumulate(sizes, initial=0))
        keys, items = key_maker(offsets[-1], never), item_maker(offsets[-1], null_at)
        type_ = pa.map_(keys.type, items.type, keys_sorted=keys_sorted)
        return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), keys, items, type_, mask=mask_of(count, null_at))

    return make


def dense_union_of(codes, **makers):
    def make(count, null_at):
        picks = [row % len(makers) for row in range(count)]
        offsets = [picks[:row].count(pick) for row, pick in enumerate(picks)]
        children = [maker(picks.count(index), null_at) for index, maker in enumerate(makers.values())]
        types = pa.array([codes[pick] for pick in picks], pa.int8())
        return pa.UnionArray.from_dense(types, pa.array(offsets, pa.int32()), children, list(makers), codes)

    return make


def sparse_union_of(codes, **makers):
    def make(count, null_at):
        types = pa.array([codes[row % len(makers)] for row in range(count)], pa.int8())
        children = [maker(count, null_at) for maker in makers.values()]
        return pa.UnionArray.from_sparse(types, children, list(makers), codes)

    return make


def dictionary_of(value_maker, index_type=pa.int32(), ordered=False, size=5, null_value=False):
    def make(count, null_at):
        indices = [None if null_at(row) else (row * 3) % size for row in range(count)]
        dictionary = value_maker(size, sometimes if null_value else never)
        return pa.DictionaryArray.from_arrays(pa.array(indices, index_type), dictionary, ordered=ordered)

    return make


def run_end_encoded_of(value_maker, run_end_type=pa.int32()):
    def make(count, null_at):
        ends = list(range(3, count, 3)) + ([count] if count else [])
        return pa.RunEndEncodedArray.from_arrays(pa.array(ends, run_end_type), value_maker(len(ends), null_at))

    return make


def extension_of(type_, storage_maker):
    def make(count, null_at):
        return pa.ExtensionArray.from_storage(type_, storage_maker(count, null_at))

    return make
