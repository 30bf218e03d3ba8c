import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { type ColumnModel, leaves, validity } from './arrow-columns.js';

/** Every type that holds others, over columns of any kind. */
export function nested(child: ColumnModel, other: ColumnModel): ColumnModel[] {
  return [
    list(child, false),
    list(child, true),
    fixedSizeList(child, 3),
    struct({ a: child, b: other }),
    map(leaves[15] as ColumnModel, child),
    union(arrow.UnionMode.Sparse, [child, other]),
    union(arrow.UnionMode.Dense, [child, other]),
    dictionary(child),
  ];
}

const item = (model: ColumnModel): arrow.Field => new arrow.Field('item', model.type, true);
const orNull = (model: ColumnModel): fc.Arbitrary<unknown> => fc.option(model.value, { nil: null });

function list(child: ColumnModel, large: boolean): ColumnModel {
  const type = large ? new arrow.LargeList(item(child)) : new arrow.List(item(child));
  return {
    type,
    value: fc.array(orNull(child), { maxLength: 4 }),
    data(values) {
      const { offsets, elements } = flatten(values as (unknown[] | null)[]);
      const valueOffsets = large ? BigInt64Array.from(offsets, BigInt) : Int32Array.from(offsets);
      return arrow.makeData({ type, valueOffsets, child: child.data(elements), ...validity(values) } as never) as arrow.Data;
    },
  };
}

/** Lists begin behind an element that none of them has. */
function flatten(values: readonly (unknown[] | null)[]): { offsets: number[]; elements: unknown[] } {
  const elements: unknown[] = [null];
  const offsets = [1];
  for (const value of values) {
    elements.push(...(value ?? []));
    offsets.push(elements.length);
  }
  return { offsets, elements };
}

function fixedSizeList(child: ColumnModel, size: number): ColumnModel {
  const type = new arrow.FixedSizeList(size, item(child));
  return {
    type,
    value: fc.array(orNull(child), { minLength: size, maxLength: size }),
    data(values) {
      const elements = (values as (unknown[] | null)[]).flatMap((value) => value ?? new Array(size).fill(null));
      return arrow.makeData({ type, child: child.data(elements), ...validity(values) } as never) as arrow.Data;
    },
  };
}

export function struct(children: { readonly [name: string]: ColumnModel }): ColumnModel {
  const fields = Object.entries(children).map(([name, child]) => new arrow.Field(name, child.type, true));
  const type = new arrow.Struct(fields);
  return {
    type,
    value: fc.record(Object.fromEntries(Object.entries(children).map(([name, child]) => [name, orNull(child)])), { noNullPrototype: true }),
    data(values) {
      const columns = Object.entries(children).map(([name, child]) =>
        child.data(values.map((value) => (value as { [name: string]: unknown } | null)?.[name] ?? null)),
      );
      return arrow.makeData({ type, children: columns, ...validity(values) } as never) as arrow.Data;
    },
  };
}

function map(key: ColumnModel, value: ColumnModel): ColumnModel {
  const entries = struct({ key, value });
  const type = new arrow.Map_(new arrow.Field('entries', entries.type, false) as never, true);
  return {
    type,
    value: fc.array(fc.tuple(key.value, orNull(value)), { maxLength: 3 }),
    data(values) {
      const { offsets, elements } = flatten(values as (unknown[] | null)[]);
      const pairs = elements.map((pair) =>
        pair === null ? { key: null, value: null } : { key: (pair as unknown[])[0], value: (pair as unknown[])[1] },
      );
      return arrow.makeData({
        type,
        valueOffsets: Int32Array.from(offsets),
        child: entries.data(pairs),
        ...validity(values),
      } as never) as arrow.Data;
    },
  };
}

/** A value of a union does not say which child it is of, so the children take turns. */
function union(mode: arrow.UnionMode, children: readonly [ColumnModel, ColumnModel]): ColumnModel {
  const ids = [5, 2] as const;
  const fields = children.map((child, i) => new arrow.Field(String(i), child.type, true));
  const type = mode === arrow.UnionMode.Dense ? new arrow.DenseUnion([...ids], fields) : new arrow.SparseUnion([...ids], fields);
  const tagged = (tag: 0 | 1): fc.Arbitrary<Tagged> => orNull(children[tag]).map((value) => new Tagged(tag, value));
  return {
    type,
    value: fc.oneof(tagged(0), tagged(1)),
    data(values) {
      const entries = values.map((value) => (value instanceof Tagged ? value : new Tagged(0, null)));
      const typeIds = Int8Array.from(entries, ({ tag }) => ids[tag]);
      if (mode === arrow.UnionMode.Sparse) {
        const columns = children.map((child, tag) => child.data(entries.map((entry) => (entry.tag === tag ? entry.value : null))));
        return arrow.makeData({ type, length: values.length, typeIds, children: columns } as never) as arrow.Data;
      }
      const parts: [unknown[], unknown[]] = [[], []];
      const valueOffsets = Int32Array.from(entries, ({ tag, value }) => parts[tag].push(value) - 1);
      const columns = children.map((child, tag) => child.data(parts[tag as 0 | 1]));
      return arrow.makeData({ type, length: values.length, typeIds, valueOffsets, children: columns } as never) as arrow.Data;
    },
  };
}

/** A value of a union together with the child that holds it; {@link untagged} takes the tags off. */
class Tagged {
  readonly tag: 0 | 1;
  readonly value: unknown;

  constructor(tag: 0 | 1, value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

/** What a row has for a generated value. */
export function untagged(value: unknown): unknown {
  if (value instanceof Tagged) return untagged(value.value);
  if (Array.isArray(value)) return value.map(untagged);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, untagged(entry)]));
}

let dictionaryId = 1000;

/** Dictionary-encoded values; every value is in the dictionary once for each row that has it, and a null stands at its end. */
function dictionary(values: ColumnModel): ColumnModel {
  const type = new arrow.Dictionary(values.type, new arrow.Int16(), dictionaryId++);
  return {
    type,
    value: values.value,
    data(entries) {
      const distinct = entries.filter((entry) => entry !== null);
      const half = distinct.length >> 1;
      const dictionary = new arrow.Vector([values.data(distinct.slice(0, half)), values.data([...distinct.slice(half), null])]);
      let next = 0;
      const data = Int16Array.from(entries, (entry) => (entry === null ? 0 : next++));
      return arrow.makeData({ type, data, dictionary, ...validity(entries) } as never) as arrow.Data;
    },
  };
}
